"""Every system on every fold; one that fails does not stop the rest."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from gliokit import __version__
from gliokit.batch import Job, Task, digest_of_array, digest_of_text, run_batch
from gliokit.bench.cohort import BenchCohort, with_identities
from gliokit.bench.identity import Identities
from gliokit.bench.leaks import check_aliases, check_resolved
from gliokit.bench.protocol import Fold, Protocol, split
from gliokit.study import UsageError
from gliokit.systems import (
    BASELINES,
    Budget,
    ClassProbabilities,
    ClassTarget,
    Images,
    Inputs,
    Risk,
    SurvivalTarget,
    TrainingSet,
    check_needs,
    find_system,
    missing_inputs,
)
from gliokit.systems.own_file import content_of

__all__ = ["Prediction", "Run", "run_systems"]


LEAST_TESTED = 2
_OTHER_JUDGES = {
    "segmentation": "Label maps are judged by 'gliokit evaluate'.",
    "voxel map": "Voxel maps have no judge in the bench.",
    "detection": "Detections are judged by gliokit.evaluation.froc_curve.",
}


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a system said of a patient it had not seen.

    Args:
        score: Probability of the positive class, or risk.
        threshold: Of the training fold; NaN for a risk.
        probabilities: Of each class, where there are more than two; `score` is the last one's.
    """

    system: str
    subject: str
    row: int
    repeat: int
    fold: str
    score: float
    threshold: float
    probabilities: tuple[float, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """All that the systems said, and what went wrong.

    Args:
        cohort: With each patient's person.
        predictions: Of systems that answered on every fold.
        findings: By system and fold.
        failures: Why a system has no predictions.
        not_run: Baselines that the cohort has no columns for, with what is missing.
        processor_seconds: To fit and answer, all folds, by system.
    """

    cohort: BenchCohort
    target: str
    protocol: Protocol
    budget: Budget
    folds: tuple[Fold, ...]
    predictions: tuple[Prediction, ...]
    findings: dict[str, dict[str, Any]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    not_run: dict[str, str] = field(default_factory=dict)
    processor_seconds: dict[str, float] = field(default_factory=dict)

    @property
    def systems(self) -> tuple[str, ...]:
        """Those that answered, in the order asked."""
        return tuple(dict.fromkeys(p.system for p in self.predictions))


@dataclass(frozen=True, slots=True)
class _Work:
    """One system on one fold: nothing of the test patients but their inputs."""

    system: str
    training: TrainingSet
    test: Inputs
    budget: Budget
    seed: int


def _silent(_: str) -> None:
    return


def run_systems(
    cohort: BenchCohort,
    target: str,
    systems: Sequence[str],
    protocol: Protocol,
    *,
    budget: Budget = "small",
    identities: Identities | None = None,
    allowed: Sequence[str] = (),
    workers: int = 0,
    cluster: str | None = None,
    kept: Path | None = None,
    progress: Callable[[str], None] = _silent,
) -> Run:
    """Fit and ask each system, and every baseline that the cohort has columns for.

    Before anything runs: no input tells the target by itself, every patient has what each
    system needs, no patient is on two sides of a split under any name.

    Args:
        cohort: Patients.
        target: One of its targets.
        systems: Names; the baselines come by themselves.
        protocol: How patients are split.
        budget: Of each fit.
        identities: Tables of who is who; without them names of one collection are compared.
        allowed: Inputs that may tell the target by themselves.
        workers, cluster, kept, progress: As of `gliokit.batch.run_batch`.

    Raises:
        StudyError: one of these does not hold.
        UsageError: a system that is not there or of another task.
    """
    cohort = with_identities(cohort, identities or Identities())
    check_aliases(cohort.inputs, cohort.target(target), allowed=allowed)
    names, not_run = _checked_systems(cohort, target, systems)
    folds = split(cohort, target, protocol)
    _check_sizes(cohort, target, folds, pooled=protocol.pooled)
    for fold in folds:
        check_resolved(fold.training.inputs.persons, fold.test.persons, fold=fold.name)
    jobs = [
        Job(f"{name}, {fold.name}", _Work(name, fold.training, fold.test, budget, protocol.seed))
        for name in names
        for fold in folds
    ]
    task = Task(_answer, fingerprint=_fingerprint, settings=digest_of_text(target, budget),
                version=__version__)  # fmt: skip
    outcomes = run_batch(task, jobs, workers=workers, cluster=cluster, kept=kept, progress=progress)
    answered, failures = {}, {}
    for i, name in enumerate(names):
        mine = outcomes[i * len(folds) : (i + 1) * len(folds)]
        failed = next((o.failure for o in mine if o.failure is not None), None)
        if failed is None:
            answered[name] = mine
        else:
            failures[name] = f"{failed.name}: {failed.kind}: {failed.reason}"
    return Run(
        cohort,
        target,
        protocol,
        budget,
        folds,
        tuple(
            prediction
            for name, mine in answered.items()
            for fold, outcome in zip(folds, mine, strict=True)
            for prediction in _predictions(name, fold, outcome.value)
        ),
        {
            name: {f.name: o.value["findings"] for f, o in zip(folds, mine, strict=True)}
            for name, mine in answered.items()
        },
        failures,
        not_run,
        {name: round(sum(o.processor_seconds for o in mine), 2) for name, mine in answered.items()},
    )


def _checked_systems(
    cohort: BenchCohort, target: str, systems: Sequence[str]
) -> tuple[list[str], dict[str, str]]:
    """Systems to run, asked ones first, and baselines that can't."""
    found = cohort.target(target)
    task = "survival" if isinstance(found, SurvivalTarget) else "classification"
    for name in systems:
        system = find_system(name)
        if system.card.state == "skeleton":
            raise UsageError("the bench compares systems that work", source=name,
                             found="a skeleton, which claims nothing")  # fmt: skip
        if system.card.state != "baseline" and system.card.task != task:
            raise UsageError(
                f"target '{target}' asks for systems of {task}", source=name,
                found=system.card.task, way_out=_OTHER_JUDGES.get(system.card.task),
            )  # fmt: skip
        check_needs(name, system.needs, cohort.inputs, found)
    names, not_run = list(dict.fromkeys(systems)), {}
    for name in BASELINES:
        lacks = missing_inputs(find_system(name).needs, cohort.inputs)
        if lacks:
            not_run[name] = ", ".join(next(iter(lacks.values())))
        elif name not in names:
            names.append(name)
    return names, not_run


def _check_sizes(cohort: BenchCohort, target: str, folds: Sequence[Fold], *, pooled: bool) -> None:
    """Refuse folds that can't be judged, before hours are spent."""
    strata = cohort.target(target).strata
    places = [np.concatenate([f.test_rows for f in folds])] if pooled else [
        f.test_rows for f in folds
    ]  # fmt: skip
    found = cohort.target(target)
    wanted = (1,) if isinstance(found, SurvivalTarget) else range(len(found.classes))
    least = min(int((strata[rows] == k).sum()) for rows in places for k in wanted)
    if least < LEAST_TESTED:
        raise UsageError(
            f"a test fold holds {LEAST_TESTED} patients of each class, or deaths, or more",
            source=target,
            found=least,
            way_out="Take fewer folds, or leave out one patient at a time.",
        )


def _answer(work: _Work) -> dict[str, Any]:
    fitted = find_system(work.system).fit(work.training, budget=work.budget, seed=work.seed)
    said = fitted.answer(work.test)
    if said.subjects != work.test.subjects:
        raise ValueError("a system answers for the patients asked about, in their order")
    if not isinstance(said, ClassProbabilities | Risk):
        raise ValueError(f"the bench judges classes and risks; the answer is {type(said).__name__}")
    if isinstance(said, Risk):
        scores, each, threshold = said.risk, None, None
    else:
        scores, threshold = said.probabilities[:, -1], said.threshold
        each = said.probabilities.tolist() if len(said.classes) > 2 else None
    return {
        "scores": np.asarray(scores, dtype=np.float64).tolist(),
        "probabilities": each,
        "threshold": threshold,
        "findings": dict(fitted.findings),
    }


def _fingerprint(work: _Work) -> str:
    known = work.training
    target = known.classes if isinstance(known.target, ClassTarget) else known.survival
    learnt = (
        (digest_of_array(target.codes), *target.classes)
        if isinstance(target, ClassTarget)
        else (digest_of_array(target.days), digest_of_array(target.died))
    )
    return digest_of_text(
        work.system,
        content_of(work.system),
        str(work.seed),
        *learnt,
        *(part for side in (work.training.inputs, work.test) for part in (
            digest_of_array(side.values), *side.columns, *side.subjects, *side.persons,
            *("" if i is None else _mark(i) for i in side.images))),
    )  # fmt: skip


def _mark(images: Images) -> str:
    if not images.content:
        return digest_of_text(*sorted(images.sequences), "/", *sorted(images.regions))
    return images.content


def _predictions(name: str, fold: Fold, value: dict[str, Any]) -> list[Prediction]:
    threshold = float("nan") if value["threshold"] is None else float(value["threshold"])
    each = value.get("probabilities") or [()] * len(fold.test)
    return [
        Prediction(
            name, subject, int(row), fold.repeat, fold.name, float(score), threshold, tuple(p)
        )
        for subject, row, score, p in zip(
            fold.test.subjects, fold.test_rows, value["scores"], each, strict=True
        )
    ]
