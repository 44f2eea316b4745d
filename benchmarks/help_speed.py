"""How long `gliokit --help` takes, process and all.

    python benchmarks/help_speed.py

Writes results/cli/help_speed.json.
"""

from __future__ import annotations

import statistics
import subprocess
import sys
import time

from record import figure, store

RUNS = 15


def main() -> None:
    """Run it, once to warm the disk's cache and then to be timed."""
    seconds = []
    for _ in range(RUNS + 1):
        began = time.perf_counter()
        subprocess.run(
            [sys.executable, "-c", "from gliokit.cli import main; main(['--help'])"],
            check=True,
            stdout=subprocess.DEVNULL,
        )
        seconds.append(time.perf_counter() - began)
    timed = sorted(seconds[1:])
    path = store(
        "cli/help_speed",
        command="python benchmarks/help_speed.py",
        data=f"{RUNS} runs; the interval is from the quickest to the slowest",
        seed=0,
        figures={
            "help_median": figure(
                statistics.median(timed), low=timed[0], high=timed[-1], n=RUNS, unit="s"
            )
        },
        rows=[{"run": n, "seconds": round(s, 4)} for n, s in enumerate(seconds[1:], start=1)],
    )
    print(f"stored {path}: {statistics.median(timed):.3f} s")


if __name__ == "__main__":
    main()
