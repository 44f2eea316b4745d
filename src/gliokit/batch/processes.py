"""Jobs in processes of this machine, each of one thread."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager

from gliokit.batch.attempt import Attempt
from gliokit.batch.job import Failure, Job, Outcome

__all__ = ["ONE_THREAD", "in_processes", "one_thread_each"]

ONE_THREAD: Mapping[str, str] = {
    "OMP_NUM_THREADS": "1",
    "OPENBLAS_NUM_THREADS": "1",
    "MKL_NUM_THREADS": "1",
    "NUMBA_NUM_THREADS": "1",
    "ITK_GLOBAL_DEFAULT_NUMBER_OF_THREADS": "1",
}
"""What libraries read when they are loaded."""

DIED = "the process ended without an answer: out of memory, or a crash of a compiled library"


def in_processes(attempt: Attempt, jobs: Sequence[Job], workers: int) -> Iterator[Outcome]:
    """Outcomes as they come. A job whose process dies fails; the others go on."""
    waiting = list(jobs)
    while waiting:
        done: set[str] = set()
        for outcome in _until_broken(attempt, waiting, workers):
            done.add(outcome.name)
            yield outcome
        waiting = [job for job in waiting if job.name not in done]
        # Jobs are handed out in order, `workers` run and one more than that are queued: the
        # one that broke the pool is among these. Alone in a process it shows itself.
        suspects = waiting[: 2 * workers + 1]
        for job in suspects:
            answers = list(_until_broken(attempt, [job], 1))
            yield answers[0] if answers else _dead(job)
        waiting = waiting[len(suspects) :]


def _dead(job: Job) -> Outcome:
    return Outcome(job.name, failure=Failure(job.name, "BrokenProcessPool", DIED))


def _until_broken(attempt: Attempt, jobs: Sequence[Job], workers: int) -> Iterator[Outcome]:
    """Outcomes as they come, until all are there or a process dies."""
    others = set(multiprocessing.active_children())
    with one_thread_each():
        pool = ProcessPoolExecutor(
            min(workers, len(jobs)), multiprocessing.get_context("spawn"), initializer=_calm
        )
        try:
            for future in as_completed(_submitted(pool, attempt, jobs)):
                try:
                    yield future.result()
                except BrokenProcessPool:
                    continue
            pool.shutdown()
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            for process in set(multiprocessing.active_children()) - others:
                process.terminate()
            raise


def _submitted(
    pool: ProcessPoolExecutor, attempt: Attempt, jobs: Sequence[Job]
) -> list[Future[Outcome]]:
    """As many as can be handed in before a pool breaks, which it may do at once."""
    futures = []
    for job in jobs:
        try:
            futures.append(pool.submit(attempt, job))
        except BrokenProcessPool:
            break
    return futures


def _calm() -> None:
    """Ctrl-C reaches every process of a terminal; only the first one answers it."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)


@contextmanager
def one_thread_each() -> Iterator[None]:
    """Processes started within it run their libraries on one thread each."""
    before = {name: os.environ.get(name) for name in ONE_THREAD}
    os.environ.update(ONE_THREAD)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value
