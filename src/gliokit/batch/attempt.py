"""What a worker does with one job."""

from __future__ import annotations

import hashlib
import json
import time
from dataclasses import dataclass
from pathlib import Path

from gliokit.batch.job import Failure, Job, Outcome, Task
from gliokit.study import OutputError, output_file

__all__ = ["Attempt", "failed"]


@dataclass(frozen=True, slots=True)
class Attempt:
    """Tries a job: takes a kept value of the same content, or computes and keeps it.

    Args:
        task: What is done.
        kept: Folder of values, one file a job; None keeps nothing.
    """

    task: Task
    kept: Path | None = None

    def __call__(self, job: Job) -> Outcome:
        """The outcome of a job; whatever goes wrong with it alone is its failure.

        Raises:
            OutputError: the value can't be kept, which would go wrong for every job.
        """
        began, worked = time.perf_counter(), time.process_time()
        try:
            key = self._key(job)
            before = self._kept_outcome(job, key)
            if before is not None:
                return before
            text = json.dumps(self.task.function(job.argument))
        except OutputError:
            raise
        except Exception as error:
            return failed(job, error)
        outcome = Outcome(
            job.name,
            json.loads(text),
            seconds=round(time.perf_counter() - began, 3),
            processor_seconds=round(time.process_time() - worked, 3),
        )
        if key is not None:
            self._keep(key, outcome)
        return outcome

    def _key(self, job: Job) -> dict[str, str] | None:
        """All that must agree for a value to be used again."""
        task = self.task
        if self.kept is None or task.fingerprint is None:
            return None
        return {
            "name": job.name,
            "function": f"{task.function.__module__}.{task.function.__qualname__}",
            "inputs": task.fingerprint(job.argument),
            "settings": task.settings,
            "version": task.version,
        }

    def _path(self, name: str) -> Path:
        assert self.kept is not None
        return self.kept / f"{hashlib.sha256(name.encode()).hexdigest()[:20]}.json"

    def _kept_outcome(self, job: Job, key: dict[str, str] | None) -> Outcome | None:
        """The outcome of an earlier run; None where there is none, or a damaged one."""
        if key is None:
            return None
        try:
            content = json.loads(self._path(job.name).read_text(encoding="utf-8"))
            if content["key"] != key:
                return None
            took = float(content["seconds"]), float(content["processor_seconds"])
            return Outcome(job.name, content["value"], None, True, *took)
        except (OSError, ValueError, KeyError, TypeError):
            return None

    def _keep(self, key: dict[str, str], outcome: Outcome) -> None:
        content = {
            "key": key,
            "seconds": outcome.seconds,
            "processor_seconds": outcome.processor_seconds,
            "value": outcome.value,
        }
        with output_file(self._path(outcome.name)) as path:
            path.write_text(json.dumps(content) + "\n", encoding="utf-8")


def failed(job: Job, error: BaseException) -> Outcome:
    """The outcome of a job that raised."""
    reason = str(error) or type(error).__name__
    return Outcome(job.name, failure=Failure(job.name, type(error).__name__, reason))
