"""How long the reader waits: four files of 240x240x155 to the report, process start to end.

    python benchmarks/analyze_speed.py STUDY [STUDY ...]

Writes results/analysis/speed.json with the stage times of each study's run.json.
"""

from __future__ import annotations

import argparse
import json
import shutil
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from record import figure, store


def measure(study: Path) -> dict[str, Any]:
    """Seconds of one whole process, and of each of its stages."""
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "out"
        program = shutil.which("gliokit") or str(Path(sys.executable).with_name("gliokit"))
        began = time.monotonic()
        subprocess.run([program, "analyze", str(study), "-o", str(out)], check=True)
        seconds = time.monotonic() - began
        run = json.loads((out / "run.json").read_text(encoding="utf-8"))
        return {
            "study": study.name,
            "process_seconds": round(seconds, 2),
            "stage_seconds": run["seconds"],
            "report_mib": round((out / "report.html").stat().st_size / 2**20, 2),
        }


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("studies", type=Path, nargs="+")
    arguments = parser.parse_args()
    rows = [measure(study) for study in arguments.studies]
    times = [row["process_seconds"] for row in rows]
    path = store(
        "analysis/speed",
        command="python benchmarks/analyze_speed.py "
        + " ".join(f"<data>/{s.parent.name}/{s.name}" for s in arguments.studies),
        data="studies of 240x240x155 voxels as published, four sequences each",
        seed=0,
        figures={
            "analyze_seconds": figure(sum(times) / len(times), n=len(times), unit="s"),
            "analyze_seconds_slowest": figure(max(times), n=len(times), unit="s"),
        },
        rows=rows,
    )
    print(f"stored {path}")


if __name__ == "__main__":
    main()
