"""Stored runs: every figure of the docs comes from a file that this writes."""

from __future__ import annotations

import json
import os
import platform
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path
from typing import Any

from gliokit import __version__

RESULTS = Path(__file__).resolve().parents[1] / "results"


def figure(
    value: float, *, n: int, unit: str, low: float | None = None, high: float | None = None
) -> dict[str, Any]:
    """One figure with its interval and the number of patients behind it; no NaN, but null."""
    rounded = [None if v is None or not isfinite(v) else round(v, 4) for v in (value, low, high)]
    return {"value": rounded[0], "low": rounded[1], "high": rounded[2], "n": n, "unit": unit}


def store(
    name: str,
    *,
    command: str,
    data: str,
    seed: int,
    figures: Mapping[str, Mapping[str, Any]],
    rows: Sequence[Mapping[str, Any]],
) -> Path:
    """Write `results/NAME.json` in the form of docs/architecture.md."""
    content = {
        "command": command,
        "date": datetime.now(UTC).date().isoformat(),
        "version": __version__,
        "data": data,
        "seed": seed,
        "machine": _machine(),
        "figures": figures,
        "rows": rows,
    }
    path = RESULTS / f"{name}.json"
    path.parent.mkdir(parents=True, exist_ok=True)
    aside = path.with_suffix(".part")
    aside.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    os.replace(aside, path)
    return path


def _machine() -> dict[str, Any]:
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES")
    return {
        "cores": os.cpu_count(),
        "memory_gib": round(memory / 2**30),
        "gpu": "none",
        "processor": platform.machine(),
    }
