"""The loop of all systems repeats with its seed and survives a kill."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (extra 'train')")

from torch import Tensor, nn  # noqa: E402

from gliokit.learning.curve import read_curve  # noqa: E402
from gliokit.learning.loop import Batch, LoopSettings, learn  # noqa: E402
from gliokit.study import UsageError  # noqa: E402

torch.set_num_threads(1)

SETTINGS = LoopSettings(12, 0.05, optimiser="adamw", schedule="cosine", clip_norm=1.0, seed=4)


def network(seed: int = 0) -> nn.Module:
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        return nn.Sequential(
            nn.Linear(3, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Dropout(0.3), nn.Linear(8, 1)
        )


def draw(step: int, generator: np.random.Generator) -> Batch:
    x = generator.normal(size=(16, 3)).astype(np.float32)
    return x, torch.from_numpy(x[:, :1] * 2)


def squares(model: nn.Module, x: Tensor, y: Tensor) -> Tensor:
    return ((model(x) - y) ** 2).mean()


def weights(model: nn.Module) -> np.ndarray:
    return np.concatenate([v.detach().numpy().ravel() for v in model.state_dict().values()])


def test_a_seed_gives_the_same_network_and_another_seed_another() -> None:
    one, same = (weights(learn(network(), draw, squares, SETTINGS)) for _ in range(2))
    other = weights(learn(network(), draw, squares, replace(SETTINGS, seed=5)))
    np.testing.assert_array_equal(one, same)
    assert np.abs(one - other).max() > 1e-3


@pytest.mark.parametrize("optimiser", ["adamw", "adam", "sgd"])
def test_a_killed_run_ends_as_one_that_was_not(
    optimiser: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = replace(SETTINGS, optimiser=optimiser)  # type: ignore[arg-type]
    whole = weights(
        learn(network(), draw, squares, settings, folder=tmp_path / "whole", learners="ab")
    )
    monkeypatch.setattr("gliokit.learning.loop.CHECKPOINT_SECONDS", -1.0)

    def kill(step: int, loss: float, seconds: float) -> None:
        if step == 7:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        learn(
            network(), draw, squares, settings, folder=tmp_path / "cut", learners="ab",
            progress=kill,
        )  # fmt: skip
    resumed = learn(
        network(9), draw, squares, settings, folder=tmp_path / "cut", learners=("b", "a")
    )
    np.testing.assert_array_equal(weights(resumed), whole)
    steps, losses = read_curve(tmp_path / "cut" / "curve.jsonl")
    assert steps == list(range(12))
    assert losses == read_curve(tmp_path / "whole" / "curve.jsonl")[1]


def test_a_network_learns_and_comes_back_in_evaluation_mode() -> None:
    losses: list[float] = []
    learnt = learn(
        network(), draw, squares, replace(SETTINGS, steps=150),
        progress=lambda step, loss, seconds: losses.append(loss),
    )  # fmt: skip
    assert len(losses) == 150
    assert np.mean(losses[-10:]) < 0.5 * np.mean(losses[:10])
    assert not learnt.training


def test_what_the_caller_draws_afterwards_does_not_depend_on_the_loop() -> None:
    torch.manual_seed(1)
    expected = torch.rand(3)
    torch.manual_seed(1)
    learn(network(), draw, squares, SETTINGS)
    torch.testing.assert_close(torch.rand(3), expected)


def test_a_checkpoint_of_other_settings_and_a_loss_that_is_not_finite_are_refused(
    tmp_path: Path,
) -> None:
    learn(network(), draw, squares, SETTINGS, folder=tmp_path, learners="a")
    with pytest.raises(UsageError, match="settings that it was begun with"):
        learn(network(), draw, squares, replace(SETTINGS, steps=20), folder=tmp_path, learners="a")
    with pytest.raises(FloatingPointError, match="step 0 is nan"):
        learn(network(), draw, lambda m, x, y: squares(m, x, y) * float("nan"), SETTINGS)


def test_a_checkpoint_made_of_the_images_of_others_is_refused(tmp_path: Path) -> None:
    learn(network(), draw, squares, SETTINGS, folder=tmp_path, learners=("a", "b"))
    before = (tmp_path / "checkpoint.pt").read_bytes()
    for others in (("a", "c"), ("a",)):
        with pytest.raises(UsageError, match="images of those that it was begun with"):
            learn(network(), draw, squares, SETTINGS, folder=tmp_path, learners=others)
    with pytest.raises(UsageError, match="names whose images"):
        learn(network(), draw, squares, SETTINGS, folder=tmp_path)
    assert (tmp_path / "checkpoint.pt").read_bytes() == before


def test_a_checkpoint_of_a_version_that_named_nobody_goes_on(tmp_path: Path) -> None:
    learn(network(), draw, squares, SETTINGS, folder=tmp_path, learners="a")
    stored = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    del stored["learners"]
    torch.save(stored, tmp_path / "checkpoint.pt")
    learn(network(), draw, squares, SETTINGS, folder=tmp_path, learners="b")
    stored = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert len(stored["learners"]) == 64  # a checksum: no patient is named


@pytest.mark.parametrize("wrong", [{"optimiser": "rmsprop"}, {"schedule": "step"}, {"steps": 0}])
def test_settings_that_can_not_be_are_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(UsageError):
        replace(SETTINGS, **wrong)  # type: ignore[arg-type]
