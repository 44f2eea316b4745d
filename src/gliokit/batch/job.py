"""What is to be done for each patient, and what came of it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

__all__ = ["Failure", "Job", "Outcome", "Task"]


@dataclass(frozen=True, slots=True)
class Task:
    """One function for many patients; both functions are of a module, so that they travel.

    Args:
        function: Takes a job's argument, gives a value that JSON can hold (NaN too).
        fingerprint: Takes the same, gives a digest of the content that the value depends
            on. Without one nothing is used again.
        settings: Digest of all that was chosen.
        version: Of the code.
    """

    function: Callable[[Any], Any]
    fingerprint: Callable[[Any], str] | None = None
    settings: str = ""
    version: str = ""


@dataclass(frozen=True, slots=True)
class Job:
    """One patient's part: a name of its own and what the function takes."""

    name: str
    argument: Any


@dataclass(frozen=True, slots=True)
class Failure:
    """Why a job has no value. `kind` is the error's class; `reason` its message."""

    name: str
    kind: str
    reason: str


@dataclass(frozen=True, slots=True)
class Outcome:
    """A job's value as JSON gives it back, or its failure.

    `reused` tells that the value was kept by an earlier run. `seconds` is how long it took
    to make, then or now, `processor_seconds` how long a processor worked for it.
    """

    name: str
    value: Any = None
    failure: Failure | None = None
    reused: bool = False
    seconds: float = 0.0
    processor_seconds: float = 0.0
