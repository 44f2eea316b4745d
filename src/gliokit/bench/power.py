"""How many patients a study needs, from digital cohorts of several sizes.

A study shows something where the one-sided 97.5 % lower bound of its headline (mean AUC within
folds, Harrell's C) is above one half, and more than a baseline does where the bound of its gain
over the best baseline is above 0: the same rules as `gliokit.bench.judge`.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import pairwise
from pathlib import Path
from types import MappingProxyType
from typing import Any

import numpy as np

from gliokit import __version__
from gliokit.batch import Job, Outcome, Task, digest_of_text, run_batch
from gliokit.bench.digital import MOST_PATIENTS, digital_cohort
from gliokit.bench.judging import judge
from gliokit.bench.needed import Needed, needed_patients
from gliokit.bench.protocol import Protocol
from gliokit.bench.running import run_systems
from gliokit.evaluation import Estimate, wilson_interval
from gliokit.study import StudyError, UsageError
from gliokit.systems import BASELINES, Budget, find_system, missing_inputs
from gliokit.systems.own_file import content_of

__all__ = ["Power", "PowerPlan", "SizePower", "power_of", "share_of", "study_power"]

CHANCE = 0.5
JUDGE_DRAWS = 400
LEAST_PATIENTS = 10
LEVEL = 0.95


@dataclass(frozen=True, slots=True)
class PowerPlan:
    """What is simulated.

    Args:
        system: Name of one that learns from numbers.
        target: Of `DIGITAL_TARGETS`.
        effect: How strongly it shows, 0 to 5; 1 as published.
        sizes: Patients of a study, ascending.
        cohorts: Of each size.
        wanted: Power that is enough.
        folds: Of each cross-validation.
        budget: Of each fit.
        seed: Of the cohorts.

    Raises:
        UsageError: something can't be.
    """

    system: str
    target: str
    effect: float = 1.0
    sizes: tuple[int, ...] = (50, 100, 200, 400)
    cohorts: int = 20
    wanted: float = 0.8
    folds: int = 5
    budget: Budget = "small"
    seed: int = 0

    def __post_init__(self) -> None:
        ascending = all(a < b for a, b in pairwise(self.sizes))
        within = all(LEAST_PATIENTS <= n <= MOST_PATIENTS for n in self.sizes)
        if len(self.sizes) < 2 or not ascending or not within:
            raise UsageError(
                f"sizes are two or more, ascending, {LEAST_PATIENTS} to {MOST_PATIENTS} patients",
                source="sizes",
                found=", ".join(map(str, self.sizes)),
            )
        if self.cohorts < 5 or not 0 < self.wanted < 1 or self.seed < 0:
            raise UsageError(
                "a plan has 5 cohorts or more of each size, a power between 0 and 1, a seed "
                "of 0 or more",
                found=(self.cohorts, self.wanted, self.seed),
            )
        Protocol(folds=self.folds)


@dataclass(frozen=True, slots=True)
class SizePower:
    """What studies of one size show.

    Args:
        patients: Of each.
        chance, baseline: Share of studies that exclude chance, and that beat the best
            baseline, with Wilson's interval; `baseline` is None for a baseline. Studies whose
            own interval can't be computed, since every draw of patients gives the same, are not
            among them, nor those that were refused: `n` says how many are; of none the share is
            NaN. A study at one half or below shows nothing, with or without an interval.
        headline: Mean AUC or C of those that could be judged; NaN of none.
        unjudged: Studies refused, with too few patients of a class: they say nothing of power.
        why: Of the first of these.
        no_interval: Studies without an interval of the headline or of the gain.
    """

    patients: int
    chance: Estimate
    baseline: Estimate | None
    headline: float
    unjudged: int
    why: str = ""
    no_interval: int = 0

    @property
    def was_run(self) -> bool:
        """Whether a study of this size was large enough to be run."""
        return not math.isnan(self.headline)


@dataclass(frozen=True, slots=True)
class Power:
    """What was simulated, and how many patients are needed.

    Args:
        chance, baseline: Patients to exclude chance, and to beat the best baseline.
        failures: Of single cohorts, by name; they are not counted.
    """

    plan: PowerPlan
    sizes: tuple[SizePower, ...]
    chance: Needed
    baseline: Needed | None
    failures: dict[str, str]


@dataclass(frozen=True, slots=True)
class _Order:
    system: str
    target: str
    effect: float
    patients: int
    folds: int
    budget: Budget
    seed: int


def _silent(_: str) -> None:
    return


def study_power(
    plan: PowerPlan,
    *,
    workers: int = 0,
    cluster: str | None = None,
    kept: Path | None = None,
    progress: Callable[[str], None] = _silent,
) -> Power:
    """Simulate studies of every size and say how many patients are needed.

    Args:
        plan: What is simulated.
        workers, cluster, kept: As of `gliokit.batch.run_batch`: with `kept` a call that was
            stopped, or one with more sizes or cohorts, goes on from what is there.
        progress: Told how far it is.

    Raises:
        UsageError: the system is not there, of another task, or needs what tables lack.
        StudyError: no cohort of a size gave a result, since the system failed.
    """
    _check_system(plan)
    orders = {f"{n} patients, cohort {k + 1}": _order(plan, n, k)
              for n in plan.sizes for k in range(plan.cohorts)}  # fmt: skip
    done = 0

    def step(_: str) -> None:
        nonlocal done
        done += 1
        progress(f"{done} of {len(orders)} cohorts")

    task = Task(_trial, fingerprint=_fingerprint, version=__version__)
    outcomes = run_batch(task, [Job(name, order) for name, order in orders.items()],
                         workers=workers, cluster=cluster, kept=kept, progress=step)  # fmt: skip
    sizes = [
        _of_size(
            n, outcomes[i * plan.cohorts : (i + 1) * plan.cohorts], plan.system not in BASELINES
        )
        for i, n in enumerate(plan.sizes)
    ]
    failures = {o.name: f"{o.failure.kind}: {o.failure.reason}" for o in outcomes if o.failure}
    return power_of(plan, sizes, failures)


def power_of(
    plan: PowerPlan, sizes: Sequence[SizePower], failures: Mapping[str, str] = MappingProxyType({})
) -> Power:
    """How many patients are needed, by what studies of each size showed.

    Sizes of which no study was run are passed over.

    Args:
        plan: What was simulated.
        sizes: As many as the plan's, in its order.
        failures: Of single cohorts.
    """
    gains = [s.baseline for s in sizes if s.baseline is not None]
    return Power(
        plan,
        tuple(sizes),
        _needed(plan, [s.chance for s in sizes]),
        _needed(plan, gains) if gains else None,
        dict(failures),
    )


def _check_system(plan: PowerPlan) -> None:
    """Refuse what no size could change, before anything runs."""
    system = find_system(plan.system)
    cohort = digital_cohort(plan.target, 10, effect=plan.effect, seed=plan.seed)
    task = "survival" if plan.target == "survival" else "classification"
    if system.card.state != "baseline" and system.card.task != task:
        raise UsageError(f"target '{plan.target}' asks for systems of {task}",
                         source=plan.system, found=system.card.task)  # fmt: skip
    lacks = missing_inputs(system.needs, cohort.inputs)
    if lacks:
        raise UsageError(
            "a system whose power is asked learns from numbers that digital patients have",
            source=plan.system,
            found=f"one that needs {', '.join(next(iter(lacks.values())))}",
            way_out="Bench it on digital patients with images ('gliokit phantom cohort').",
        )


def _order(plan: PowerPlan, patients: int, k: int) -> _Order:
    # Of a size and place alone: more sizes or cohorts leave the others as they are.
    seed = int(np.random.SeedSequence([plan.seed, patients, k]).generate_state(1)[0])
    return _Order(plan.system, plan.target, plan.effect, patients, plan.folds, plan.budget, seed)


def _fingerprint(order: _Order) -> str:
    return digest_of_text(content_of(order.system), *(f"{k}={v}" for k, v in asdict(order).items()))


def _trial(order: _Order) -> dict[str, Any]:
    """One study: its headline with lower bound, and the lower bound of its gain."""
    cohort = digital_cohort(order.target, order.patients, effect=order.effect, seed=order.seed)
    protocol = Protocol(folds=order.folds, seed=order.seed % 2**31)
    try:
        # Nothing planted is an alias; in a small cohort it may look like one.
        run = run_systems(cohort, order.target, [order.system], protocol, budget=order.budget,
                          allowed=cohort.inputs.columns)  # fmt: skip
        if order.system in run.failures:
            raise RuntimeError(run.failures[order.system])
        judged = judge(run, seed=protocol.seed, draws=JUDGE_DRAWS)[0]
    except (StudyError, UsageError) as error:
        return {"unjudged": str(error)}
    mine = next(j for j in judged if j.system == order.system)
    gain = None if mine.gain is None else mine.gain.low
    return {"value": mine.headline.value, "low": mine.headline.low, "gain_low": gain}


def _of_size(patients: int, outcomes: Sequence[Outcome], rival: bool) -> SizePower:
    found = [o.value for o in outcomes if o.failure is None]
    if not found:
        first = next(o.failure for o in outcomes if o.failure is not None)
        raise StudyError("a system answers for one cohort of each size or more",
                         source=f"{patients} patients", found=first.reason)  # fmt: skip
    judged = [v for v in found if "unjudged" not in v]
    unjudged = [v["unjudged"] for v in found if "unjudged" in v]
    above_chance = [_above_chance(v) for v in judged]
    gained = [v["gain_low"] for v in judged] if rival else []
    return SizePower(
        patients,
        _share(above_chance),
        _share(gained) if rival else None,
        float(np.mean([v["value"] for v in judged])) if judged else math.nan,
        len(unjudged),
        unjudged[0] if unjudged else "",
        int(np.isnan([above_chance, gained or above_chance]).any(axis=0).sum()),
    )


def _above_chance(study: dict[str, Any]) -> float:
    """The lower bound less one half; of a study that lies no higher by itself what it lies at."""
    low, value = float(study["low"]), float(study["value"])
    return (value if math.isnan(low) and value <= CHANCE else low) - CHANCE


def _share(bounds: Sequence[float]) -> Estimate:
    """Of studies whose lower bound is above 0; those without a bound are left out."""
    known = [b for b in bounds if not math.isnan(b)]
    return share_of(sum(b > 0 for b in known), len(known))


def share_of(shown: int, studies: int) -> Estimate:
    """Share of studies that show it, with Wilson's interval; NaN of none."""
    if not studies:
        return Estimate(math.nan, math.nan, math.nan, 0, "wilson", LEVEL)
    low, high = wilson_interval(shown, studies)
    share = shown / studies
    return Estimate(share, min(low, share), max(high, share), studies, "wilson", LEVEL)


def _needed(plan: PowerPlan, shares: Sequence[Estimate]) -> Needed:
    shown = [round(s.value * s.n) if s.n else 0 for s in shares]
    return needed_patients(plan.sizes, shown, [s.n for s in shares], wanted=plan.wanted,
                           seed=plan.seed)  # fmt: skip
