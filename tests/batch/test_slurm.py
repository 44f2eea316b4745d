"""Workers that Slurm starts: what it is asked for, what is refused, and a real one's work."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

pytest.importorskip("dask_jobqueue", reason="dask-jobqueue comes with the extra [cluster]")

from gliokit.batch import Job, Task, run_batch
from gliokit.batch.slurm import asks_for_slurm
from gliokit.study import MissingExtraError, UsageError
from tests.batch.chores import length, process, slow

ROOT = Path(__file__).resolve().parents[2]
JOBS = [Job("a", 1)]


def slurm_works() -> bool:
    if shutil.which("sbatch") is None or shutil.which("sinfo") is None:
        return False
    return subprocess.run(["sinfo"], capture_output=True, check=False).returncode == 0


needs_slurm = pytest.mark.skipif(
    not slurm_works(), reason="no Slurm here; tests/batch/slurm_on_this_machine.sh starts one"
)


@pytest.fixture
def settings() -> Any:
    """Dask's settings of Slurm, set for a test."""
    import dask

    def _set(**values: object) -> Any:
        return dask.config.set({f"jobqueue.slurm.{k.replace('_', '-')}": v
                                for k, v in values.items()})  # fmt: skip

    return _set


@pytest.fixture
def refusing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An sbatch that keeps the script it is given and refuses it; the file it keeps it in."""
    (tmp_path / "bin").mkdir()
    sbatch, script = tmp_path / "bin" / "sbatch", tmp_path / "script.sh"
    sbatch.write_text(f"#!/bin/sh\ncat > {script}\necho 'no such partition' >&2\nexit 1\n")
    sbatch.chmod(0o755)
    monkeypatch.setenv("PATH", f"{sbatch.parent}{os.pathsep}{os.environ['PATH']}")
    return script


def ask(cluster: str) -> None:
    run_batch(Task(process), JOBS, cluster=cluster)


def test_what_slurm_is_and_what_an_address_is() -> None:
    assert asks_for_slurm("slurm")
    assert asks_for_slurm("slurm:memory=8GB")
    assert not asks_for_slurm("tcp://slurm:8786")
    assert not asks_for_slurm("local")


def test_a_machine_without_sbatch_is_refused_with_the_way_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UsageError, match=r"no 'sbatch' here.*--cluster local"):
        ask("slurm:memory=1GB")


@pytest.mark.parametrize("text", ["queue=x", "memory", "memory=", "memory=1GB,nodes=2"])
def test_a_setting_that_is_not_known_is_refused_with_those_that_are(text: str) -> None:
    with pytest.raises(UsageError, match=r"partition, account.*jobqueue\.yaml"):
        ask(f"slurm:{text}")


@pytest.mark.parametrize("text", ["slurm", "slurm:memory=much", "slurm:memory=1GB,cores=many",
                                  "slurm:memory=1GB,cores=0"])  # fmt: skip
@pytest.mark.usefixtures("refusing")
def test_a_worker_without_memory_or_cores_is_refused(text: str) -> None:
    with pytest.raises(UsageError, match="memory, such as 8GB"):
        ask(text)


def test_settings_reach_slurm_and_its_refusal_reaches_the_user(refusing: Path) -> None:
    with pytest.raises(UsageError, match="no such partition"):
        ask("slurm:partition=long,account=lab,walltime=1-02:00:00,cores=4,memory=3GB")
    script = refusing.read_text()
    for line in ("-p long", "-A lab", "-t 1-02:00:00", "--cpus-per-task=4", "--mem=3G"):
        assert f"#SBATCH {line}\n" in script
    assert "export OMP_NUM_THREADS=4\n" in script
    assert "--nthreads 1 " in script
    assert sys.executable in script


def test_what_is_not_said_is_taken_from_dasks_own_settings(refusing: Path, settings: Any) -> None:
    own = {"queue": "long", "account": "lab", "cores": 2, "memory": "2GB"}
    own |= {"job_script_prologue": ["module load x"], "job_extra_directives": ["--qos=low"]}
    with settings(**own), pytest.raises(UsageError):
        ask("slurm:account=other")
    script = refusing.read_text()
    for line in ("-p long", "-A other", "--cpus-per-task=2", "--mem=2G", "--qos=low"):
        assert f"#SBATCH {line}\n" in script
    assert "\nmodule load x\n" in script


@pytest.mark.usefixtures("refusing")
def test_slurm_without_dask_jobqueue_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "dask_jobqueue", None)
    with pytest.raises(MissingExtraError, match=r"gliokit\[cluster\]"):
        ask("slurm:memory=1GB")


@needs_slurm
def test_a_real_slurm_does_the_work_and_a_job_that_it_loses_is_submitted_again(
    tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dask

    monkeypatch.chdir(ROOT)
    jobs, cancelled = [], []
    for name in "abcd":
        (tmp_path / name).write_text(name)
        jobs.append(Job(name, tmp_path / name))

    def cancel(_: str) -> None:
        if not cancelled:
            cancelled.extend(queued())
            subprocess.run(["scancel", *cancelled], check=True)

    with settings(log_directory=str(tmp_path)), dask.config.set(
        {"distributed.deploy.lost-worker-timeout": "2s"}
    ):  # fmt: skip
        found = run_batch(Task(slow), jobs, cluster="slurm:memory=1GB", progress=cancel)
    assert [o.value["text"] for o in found if o.value] == list("abcd")
    assert len({o.value["id"] for o in found}) == 2
    assert len(cancelled) == 1
    assert not set(cancelled) & set(queued())


@needs_slurm
def test_jobs_that_end_before_they_reach_this_machine_are_no_endless_wait(
    tmp_path: Path, settings: Any
) -> None:
    (tmp_path / "x").write_text("x")
    with (
        settings(log_directory=str(tmp_path), python="/bin/false"),
        pytest.raises(UsageError, match="all jobs have ended"),
    ):
        run_batch(Task(length), [Job("x", tmp_path / "x")], cluster="slurm:memory=1GB")


def queued() -> list[str]:
    """Numbers of the jobs that wait or run."""
    listed = subprocess.run(
        ["squeue", "--me", "--noheader", "--states=PD,R", "--format=%A"],
        capture_output=True, text=True, check=True,
    )  # fmt: skip
    return listed.stdout.split()
