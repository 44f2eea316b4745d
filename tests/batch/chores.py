"""What workers do in the tests: functions of a module, so that processes find them."""

from __future__ import annotations

import os
import time
from pathlib import Path
from typing import Any

from gliokit.batch import digest_of_file
from gliokit.study import StudyError


def length(path: Path) -> dict[str, Any]:
    """Length of a file; counts its calls in a file beside."""
    with path.with_suffix(".calls").open("a", encoding="utf-8") as calls:
        calls.write("x")
    text = path.read_text(encoding="utf-8")
    if text == "bad":
        raise StudyError("a file is good", source=path.name, found=text)
    if text == "dead":
        os._exit(9)
    if text == "worse":
        raise ZeroDivisionError
    return {"length": len(text), "nothing": float("nan")}


def content(path: Path) -> str:
    """Fingerprint of a file."""
    return digest_of_file(path)


def process(_: object) -> dict[str, Any]:
    """Who works, with how many threads."""
    time.sleep(0.3)
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "NUMBA_NUM_THREADS")
    return {"id": os.getpid(), "threads": [os.environ.get(n) for n in names]}


def unfit(_: object) -> object:
    """A value that JSON can't hold."""
    return object()


def slow(path: Path) -> dict[str, Any]:
    """Takes its time; tells who works."""
    time.sleep(0.5)
    return {"id": os.getpid(), "text": path.read_text(encoding="utf-8")}
