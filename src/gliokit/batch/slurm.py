"""Workers that Slurm starts, each a job of its own, by dask-jobqueue."""

from __future__ import annotations

import importlib
import shutil
import subprocess
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

from gliokit.batch.processes import ONE_THREAD
from gliokit.study import MissingExtraError, UsageError

__all__ = ["SLURM", "asks_for_slurm", "slurm_cluster"]

SLURM = "slurm"
KEYS = ("partition", "account", "walltime", "cores", "memory")
CONFIG = "~/.config/dask/jobqueue.yaml"
LOOK_SECONDS = 3.0
MOST_SILENT = 10
"""Looks in a row at a queue that tells nothing."""


def asks_for_slurm(cluster: str) -> bool:
    """Whether it is 'slurm' or 'slurm:KEY=VALUE,...'."""
    return cluster.partition(":")[0] == SLURM


@contextmanager
def slurm_cluster(cluster: str, workers: int) -> Iterator[Any]:
    """A Dask cluster whose workers are Slurm's jobs; they are cancelled when it is left.

    What `cluster` doesn't say is as Dask's own settings have it (section `jobqueue: slurm`). A
    worker does one thing at a time, on all the cores that are asked for it; one that was lost,
    by its walltime too, is submitted again.

    Args:
        cluster: 'slurm', or with settings, such as 'slurm:partition=long,memory=8GB'.
        workers: How many.

    Raises:
        MissingExtraError: dask-jobqueue is not installed.
        UsageError: a setting that isn't known or is missing, no `sbatch` here, Slurm refuses, or
            all jobs ended before one of them reached this machine.
    """
    asked = _asked(cluster)
    if shutil.which("sbatch") is None:
        raise UsageError(
            "Slurm is used from a machine that submits to it",
            source=cluster,
            found="no 'sbatch' here",
            way_out="Start it where 'sbatch' works, or give --cluster local, or the address of a "
            "Dask scheduler.",
        )
    try:
        jobqueue: Any = importlib.import_module("dask_jobqueue")
        dask: Any = importlib.import_module("dask")
    except ImportError as error:
        raise MissingExtraError("a cluster of Slurm", "cluster") from error
    try:
        options = _options(asked, dask.config.get("jobqueue.slurm"))
        # Here, since a cluster that fails while it is made complains once more when it is gone.
        dask.utils.parse_bytes(options["memory"])
    except (TypeError, ValueError) as error:
        rule = "a worker of Slurm has memory, such as 8GB, and one core or more"
        raise _refused(rule, cluster, str(error)) from error
    try:
        own = jobqueue.SLURMCluster(**options)
    except RuntimeError as error:  # such as a network interface that isn't there
        raise _refused("Dask starts a scheduler for Slurm", cluster, str(error)) from error
    with own:
        _check_accepted(cluster, own.job_script())
        own.scale(workers)
        own.adapt(minimum=workers, maximum=workers)
        _wait_for_one(cluster, own)
        yield own


def _asked(cluster: str) -> dict[str, str]:
    pairs = [p.partition("=")[::2] for p in cluster.partition(":")[2].split(",") if p]
    wrong = [key for key, value in pairs if key not in KEYS or not value]
    if wrong:
        raise UsageError(
            f"settings of Slurm are given as 'slurm:KEY=VALUE,...' with {', '.join(KEYS)}",
            source=cluster,
            found=", ".join(wrong),
            way_out=f"Whatever else Slurm must know stands in {CONFIG}.",
        )
    return dict(pairs)


def _options(asked: Mapping[str, str], config: Mapping[str, Any]) -> dict[str, Any]:
    """Arguments of SLURMCluster."""
    cores = int(asked.get("cores") or config.get("cores") or 1)
    memory = asked.get("memory") or config.get("memory")
    if cores < 1 or memory is None:
        raise ValueError(f"cores={cores}, memory={memory}")
    threads = [f"export {name}={cores}" for name in ONE_THREAD]
    return {
        "queue": asked.get("partition"),
        "account": asked.get("account"),
        "walltime": asked.get("walltime"),
        "memory": memory,
        # One of Dask's threads, so that a worker does one thing at a time, on all of its cores.
        "cores": 1,
        "processes": 1,
        "job_cpu": cores,
        "job_script_prologue": [*threads, *(config.get("job-script-prologue") or ())],
        # Another scheduler of this machine may hold Dask's usual port.
        "scheduler_options": {"dashboard_address": ":0", **(config.get("scheduler-options") or {})},
    }


def _check_accepted(cluster: str, script: str) -> None:
    """Ask Slurm before anything is submitted: Dask would wait for ever for a refused job."""
    done = subprocess.run(
        ["sbatch", "--test-only"], input=script, capture_output=True, text=True, check=False
    )
    if done.returncode != 0:
        raise _refused("Slurm accepts the job of a worker", cluster, " ".join(done.stderr.split()))


def _wait_for_one(cluster: str, own: Any) -> None:
    """Until a worker is there, however long the queue is; none comes when all jobs are gone."""
    silent = 0
    while not own.scheduler_info["workers"]:
        jobs = {worker.job_id for worker in own.workers.values()}
        queued = subprocess.run(
            ["squeue", "--me", "--noheader", "--format=%A"],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        if jobs and queued.returncode == 0 and not jobs & set(queued.stdout.split()):
            raise _refused(
                "a worker reaches this machine from where Slurm starts it, and finds gliokit there",
                cluster,
                "all jobs have ended; what they said is in slurm-*.out",
            )
        silent = silent + 1 if queued.returncode != 0 else 0
        if silent == MOST_SILENT:
            said = " ".join(queued.stderr.split())
            raise _refused("Slurm tells by 'squeue' which jobs wait", cluster, said)
        time.sleep(LOOK_SECONDS)


def _refused(rule: str, cluster: str, found: str) -> UsageError:
    return UsageError(
        rule,
        source=cluster,
        found=found,
        way_out="Give such as --cluster slurm:partition=NAME,memory=8GB,walltime=04:00:00; the "
        f"rest of what your Slurm must know, a network interface or so, stands in {CONFIG}.",
    )
