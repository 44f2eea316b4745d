"""One function over many patients."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

from gliokit.batch.attempt import Attempt
from gliokit.batch.cluster import on_cluster
from gliokit.batch.job import Job, Outcome, Task
from gliokit.batch.processes import in_processes
from gliokit.study import UsageError

__all__ = ["run_batch"]


def _silent(_: str) -> None:
    return


def run_batch(
    task: Task,
    jobs: Sequence[Job],
    *,
    workers: int = 1,
    cluster: str | None = None,
    kept: Path | None = None,
    progress: Callable[[str], None] = _silent,
    counted: str = "patients",
) -> tuple[Outcome, ...]:
    """Does a task for every job; a job that fails is listed and the rest goes on.

    A value that an earlier run kept is used again only if the content of its inputs, the
    settings, the version, the function and its name agree. Values are kept as soon as they
    are there, each whole or not at all: a run that was stopped goes on where it was.

    Args:
        task: What is done; see `Task`.
        jobs: For whom; each has a name of its own.
        workers: Processes of this machine, each of one thread and started anew (spawn). 0
            works in this process, without shelter from crashes.
        cluster: 'local', 'slurm' or the address of a Dask scheduler, in the place of processes;
            see `on_cluster`.
        kept: Folder of kept values; None keeps nothing.
        progress: Told how far it is, naming no patient.
        counted: What a job is, in the plural: as progress tells it.

    Returns:
        One outcome a job, in the order of the jobs.

    Raises:
        UsageError: two jobs of one name, less than 0 workers, or no such cluster.
        MissingExtraError: a cluster is asked for and the extra is not installed.
        OutputError: a value can't be kept.
    """
    twice = [name for name, times in Counter(j.name for j in jobs).items() if times > 1]
    if twice:
        raise UsageError("every job has a name of its own", found=", ".join(twice[:5]))
    if workers < 0:
        raise UsageError("there are 0 or more workers", found=workers)
    attempt = Attempt(task, kept)
    found: dict[str, Outcome] = {}
    for outcome in _outcomes(attempt, jobs, workers, cluster):
        found[outcome.name] = outcome
        progress(_how_far(found, len(jobs), counted))
    return tuple(found[job.name] for job in jobs)


def _outcomes(
    attempt: Attempt, jobs: Sequence[Job], workers: int, cluster: str | None
) -> Iterator[Outcome]:
    if not jobs:
        return iter(())
    if cluster is not None:
        return on_cluster(attempt, jobs, cluster, max(workers, 1))
    if workers == 0:
        return map(attempt, jobs)
    return in_processes(attempt, jobs, workers)


def _how_far(found: dict[str, Outcome], total: int, counted: str) -> str:
    failures = sum(o.failure is not None for o in found.values())
    reused = sum(o.reused for o in found.values())
    text = f"{len(found)} of {total} {counted}"
    if reused:
        text += f", {reused} of them from an earlier run"
    return text + (f", {failures} failed" if failures else "")
