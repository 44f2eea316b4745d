"""How often tabular systems exclude chance where nothing is to be found, and where something is.

    python benchmarks/bench_null_signal.py [--seeds 20] [--keep FOLDER]

A seed is a digital cohort with what is planted as a table: IDH within grades 2 and 3, and
survival within IDH-wildtype gliomas. Three conditions: nothing planted (effect 0), the labels of
effect 1 dealt out anew, and effect 1 as published. A system excludes chance where the one-sided
97.5 % lower bound of the mean of its AUCs within folds (Harrell's C of survival) is above one
half. Wanted: at most 3 of 20 seeds without a link, at least 16 of 20 with it. Stopped, the same
call with --keep goes on. Writes results/bench/null_signal.json.
"""

from __future__ import annotations

import argparse
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from record import figure, store

from gliokit import __version__
from gliokit.batch import Job, Task, digest_of_text, run_batch
from gliokit.bench import Protocol, judge, run_systems
from gliokit.bench.digital import digital_cohort
from gliokit.evaluation import wilson_interval

CONDITIONS = {"effect 0": 0.0, "permuted labels": 1.0, "effect 1": 1.0}
SYSTEMS = {"qian2019:lasso-svm": "idh", "wan2020": "survival", "bae2020": "idh"}
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


def trial(order: Order) -> dict[str, list[float]]:
    """Headline and lower bound of the system and of the baselines."""
    cohort = digital_cohort(order.target, order.patients, effect=CONDITIONS[order.condition],
                            seed=order.seed)  # fmt: skip
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
    return digest_of_text(*(f"{k}={v}" for k, v in asdict(order).items()))


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


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--seeds", type=int, default=20)
    parser.add_argument("--idh-patients", type=int, default=200)
    parser.add_argument("--survival-patients", type=int, default=400)
    parser.add_argument("--systems", default="qian2019:lasso-svm,wan2020")
    parser.add_argument("--keep", type=Path)
    args = parser.parse_args()
    sizes = {"idh": args.idh_patients, "survival": args.survival_patients}
    groups = [(c, SYSTEMS[s], s) for s in args.systems.split(",") for c in CONDITIONS]
    orders = [Order(*g, sizes[g[1]], seed) for g in groups for seed in range(args.seeds)]
    task = Task(trial, fingerprint=fingerprint, settings=str(DRAWS), version=__version__)
    jobs = [Job("; ".join(map(str, asdict(o).values())), o) for o in orders]
    outcomes = run_batch(task, jobs, workers=0, kept=args.keep, progress=print)
    failed = [f"{o.name}: {o.failure.reason}" for o in outcomes if o.failure is not None]
    if failed:
        raise SystemExit("\n".join(failed))
    figures: dict[str, Any] = {}
    rows = []
    for i, (condition, target, system) in enumerate(groups):
        mine = [o.value for o in outcomes[i * args.seeds : (i + 1) * args.seeds]]
        names = (system, *BASELINES) if system != "bae2020" else (system,)
        for name in names:
            made, row = counted(condition, target, name, [value[name] for value in mine])
            figures |= made
            rows.append(row)
            print(condition, target, name, row["excluded"], row["as_wanted"])
    about = {
        "idh": f"IDH of {sizes['idh']} gliomas of grades 2 and 3 (mean AUC within folds)",
        "survival": f"survival of {sizes['survival']} IDH-wildtype gliomas (C)",
    }
    asked = [words for target, words in about.items() if target in {g[1] for g in groups}]
    store(
        "bench/null_signal",
        command=f"python benchmarks/bench_null_signal.py --seeds {args.seeds} "
        f"--idh-patients {args.idh_patients} --survival-patients {args.survival_patients} "
        f"--systems {args.systems}",
        data=f"{args.seeds} digital cohorts in each condition, planted look, age and sex as "
        f"inputs, budget small, 5 folds: {' and '.join(asked)}; wanted are at most 3 of 20 that "
        "exclude chance without a link and, of published systems, at least 16 of 20 with it",
        seed=0,
        figures=figures,
        rows=rows,
    )


if __name__ == "__main__":
    main()
