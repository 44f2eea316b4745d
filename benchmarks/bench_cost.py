"""What a bench of ten times as many patients costs: processor time and memory.

    python benchmarks/bench_cost.py [--small 200] [--large 2000]
    python benchmarks/bench_cost.py --images COHORT --small 20 --large 200

Digital patients as tables, 5 folds, budget small, every baseline beside the system; each size
in a process of its own, so that peaks of memory don't mix. Writes results/bench/cost.json.

With COHORT, a folder of `gliokit phantom cohort --n 200 --spacing 4`, a system that looks at
images is given the first patients of it, budget smoke: what is measured is reading, cropping
and handing on, not learning. Writes results/bench/cost_images.json.
"""

from __future__ import annotations

import argparse
import importlib
import json
import resource
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from record import figure, store

from gliokit.systems import Budget

if TYPE_CHECKING:
    from gliokit.bench import BenchCohort

SYSTEMS = {"age_sex": "idh", "qian2019:lasso-svm": "idh", "wan2020": "survival"}
OF_IMAGES = "liang2018"
SEED = 0
MIB = 1024
OF_TABLES = (
    "digital patients as tables (IDH within grades 2 and 3; survival within IDH-wildtype "
    "gliomas), 5 folds, budget small: fitting and answering of the system, judging of it and of "
    "the baselines beside it with 2,000 draws, peak of the whole process"
)
OF_IMAGE_PATIENTS = (
    "digital patients with images of 4 mm (IDH), 2 folds, budget smoke: opening is reading each "
    "file once for its digest; fitting and answering of the system reads, prepares and crops "
    "each patient once and hardly learns; judging with 2,000 draws, peak of the whole process"
)


@dataclass(frozen=True)
class Case:
    """A system on so many patients, of a cohort's folder where it looks at images."""

    system: str
    patients: int
    images: Path | None = None

    @property
    def target(self) -> str:
        return SYSTEMS[self.system] if self.images is None else "idh_mutant"

    @property
    def folds(self) -> int:
        # Of 20 patients five or six are mutants, and a fold is judged by two of each class.
        return 5 if self.images is None else 2

    @property
    def budget(self) -> Budget:
        return "small" if self.images is None else "smoke"


def cohort_of(case: Case) -> BenchCohort:
    """Its patients."""
    from gliokit.bench import Columns, read_bench_cohort, with_images
    from gliokit.bench.digital import digital_cohort

    if case.images is None:
        return digital_cohort(case.target, case.patients, effect=1.0, seed=SEED)
    whole = read_bench_cohort(case.images, Columns(case.target, ("age_years", "sex")))
    if len(whole.inputs) < case.patients:
        raise SystemExit(f"{case.images} has {len(whole.inputs)} patients, not {case.patients}")
    return with_images(whole.take(range(case.patients)), case.images)


def measured(case: Case) -> dict[str, float]:
    """Seconds of a processor and the peak of memory, of this process alone."""
    from gliokit.bench import Protocol, judge, run_systems

    # What is imported at the first fit is no part of what patients cost.
    modules = ["sklearn.linear_model", "sklearn.svm", "scipy.stats"]
    for module in modules if case.images is None else [*modules, "torch", "torch.onnx", "openvino"]:
        importlib.import_module(module)
    opened = time.process_time()
    cohort = cohort_of(case)
    began = time.process_time()
    protocol = Protocol(folds=case.folds, seed=SEED)
    run = run_systems(cohort, case.target, [case.system], protocol, budget=case.budget)
    if run.failures:
        raise SystemExit(str(run.failures))
    ran = time.process_time()
    judge(run, seed=SEED)
    return {
        "opening": began - opened,
        "fitting": run.processor_seconds[case.system],
        "all_systems": ran - began,
        "judging": time.process_time() - ran,
        "peak_mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / MIB,
    }


def in_own_process(case: Case) -> dict[str, float]:
    """The same in a process that has done nothing else."""
    call = [sys.executable, __file__, "--one", case.system, "--large", str(case.patients)]
    if case.images is not None:
        call += ["--images", str(case.images)]
    ending = subprocess.run(call, capture_output=True, text=True, check=False)
    if ending.returncode != 0:
        raise SystemExit(ending.stderr)
    found: dict[str, float] = json.loads(ending.stdout.splitlines()[-1])
    return found


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--small", type=int, default=200)
    parser.add_argument("--large", type=int, default=2000)
    parser.add_argument("--images", type=Path, help="Folder of a digital cohort.")
    parser.add_argument("--one", help=argparse.SUPPRESS)
    args = parser.parse_args()
    if args.one:
        print(json.dumps(measured(Case(args.one, args.large, args.images))))
        return
    figures: dict[str, Any] = {}
    rows = []
    wanted = {"fitting": "processor s", "judging": "processor s", "peak_mib": "MiB"}
    if args.images:
        wanted = {"opening": "processor s"} | wanted
    for system in [OF_IMAGES] if args.images else SYSTEMS:
        both = {n: in_own_process(Case(system, n, args.images)) for n in (args.small, args.large)}
        for n, found in both.items():
            for what, unit in wanted.items():
                figures[f"{system}, {n} patients: {what}"] = figure(found[what], n=n, unit=unit)
            rows.append({"system": system, "patients": n,
                         **{k: round(v, 3) for k, v in found.items()}})  # fmt: skip
            print(rows[-1])
        for what in wanted:
            ratio = both[args.large][what] / max(both[args.small][what], 0.01)
            figures[f"{system}: {what}, times as much"] = figure(ratio, n=args.large, unit="times")
    sizes = f"--small {args.small} --large {args.large}"
    store(
        "bench/cost_images" if args.images else "bench/cost",
        command=f"python benchmarks/bench_cost.py {'--images COHORT ' if args.images else ''}"
        f"{sizes}",
        data=f"{args.small} and {args.large} {OF_IMAGE_PATIENTS if args.images else OF_TABLES}",
        seed=SEED,
        figures=figures,
        rows=rows,
    )


if __name__ == "__main__":
    main()
