"""What a bench of ten times as many patients costs: processor time and memory.

    python benchmarks/bench_cost.py [--small 200] [--large 2000]

Digital patients as tables, 5 folds, budget small, every baseline beside the system; each size
in a process of its own, so that peaks of memory don't mix. Writes results/bench/cost.json.
"""

from __future__ import annotations

import argparse
import importlib
import json
import resource
import subprocess
import sys
import time
from typing import Any

from record import figure, store

SYSTEMS = {"age_sex": "idh", "qian2019:lasso-svm": "idh", "wan2020": "survival"}
SEED = 0
MIB = 1024


def measured(system: str, patients: int) -> dict[str, float]:
    """Seconds of a processor and the peak of memory, of this process alone."""
    from gliokit.bench import Protocol, judge, run_systems
    from gliokit.bench.digital import digital_cohort

    # What is imported at the first fit is no part of what patients cost.
    for module in ("sklearn.linear_model", "sklearn.svm", "scipy.stats"):
        importlib.import_module(module)
    cohort = digital_cohort(SYSTEMS[system], patients, effect=1.0, seed=SEED)
    began = time.process_time()
    run = run_systems(cohort, SYSTEMS[system], [system], Protocol(seed=SEED))
    if run.failures:
        raise SystemExit(str(run.failures))
    ran = time.process_time()
    judge(run, seed=SEED)
    return {
        "fitting": run.processor_seconds[system],
        "all_systems": ran - began,
        "judging": time.process_time() - ran,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB,
    }


def in_own_process(system: str, patients: int) -> dict[str, float]:
    """The same in a process that has done nothing else."""
    call = [sys.executable, __file__, "--one", system, "--large", str(patients)]
    ending = subprocess.run(call, capture_output=True, text=True, check=False)
    if ending.returncode != 0:
        raise SystemExit(ending.stderr)
    found: dict[str, float] = json.loads(ending.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--small", type=int, default=200)
    parser.add_argument("--large", type=int, default=2000)
    parser.add_argument("--one", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        print(json.dumps(measured(args.one, args.large)))
        return
    figures: dict[str, Any] = {}
    rows = []
    for system in SYSTEMS:
        both = {n: in_own_process(system, n) for n in (args.small, args.large)}
        for n, found in both.items():
            for what, unit in (("fitting", "processor s"), ("judging", "processor s"),
                               ("peak_mib", "MiB")):  # fmt: skip
                figures[f"{system}, {n} patients: {what}"] = figure(found[what], n=n, unit=unit)
            rows.append({"system": system, "patients": n,
                         **{k: round(v, 3) for k, v in found.items()}})  # fmt: skip
            print(rows[-1])
        for what in ("fitting", "judging", "peak_mib"):
            ratio = both[args.large][what] / max(both[args.small][what], 0.01)
            figures[f"{system}: {what}, times as much"] = figure(ratio, n=args.large, unit="times")
    store(
        "bench/cost",
        command=f"python benchmarks/bench_cost.py --small {args.small} --large {args.large}",
        data=f"{args.small} and {args.large} digital patients as tables (IDH within grades 2 and "
        "3; survival within IDH-wildtype gliomas), 5 folds, budget small: fitting and answering "
        "of the system, judging of it and of the baselines beside it with 2,000 draws, peak of "
        "the whole process",
        seed=SEED,
        figures=figures,
        rows=rows,
    )


if __name__ == "__main__":
    main()
