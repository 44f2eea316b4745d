"""How often systems exclude chance where nothing is to be found, and where something is.

    python benchmarks/bench_null_signal.py [--seeds 20] [--keep FOLDER] --systems wan2020
    python benchmarks/bench_null_signal.py --keep FOLDER --systems liang2018 --images COHORTS \\
        --idh-patients 60

A seed is a digital cohort with what is planted as a table: IDH within grades 2 and 3, and
survival within IDH-wildtype gliomas. A deep system is given the same patients' images at 4 mm,
which are made in COHORTS; it says the mean of three networks of each patient, so that n stays
patients. Three conditions: nothing planted (effect 0), the labels of effect 1 dealt out anew, and
effect 1 as published. A system excludes chance where the one-sided 97.5 % lower bound of the
mean of its AUCs within folds (Harrell's C of survival) is above one half. Wanted: at most 3 of
20 seeds without a link, at least 16 of 20 with it. Stopped, the same call with --keep goes on.
Writes results/bench/null_signal.json; what stands there of other systems stays.
"""

from __future__ import annotations

import argparse
import json
import shlex
from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from digital_images import SPACING_MM, with_digital_images
from record import RESULTS, figure, store

from gliokit import __version__
from gliokit.batch import Job, Task, digest_of_text, run_batch
from gliokit.bench import Protocol, judge, run_systems
from gliokit.bench.digital import digital_cohort
from gliokit.evaluation import wilson_interval

CONDITIONS = {"effect 0": 0.0, "permuted labels": 1.0, "effect 1": 1.0}
SYSTEMS = {"qian2019:lasso-svm": "idh", "wan2020": "survival", "bae2020": "idh", "liang2018": "idh"}
PICTURED = ("liang2018",)
"""Those that look at images."""
BASELINES_OF = ("qian2019:lasso-svm", "wan2020")
"""Of whose runs the baselines are told too: of one question they are the same in every run."""
BASELINES = ("age_sex", "signs", "volume")
MOST_WITHOUT, LEAST_WITH = 3 / 20, 16 / 20
DRAWS = 400


@dataclass(frozen=True)
class Order:
    condition: str
    target: str
    system: str
    patients: int
    seed: int
    images: Path | None = None


def trial(order: Order) -> dict[str, list[float]]:
    """Headline and lower bound of the system and of the baselines."""
    effect = CONDITIONS[order.condition]
    cohort = digital_cohort(order.target, order.patients, effect=effect, seed=order.seed)
    if order.images is not None:
        place = order.images / f"{order.target}-{effect:g}-{order.seed}"
        cohort = with_digital_images(cohort, order.target, place, effect=effect, seed=order.seed)
    if order.condition == "permuted labels":
        dealt = np.random.default_rng(order.seed).permutation(order.patients)
        targets = {name: target.take(dealt) for name, target in cohort.targets.items()}
        cohort = replace(cohort, targets=targets)
    run = run_systems(cohort, order.target, [order.system], Protocol(seed=order.seed))
    if run.failures:
        raise RuntimeError(str(run.failures))
    judged = judge(run, seed=order.seed, draws=DRAWS)[0]
    return {j.system: [j.headline.value, j.headline.low] for j in judged}


def fingerprint(order: Order) -> str:
    """Of all that a trial depends on."""
    parts = {k: v for k, v in asdict(order).items() if k != "images"}
    pictured = [] if order.images is None else [f"{SPACING_MM} mm"]
    return digest_of_text(*(f"{k}={v}" for k, v in parts.items()), *pictured)


def counted(
    condition: str, target: str, system: str, found: list[list[float]]
) -> tuple[dict[str, Any], dict[str, Any]]:
    """Figures and the row of one system in one condition."""
    name, n = f"{system}, {target}, {condition}", len(found)
    shown = sum(low > 0.5 for _, low in found)
    low, high = wilson_interval(shown, n)
    share = shown / n
    met: bool | None = share <= MOST_WITHOUT
    if condition == "effect 1":
        met = share >= LEAST_WITH if system in SYSTEMS else None
    figures = {
        f"{name}: exclude chance": figure(shown, low=min(low * n, shown), high=max(high * n, shown),
                                          n=n, unit="cohorts"),
        f"{name}: mean": figure(float(np.mean([value for value, _ in found])), n=n,
                                unit="C" if target == "survival" else "AUC"),
    }  # fmt: skip
    row = {
        "condition": condition, "target": target, "system": system, "excluded": shown, "of": n,
        "as_wanted": met, "headline_and_lower_bound": [[round(v, 4) for v in f] for f in found],
    }  # fmt: skip
    return figures, row


def parser() -> argparse.ArgumentParser:
    """The options, those of stored runs too."""
    made = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    made.add_argument("--seeds", type=int, default=20)
    made.add_argument("--idh-patients", type=int, default=200)
    made.add_argument("--survival-patients", type=int, default=400)
    made.add_argument("--systems", default="qian2019:lasso-svm,wan2020")
    made.add_argument("--images", type=Path, help="Where digital patients' images are made.")
    made.add_argument("--keep", type=Path)
    return made


def command_of(args: argparse.Namespace, systems: Sequence[str]) -> str:
    """What makes a run again."""
    images = " --images COHORTS" if set(systems) & set(PICTURED) else ""
    return (
        f"python benchmarks/bench_null_signal.py --seeds {args.seeds} --idh-patients "
        f"{args.idh_patients} --survival-patients {args.survival_patients} --systems "
        f"{','.join(systems)}{images}"
    )


def about(command: str) -> str:
    """What a run is of, in words."""
    args = parser().parse_args(shlex.split(command)[2:])
    systems = args.systems.split(",")
    cohorts = {
        "idh": f"IDH of {args.idh_patients} gliomas of grades 2 and 3 (mean AUC within folds)",
        "survival": f"survival of {args.survival_patients} IDH-wildtype gliomas (C)",
    }
    asked = [words for target, words in cohorts.items() if target in {SYSTEMS[s] for s in systems}]
    seen = f"images at {SPACING_MM:g} mm" if args.images else "planted look, age and sex as inputs"
    return (
        f"{', '.join(systems)}: {args.seeds} digital cohorts in each condition, {seen}, budget "
        f"small, 5 folds: {' and '.join(asked)}"
    )


def others(systems: Sequence[str]) -> tuple[list[str], dict[str, Any], list[dict[str, Any]]]:
    """Commands, figures and rows of what is stored of other systems than these."""
    path = RESULTS / "bench" / "null_signal.json"
    if not path.exists():
        return [], {}, []
    before = json.loads(path.read_text(encoding="utf-8"))
    commands = []
    for command in before["command"].split(" && "):
        args = parser().parse_args(shlex.split(command)[2:])
        kept = [s for s in args.systems.split(",") if s not in systems]
        commands += [command_of(args, kept)] if kept else []
    told = {SYSTEMS[s] for s in systems if s in BASELINES_OF}
    rows = [
        r for r in before["rows"]
        if r["system"] not in systems and not (r["system"] in BASELINES and r["target"] in told)
    ]  # fmt: skip
    names = {f"{r['system']}, {r['target']}, {r['condition']}" for r in rows}
    figures = {k: v for k, v in before["figures"].items() if k.rpartition(": ")[0] in names}
    return commands, figures, rows


def main() -> None:
    options = parser()
    args = options.parse_args()
    systems = args.systems.split(",")
    if set(systems) & set(PICTURED) and args.images is None:
        options.error("a system that looks at images needs --images")
    sizes = {"idh": args.idh_patients, "survival": args.survival_patients}
    groups = [(c, SYSTEMS[s], s) for s in systems for c in CONDITIONS]
    orders = [
        Order(*g, sizes[g[1]], seed, args.images if g[2] in PICTURED else None)
        for g in groups
        for seed in range(args.seeds)
    ]
    task = Task(trial, fingerprint=fingerprint, settings=str(DRAWS), version=__version__)
    jobs = [Job(f"{o.system}; {o.condition}; {o.target}; {o.patients}; {o.seed}", o)
            for o in orders]  # fmt: skip
    outcomes = run_batch(task, jobs, workers=0, kept=args.keep, progress=print)
    failed = [f"{o.name}: {o.failure.reason}" for o in outcomes if o.failure is not None]
    if failed:
        raise SystemExit("\n".join(failed))
    commands, figures, rows = others(systems)
    for i, (condition, target, system) in enumerate(groups):
        mine = [o.value for o in outcomes[i * args.seeds : (i + 1) * args.seeds]]
        for name in (system, *(BASELINES if system in BASELINES_OF else ())):
            made, row = counted(condition, target, name, [value[name] for value in mine])
            figures |= made
            rows.append(row)
            print(condition, target, name, row["excluded"], row["as_wanted"])
    commands.append(command_of(args, systems))
    store(
        "bench/null_signal",
        command=" && ".join(commands),
        data=". ".join(about(c) for c in commands) + ". Wanted are at most 3 of 20 that exclude "
        "chance without a link and, of published systems, at least 16 of 20 with it",
        seed=0,
        figures=figures,
        rows=rows,
    )


if __name__ == "__main__":
    main()
