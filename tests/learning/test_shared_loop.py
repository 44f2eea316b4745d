"""The loop of all systems, shared out among processes that torchrun starts."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (extra 'train')")

from gliokit.learning.curve import read_curve  # noqa: E402
from gliokit.learning.workers import Workers, present_workers  # noqa: E402
from gliokit.study import UsageError  # noqa: E402
from tests.learning.shared_loop import STEPS, dense, fraction  # noqa: E402
from tests.learning.test_workers import torchrun  # noqa: E402


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What two processes have written."""
    made = tmp_path_factory.mktemp("together")
    torchrun([made], processes=2, module="tests.learning.shared_loop")
    return made


def weights(folder: Path, name: str, rank: int) -> dict[str, Any]:
    return torch.load(folder / f"{name}-{rank}.pt", weights_only=True)  # type: ignore[no-any-return]


@pytest.mark.parametrize("name", ["fraction", "cut", "dense"])
def test_all_processes_end_with_equal_weights(name: str, folder: Path) -> None:
    one, two = (weights(folder, name, rank) for rank in (0, 1))
    assert one.keys() == two.keys()
    for key, value in one.items():
        assert torch.equal(value, two[key]), key


def test_two_processes_learn_what_one_does_though_a_batch_is_shared_unevenly(folder: Path) -> None:
    alone, together = fraction().state_dict(), weights(folder, "fraction", 0)
    for key, value in alone.items():
        torch.testing.assert_close(together[key], value, atol=1e-6, rtol=1e-5)


def test_what_one_process_does_not_see_is_learnt_from(folder: Path) -> None:
    first = fraction(examples=2).state_dict()
    together = weights(folder, "fraction", 0)
    assert max(float((together[k] - v).abs().max()) for k, v in first.items()) > 1e-3


def test_one_wish_stops_all_and_the_first_alone_writes_the_run_that_goes_on(
    folder: Path, tmp_path: Path
) -> None:
    steps, losses = read_curve(folder / "run" / "curve.jsonl")
    assert steps == list(range(STEPS))
    stored = torch.load(folder / "run" / "checkpoint.pt", weights_only=True)
    assert stored["step"] == STEPS
    for key, value in weights(folder, "dense", 1).items():
        assert torch.equal(stored["network"][key], value)
    counts = [v for k, v in weights(folder, "cut", 0).items() if k.endswith("num_batches_tracked")]
    assert set(map(int, counts)) == {2}
    dense(tmp_path)
    # Batch normalisation and weights of classes look at the share: alike, and not the same.
    assert losses[0] == pytest.approx(read_curve(tmp_path / "curve.jsonl")[1][0], rel=0.3)


def test_fewer_examples_than_processes_are_refused_in_every_process(folder: Path) -> None:
    for rank in (0, 1):
        said = (folder / f"refused-{rank}.txt").read_text()
        assert "1 among 2 processes" in said
        assert "Start 1 processes or fewer" in said


def test_a_process_that_joined_nobody_learns_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    assert present_workers() == Workers()


@pytest.mark.parametrize(("n", "count"), [(8, 2), (5, 2), (7, 3), (3, 3)])
def test_shares_leave_nobody_out_and_differ_by_one_at_most(n: int, count: int) -> None:
    shares = [list(range(n))[Workers(rank, count).share(n)] for rank in range(count)]
    assert [i for share in shares for i in share] == list(range(n))
    assert max(map(len, shares)) - min(map(len, shares)) <= 1
    with pytest.raises(UsageError):
        Workers(0, count).share(count - 1)
