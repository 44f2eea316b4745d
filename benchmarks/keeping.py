"""Figures of a patient that were found once, so that a run that was cut off goes on."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

from gliokit.inference import Model

__all__ = ["kept", "key_of_model"]


def kept(path: Path, make: Callable[[], dict[str, Any]]) -> dict[str, Any]:
    """What the file holds; made and written first where it is not there."""
    if not path.is_file():
        path.parent.mkdir(parents=True, exist_ok=True)
        aside = path.with_suffix(".part")
        aside.write_text(json.dumps(make()), encoding="utf-8")
        os.replace(aside, path)
    found: dict[str, Any] = json.loads(path.read_text(encoding="utf-8"))
    return found


def key_of_model(model: Model) -> str:
    """A short name of its networks: other networks are asked anew."""
    sums = "".join(stage.sha256 for stage in model.card.stages)
    return hashlib.sha256(sums.encode()).hexdigest()[:12]
