"""How many patients a study of IDH needs, from digital cohorts of four sizes.

    python benchmarks/bench_power.py [--systems signs,qian2019:lasso-svm] [--keep FOLDER]
    python benchmarks/bench_power.py --stored

What `gliokit power` answers, of each system: gliomas of grades 2 and 3 whose planted look, age
and sex are known without error, IDH as strongly linked as published. Stopped, the same call with
--keep goes on. With --stored nothing is simulated: what is derived is made anew from the studies
that the stored run of these systems and sizes has. Writes results/bench/power.json.
"""

from __future__ import annotations

import argparse
import json
import math
from math import isfinite
from pathlib import Path
from typing import Any

from record import RESULTS, figure, store

from gliokit.bench.digital import DIGITAL_TARGETS
from gliokit.bench.needed import Needed
from gliokit.bench.power import (
    Power,
    PowerPlan,
    SizePower,
    power_of,
    share_of,
    study_power,
)
from gliokit.evaluation import Estimate
from gliokit.systems import BASELINES, find_system

AIMS = ("exclude chance", "beat the best baseline")
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


def stored_power(plan: PowerPlan, stored: dict[str, Any]) -> Power:
    """What a stored run's studies say, counted anew."""
    figures = stored["figures"]
    rows = {r["patients"]: r for r in stored["rows"]
            if r.get("system") == plan.system and "unjudged" in r}  # fmt: skip

    def share(aim: str, n: int) -> Estimate:
        there = figures.get(f"{plan.system}, {n} patients: {aim}", {"value": 0.0, "n": 0})
        studies = plan.cohorts - rows[n]["unjudged"] - rows[n].get("no_interval", 0)
        return share_of(round(there["value"] * there["n"]), studies)

    sizes = [
        SizePower(
            n,
            share(AIMS[0], n),
            None if plan.system in BASELINES else share(AIMS[1], n),
            math.nan if rows[n]["headline"] is None else rows[n]["headline"],
            rows[n]["unjudged"],
            rows[n]["why"],
            rows[n].get("no_interval", 0),
        )
        for n in plan.sizes
    ]
    return power_of(plan, sizes)


def of_system(found: Power) -> tuple[dict[str, Any], list[dict[str, Any]], list[str]]:
    """Figures, rows, and the answers in words."""
    plan, figures, rows, said = found.plan, {}, [], []
    for aim, needed in zip(AIMS, (found.chance, found.baseline), strict=True):
        if needed is None:
            continue
        counted = 0
        for size in found.sizes:
            share = size.chance if aim == "exclude chance" else size.baseline
            if share is not None and share.n:
                figures[f"{plan.system}, {size.patients} patients: {aim}"] = share_figure(share)
                counted += share.n
        for what, value in needed_figure(needed, counted).items():
            figures[f"{plan.system}: {what} to {aim}"] = value
        said.append(f"{plan.system} needs {needed} patients to {aim}")
        rows.append({"system": plan.system, "aim": aim, "patients": str(needed)})
    if refused := [str(s.patients) for s in found.sizes if not s.was_run]:
        least = find_system(plan.system).needs.least_per_class
        said.append(f"{plan.system} at {', '.join(refused)} patients: not run, fewer than "
                    f"{least} of a class")  # fmt: skip
    rows += [{"system": plan.system, "patients": s.patients, "unjudged": s.unjudged, "why": s.why,
              "no_interval": s.no_interval,
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
    parser.add_argument("--stored", action="store_true")
    args = parser.parse_args()
    sizes = tuple(int(n) for n in args.sizes.split(","))
    figures: dict[str, Any] = {}
    rows: list[dict[str, Any]] = []
    said: list[str] = []
    for system in args.systems.split(","):
        plan = PowerPlan(
            system, TARGET, sizes=sizes, cohorts=args.cohorts, folds=args.folds, seed=SEED
        )
        found = (
            stored_power(plan, json.loads((RESULTS / "bench/power.json").read_text()))
            if args.stored
            else study_power(plan, kept=args.keep, progress=lambda text: print(text, flush=True))
        )
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
        "age and sex as if measured without error; studies with too few patients of a class are "
        f"not run and not counted; for {plan.wanted:.0%} power {'; '.join(said)}",
        seed=SEED,
        figures=figures,
        rows=rows,
    )


if __name__ == "__main__":
    main()
