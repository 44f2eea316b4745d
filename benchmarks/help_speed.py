"""How long `gliokit --help` takes, process and all.

    python benchmarks/help_speed.py

Writes results/cli/help_speed.json.
"""

from __future__ import annotations

import resource
import statistics
import subprocess
import sys
import time
from typing import Any

from record import figure, store

RUNS = 15


def main() -> None:
    """Run it, once to warm the disk's cache and then to be timed."""
    seconds, cpu = [], []
    for _ in range(RUNS + 1):
        began, used = time.perf_counter(), _cpu()
        subprocess.run(
            [sys.executable, "-c", "from gliokit.cli import main; main(['--help'])"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        seconds.append(time.perf_counter() - began)
        cpu.append(_cpu() - used)
    path = store(
        "cli/help_speed",
        command="python benchmarks/help_speed.py",
        data=f"{RUNS} runs, median, from the quickest to the slowest",
        seed=0,
        figures={"help": _median(seconds[1:]), "help_processor": _median(cpu[1:])},
        rows=[
            {"run": n, "seconds": round(s, 4), "processor_seconds": round(c, 4)}
            for n, (s, c) in enumerate(zip(seconds[1:], cpu[1:], strict=True), start=1)
        ],
    )
    print(f"stored {path}: {statistics.median(seconds[1:]):.3f} s")


def _cpu() -> float:
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return used.ru_utime + used.ru_stime


def _median(seconds: list[float]) -> dict[str, Any]:
    return figure(statistics.median(seconds), low=min(seconds), high=max(seconds), n=RUNS, unit="s")


if __name__ == "__main__":
    main()
