"""A file of figures: what was run, on whom, where, and what came out."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gliokit.study import output_file

__all__ = ["write_stored_run"]


def write_stored_run(
    path: Path,
    *,
    command: str,
    data: str,
    seed: int,
    figures: Mapping[str, Mapping[str, Any]],
    rows: Sequence[Mapping[str, Any]],
) -> None:
    """Write figures and rows in the form of gliokit's `results/`.

    Args:
        path: A .json file; it is there as a whole or not at all.
        command: What does the same.
        data: On whom, in words.
        seed: Of all that was drawn.
        figures: Name -> value, low, high, n, unit.
        rows: One a patient.

    Raises:
        OutputError: the file can't be written.
    """
    from gliokit import __version__

    content = {
        "command": command,
        "date": datetime.now(UTC).date().isoformat(),
        "version": __version__,
        "data": data,
        "seed": seed,
        "machine": _machine(),
        "figures": dict(figures),
        "rows": list(rows),
    }
    with output_file(path) as aside:
        aside.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _machine() -> dict[str, Any]:
    memory_gib = None
    if hasattr(os, "sysconf"):  # not on Windows
        memory_gib = round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)
    return {
        "cores": os.cpu_count(),
        "memory_gib": memory_gib,
        "gpu": "none",
        "processor": platform.machine(),
    }
