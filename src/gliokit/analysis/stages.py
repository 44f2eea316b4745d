"""What runs now, and how long it took."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["Progress", "Stages", "silent"]

Progress = Callable[[str], None]
"""Told in a few words what begins; never the name of a patient."""


def silent(_: str) -> None:
    """A `Progress` that nobody watches."""


class Stages:
    """Times the stages of one journey, one after the other.

    Args:
        progress: Told of each stage as it begins.
    """

    def __init__(self, progress: Progress) -> None:
        self._progress = progress
        self._began = time.perf_counter()
        self.seconds: dict[str, float] = {}

    @contextmanager
    def stage(self, name: str, saying: str) -> Iterator[None]:
        """Runs the body as the stage of this name; says what it does."""
        self._progress(saying)
        began = time.perf_counter()
        yield
        self.seconds[name] = round(self.seconds.get(name, 0.0) + time.perf_counter() - began, 3)

    def total(self) -> float:
        """Seconds since the journey began."""
        return round(time.perf_counter() - self._began, 3)
