"""Jobs on a Dask cluster: many machines, Slurm's too, or workers of this one."""

from __future__ import annotations

import importlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack
from typing import Any

from gliokit.batch.attempt import Attempt, failed
from gliokit.batch.job import Job, Outcome
from gliokit.batch.processes import one_thread_each
from gliokit.batch.slurm import asks_for_slurm, slurm_cluster
from gliokit.study import MissingExtraError, OutputError, UsageError

__all__ = ["LOCAL", "on_cluster"]

LOCAL = "local"
CONNECT_SECONDS = 10


def on_cluster(
    attempt: Attempt, jobs: Sequence[Job], cluster: str, workers: int
) -> Iterator[Outcome]:
    """Outcomes as they come from the workers of a Dask scheduler.

    Args:
        attempt: Tries a job; images and the folder of kept values must be where every
            worker sees them by the same path.
        jobs: What to do.
        cluster: Address of a scheduler, such as 'tcp://host:8786'; 'local' for a scheduler and
            `workers` processes of this machine; 'slurm' for jobs of Slurm, see `slurm_cluster`.
        workers: How many of them.

    Raises:
        MissingExtraError: dask.distributed is not installed.
        UsageError: no scheduler answers, or Slurm doesn't take it.
        OutputError: a value can't be kept.
    """
    try:
        distributed: Any = importlib.import_module("distributed")
    except ImportError as error:
        raise MissingExtraError("a cluster", "cluster") from error
    with ExitStack() as stack:
        client = _client(distributed, stack, cluster, workers)
        by_key = {f.key: (f, job) for job, f in _submitted(client, attempt, jobs)}
        for future in distributed.as_completed([f for f, _ in by_key.values()]):
            _, job = by_key[future.key]
            trouble = future.exception()
            if isinstance(trouble, OutputError):
                raise trouble
            yield future.result() if trouble is None else failed(job, trouble)


def _submitted(client: Any, attempt: Attempt, jobs: Sequence[Job]) -> list[tuple[Job, Any]]:
    return [(job, client.submit(attempt, job, pure=False, retries=0)) for job in jobs]


def _client(distributed: Any, stack: ExitStack, cluster: str, workers: int) -> Any:
    if cluster == LOCAL:
        stack.enter_context(one_thread_each())
        own = distributed.LocalCluster(
            n_workers=workers, threads_per_worker=1, processes=True, dashboard_address=None
        )
        return stack.enter_context(distributed.Client(stack.enter_context(own)))
    if asks_for_slurm(cluster):
        own = stack.enter_context(slurm_cluster(cluster, workers))
        return stack.enter_context(distributed.Client(own))
    try:
        client = distributed.Client(cluster, timeout=CONNECT_SECONDS)
    except (OSError, ValueError) as error:
        raise UsageError(
            "a cluster is 'local', 'slurm', or the address of a Dask scheduler that answers",
            source=cluster,
            found=str(error) or type(error).__name__,
            way_out="Start one with 'dask scheduler' and workers with 'dask worker ADDRESS "
            "--nthreads 1', in an environment that has gliokit.",
        ) from error
    return stack.enter_context(client)
