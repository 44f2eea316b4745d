"""Many patients: what is used again, what fails alone, and who does the work."""

from __future__ import annotations

import errno
import math
import os
import signal
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from gliokit.batch import Job, Task, digest_of_text, run_batch
from gliokit.batch.processes import one_thread_each
from gliokit.study import MissingExtraError, OutputError, UsageError
from tests.batch.chores import content, length, process, slow, unfit

TASK = Task(length, content, settings="a", version="1")


def _jobs(folder: Path, **texts: str) -> list[Job]:
    for name, text in texts.items():
        (folder / f"{name}.txt").write_text(text)
    return [Job(name, folder / f"{name}.txt") for name in texts]


def _calls(folder: Path, name: str) -> int:
    path = folder / f"{name}.calls"
    return len(path.read_text()) if path.is_file() else 0


def test_outcomes_stand_in_the_order_of_the_jobs(tmp_path: Path) -> None:
    said: list[str] = []
    jobs = _jobs(tmp_path, b="22", a="1", c="333")
    outcomes = run_batch(TASK, jobs, workers=0, progress=said.append)
    assert [(o.name, o.value["length"]) for o in outcomes] == [("b", 2), ("a", 1), ("c", 3)]
    assert math.isnan(outcomes[0].value["nothing"])
    assert said[-1] == "3 of 3 patients"


def test_a_failure_is_listed_and_the_rest_goes_on(tmp_path: Path) -> None:
    said: list[str] = []
    jobs = _jobs(tmp_path, a="bad", b="worse", c="ok")
    a, b, c = run_batch(TASK, jobs, workers=0, progress=said.append)
    assert a.failure is not None
    assert (a.failure.kind, a.failure.name) == ("StudyError", "a")
    assert a.failure.reason == "a.txt: a file is good; found bad."
    assert b.failure is not None
    assert b.failure.reason == "ZeroDivisionError"
    assert c.value["length"] == 2
    assert said[-1] == "3 of 3 patients, 2 failed"


def test_a_kept_value_is_used_again(tmp_path: Path) -> None:
    jobs, kept = _jobs(tmp_path, a="one", b="bad"), tmp_path / "kept"
    first = run_batch(TASK, jobs, workers=0, kept=kept)
    again = run_batch(TASK, jobs, workers=0, kept=kept)
    assert [o.reused for o in first] == [False, False]
    assert [o.reused for o in again] == [True, False]
    assert again[0].value["length"] == first[0].value["length"]
    assert (_calls(tmp_path, "a"), _calls(tmp_path, "b")) == (1, 2)


@pytest.mark.parametrize("change", ["content", "settings", "version", "function", "record"])
def test_a_value_is_made_again_when_anything_changed(change: str, tmp_path: Path) -> None:
    jobs, kept = _jobs(tmp_path, a="one"), tmp_path / "kept"
    run_batch(TASK, jobs, workers=0, kept=kept)
    task = TASK
    if change == "content":
        (tmp_path / "a.txt").write_text("two")
    elif change == "record":
        next(kept.iterdir()).write_text('{"key"')
    elif change == "function":
        task = Task(process, content, settings="a", version="1")
    else:
        task = Task(length, content, **{"settings": "a", "version": "1", change: "other"})
    assert not run_batch(task, jobs, workers=0, kept=kept)[0].reused


def test_touching_a_file_changes_nothing(tmp_path: Path) -> None:
    jobs, kept = _jobs(tmp_path, a="one"), tmp_path / "kept"
    run_batch(TASK, jobs, workers=0, kept=kept)
    os.utime(tmp_path / "a.txt", (1, 1))
    assert run_batch(TASK, jobs, workers=0, kept=kept)[0].reused


def test_a_missing_input_fails_alone(tmp_path: Path) -> None:
    jobs = [Job("gone", tmp_path / "gone.txt"), *_jobs(tmp_path, a="one")]
    gone, there = run_batch(TASK, jobs, workers=0, kept=tmp_path / "kept")
    assert gone.failure is not None
    assert "gone.txt" in gone.failure.reason
    assert there.value["length"] == 3


def test_a_full_disk_stops_everything(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(path: Path, *_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device", str(path))

    jobs = _jobs(tmp_path, a="one", b="two")
    monkeypatch.setattr(Path, "write_text", write)
    with pytest.raises(OutputError, match="space left"):
        run_batch(TASK, jobs, workers=0, kept=tmp_path / "kept")
    assert _calls(tmp_path, "b") == 0


def test_a_value_that_json_can_not_hold_is_a_failure() -> None:
    (outcome,) = run_batch(Task(unfit), [Job("a", None)], workers=0)
    assert outcome.failure is not None
    assert "JSON" in outcome.failure.reason


def test_processes_work_side_by_side_on_one_thread_each_and_survive_a_death(
    tmp_path: Path,
) -> None:
    before = dict(os.environ)
    outcomes = run_batch(Task(process), [Job(str(n), n) for n in range(4)], workers=2)
    assert os.getpid() not in {o.value["id"] for o in outcomes}
    assert all(o.value["threads"] == ["1", "1", "1"] for o in outcomes)
    assert dict(os.environ) == before
    texts = {"a": "one", "b": "dead", "c": "bad", "d": "four"}
    found = run_batch(TASK, _jobs(tmp_path, **texts), workers=1, kept=tmp_path / "kept")
    a, b, c, d = found
    assert (a.value["length"], d.value["length"]) == (3, 4)
    assert b.failure is not None
    assert "without an answer" in b.failure.reason
    assert c.failure is not None
    assert c.failure.kind == "StudyError"


def test_a_dask_scheduler_with_two_worker_processes(tmp_path: Path) -> None:
    pytest.importorskip("distributed", reason="dask comes with the extra [cluster]")
    kept, texts = tmp_path / "kept", {"a": "one", "b": "bad", "c": "three"}
    jobs = _jobs(tmp_path, **texts)
    a, b, c = run_batch(TASK, jobs, workers=2, cluster="local", kept=kept)
    assert (a.value["length"], c.value["length"]) == (3, 5)
    assert b.failure is not None
    assert "a file is good" in b.failure.reason
    assert run_batch(TASK, jobs[:1], workers=0, kept=kept)[0].reused


def test_a_dask_worker_that_is_killed_on_the_way_loses_no_patient(tmp_path: Path) -> None:
    distributed = pytest.importorskip("distributed", reason="dask comes with the extra [cluster]")
    jobs, killed = _jobs(tmp_path, **{name: name for name in "abcdefgh"}), []
    with one_thread_each():
        cluster = distributed.LocalCluster(
            n_workers=2, threads_per_worker=1, processes=True, dashboard_address=None
        )
    with cluster:
        workers = [worker.pid for worker in cluster.workers.values()]

        def kill(_: str) -> None:
            if not killed:
                killed.append(workers[0])
                os.kill(workers[0], signal.SIGKILL)

        address = cluster.scheduler_address
        outcomes = run_batch(Task(slow), jobs, cluster=address, progress=kill)
        # Who brings down every worker that takes him up fails, and alone.
        cluster.scheduler.allowed_failures = 0
        (dead,) = run_batch(TASK, _jobs(tmp_path, x="dead"), cluster=address)
        (after,) = run_batch(TASK, _jobs(tmp_path, y="alive"), cluster=address)
    assert len(set(workers)) == 2
    assert killed == workers[:1]
    assert [o.failure for o in outcomes] == [None] * 8
    assert [o.value["text"] for o in outcomes] == list("abcdefgh")
    assert {o.value["id"] for o in outcomes} - set(killed)
    assert os.getpid() not in {o.value["id"] for o in outcomes}
    assert dead.failure is not None
    assert dead.failure.kind == "KilledWorker"
    assert after.value["length"] == 5


def test_an_address_that_does_not_answer_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    pytest.importorskip("distributed", reason="dask comes with the extra [cluster]")
    monkeypatch.setattr("gliokit.batch.cluster.CONNECT_SECONDS", 0.2)
    with pytest.raises(UsageError, match="dask scheduler"):
        run_batch(Task(process), [Job("a", 1)], cluster="tcp://127.0.0.1:9")


def test_a_cluster_without_dask_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(MissingExtraError, match=r"gliokit\[cluster\]"):
        run_batch(Task(process), [Job("a", 1)], cluster="local")


LONG = """
import signal
import sys
from pathlib import Path
# A suite in the background of a shell has Ctrl-C ignored, and its children would ignore it too.
signal.signal(signal.SIGINT, signal.default_int_handler)
from gliokit.batch import Job, Task, run_batch
from tests.batch.chores import content, slow
paths = sorted(Path(sys.argv[1]).glob("*.txt"))
jobs = [Job(p.stem, p) for p in paths]
run_batch(Task(slow, content), jobs, kept=Path(sys.argv[1]) / "kept",
          progress=lambda text: print(text, file=sys.stderr, flush=True))
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
def test_ctrl_c_ends_the_workers_and_what_is_done_stays(tmp_path: Path) -> None:
    jobs = _jobs(tmp_path, **{name: name for name in "abcdefgh"})
    command = [sys.executable, "-c", LONG, str(tmp_path)]
    root = Path(__file__).resolve().parents[2]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=root) as process:
        assert process.stderr is not None
        said = process.stderr.readline()
        assert said == "1 of 8 patients\n"
        process.send_signal(signal.SIGINT)
        process.stderr.read()
    assert process.returncode != 0
    kept = tmp_path / "kept"
    assert not [p for p in kept.iterdir() if p.suffix != ".json" or p.name.startswith(".")]
    again = run_batch(Task(slow, content), jobs, workers=0, kept=kept)
    assert 1 <= sum(o.reused for o in again) < 8
    with pytest.raises(ProcessLookupError):
        os.kill(again[0].value["id"], 0)


@pytest.mark.parametrize(
    ("call", "rule"),
    [
        (lambda: run_batch(TASK, [Job("a", 1), Job("a", 2)]), "name of its own"),
        (lambda: run_batch(TASK, [], workers=-1), "0 or more workers"),
    ],
)
def test_a_wrong_call_is_refused(call: Callable[[], object], rule: str) -> None:
    with pytest.raises(UsageError, match=rule):
        call()


def test_nothing_to_do_is_no_error() -> None:
    assert run_batch(TASK, []) == ()


def test_texts_keep_their_borders() -> None:
    assert digest_of_text("ab", "c") != digest_of_text("a", "bc")
