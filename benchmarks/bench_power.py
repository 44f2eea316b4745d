"""How many patients a study of IDH needs, from digital cohorts of four sizes.

    python benchmarks/bench_power.py [--systems signs,qian2019:lasso-svm] [--keep FOLDER]

What `gliokit power` answers, of each system: gliomas of grades 2 and 3 whose planted look, age
and sex are known without error, IDH as strongly linked as published. Stopped, the same call with
--keep goes on. Writes results/bench/power.json.
"""

from __future__ import annotations

import argparse
from math import isfinite
from pathlib import Path
from typing import Any

from record import figure, store

from gliokit.bench.digital import DIGITAL_TARGETS
from gliokit.bench.needed import Needed
from gliokit.bench.power import Power, PowerPlan, study_power
from gliokit.evaluation import Estimate

TARGET = "idh"
SEED = 0


def needed_figure(needed: Needed, studies: int) -> dict[str, dict[str, Any]]:
    """The number with its interval; nothing where it lies beyond the sizes that were tried."""
    if needed.patients <= 0 or not isfinite(needed.patients):
        return {}
    low, high = (end if end > 0 and isfinite(end) else None for end in (needed.low, needed.high))
    return {"patients": figure(needed.patients, low=low, high=high, n=studies, unit="patients")}


def share_figure(share: Estimate) -> dict[str, Any]:
    """Of studies that show it."""
    return figure(share.value, low=share.low, high=share.high, n=share.n, unit="share of studies")


def of_system(found: Power) -> tuple[dict[str, Any], list[dict[str, Any]], list[str]]:
    """Figures, rows, and the answers in words."""
    plan, figures, rows, said = found.plan, {}, [], []
    for aim, needed in (("exclude chance", found.chance),
                        ("beat the best baseline", found.baseline)):  # fmt: skip
        if needed is None:
            continue
        for size in found.sizes:
            share = size.chance if aim == "exclude chance" else size.baseline
            if share is not None:
                figures[f"{plan.system}, {size.patients} patients: {aim}"] = share_figure(share)
        for what, value in needed_figure(needed, len(plan.sizes) * plan.cohorts).items():
            figures[f"{plan.system}: {what} to {aim}"] = value
        said.append(f"{plan.system} needs {needed} patients to {aim}")
        rows.append({"system": plan.system, "aim": aim, "patients": str(needed)})
    rows += [{"system": plan.system, "patients": s.patients, "unjudged": s.unjudged, "why": s.why,
              "headline": round(s.headline, 4) if isfinite(s.headline) else None}
             for s in found.sizes]  # fmt: skip
    rows += [{"failed": name, "why": why} for name, why in found.failures.items()]
    return figures, rows, said


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--systems", default="signs,qian2019:lasso-svm")
    parser.add_argument("--sizes", default="40,80,160,320")
    parser.add_argument("--cohorts", type=int, default=20)
    parser.add_argument("--folds", type=int, default=3)
    parser.add_argument("--keep", type=Path)
    args = parser.parse_args()
    sizes = tuple(int(n) for n in args.sizes.split(","))
    figures: dict[str, Any] = {}
    rows: list[dict[str, Any]] = []
    said: list[str] = []
    for system in args.systems.split(","):
        plan = PowerPlan(
            system, TARGET, sizes=sizes, cohorts=args.cohorts, folds=args.folds, seed=SEED
        )
        found = study_power(plan, kept=args.keep, progress=lambda text: print(text, flush=True))
        more, of_it, words = of_system(found)
        figures |= more
        rows += of_it
        said += words
        print("; ".join(words), flush=True)
    store(
        "bench/power",
        command=f"python benchmarks/bench_power.py --systems {args.systems} --sizes {args.sizes} "
        f"--cohorts {args.cohorts} --folds {args.folds}",
        data=f"{args.cohorts} studies of each size, digital {DIGITAL_TARGETS[TARGET].about}, IDH "
        f"at effect {plan.effect:g}, {args.folds} folds, budget {plan.budget}; the planted look, "
        "age and sex as if measured without error; a study with too few patients of a class to "
        f"be judged shows nothing; for {plan.wanted:.0%} power {'; '.join(said)}",
        seed=SEED,
        figures=figures,
        rows=rows,
    )


if __name__ == "__main__":
    main()
