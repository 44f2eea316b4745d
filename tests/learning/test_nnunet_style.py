"""The network beside the house one learns, varies and ships as nnU-Net's does."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

torch = pytest.importorskip("torch", reason="torch is not installed (extra 'train')")

from torch.nn import functional  # noqa: E402

from gliokit.inference import load_model  # noqa: E402
from gliokit.learning import AugmentationSettings, TrainingSettings  # noqa: E402
from gliokit.learning.curve import read_curve  # noqa: E402
from gliokit.learning.loss import supervised_levels_loss  # noqa: E402
from gliokit.learning.method import fitted, method_of  # noqa: E402
from gliokit.learning.nnunet_augmentation import CHANGES, vary_as_nnunet  # noqa: E402
from gliokit.learning.run import train_segmentation  # noqa: E402
from gliokit.learning.start import read_start  # noqa: E402
from gliokit.learning.training import train  # noqa: E402
from gliokit.study import Cohort, UsageError  # noqa: E402
from tests.learning.test_training import example, patient  # noqa: E402

SETTINGS = TrainingSettings(network="nnunet-style", patch=(16, 16, 16), filters=4, steps=4)


def test_settings_are_nnunets_unless_given() -> None:
    assert (SETTINGS.learning_rate, SETTINGS.weight_decay, SETTINGS.batch) == (1e-2, 3e-5, 2)
    given = TrainingSettings(network="nnunet-style", learning_rate=1e-3)
    assert given.learning_rate == 1e-3
    assert "augmentation" not in SETTINGS.in_use()
    assert TrainingSettings.model_validate(SETTINGS.model_dump()) == SETTINGS


@pytest.mark.parametrize(
    "wrong",
    [
        {"network": "nnunet-style", "widths": (4, 8)},
        {"network": "nnunet-style", "augmentation": AugmentationSettings(noise=0)},
        {"network": "house", "filters": 16},
    ],
)
def test_a_setting_of_the_other_network_is_refused(wrong: dict[str, object]) -> None:
    with pytest.raises(ValidationError, match="has no"):
        TrainingSettings.model_validate(wrong)


def test_the_pace_falls_as_a_polynomial_and_the_momentum_is_nesterovs() -> None:
    method = method_of(SETTINGS.model_copy(update={"steps": 1000}))
    assert method.pace(0) == pytest.approx(1e-2)
    assert method.pace(500) == pytest.approx(1e-2 * 0.5**0.9)
    group = method.optimiser(method.build()).param_groups[0]
    assert (group["momentum"], group["nesterov"]) == (0.99, True)


def test_levels_weigh_half_of_the_finer_and_the_coarsest_nothing() -> None:
    generator = torch.Generator().manual_seed(0)
    regions = (torch.rand(2, 3, 8, 8, 8, generator=generator) > 0.7).float()
    levels = [torch.randn(2, 3, n, n, n, generator=generator) for n in (8, 4, 2)]
    losses = []
    for logits in levels[:2]:
        wanted = functional.avg_pool3d(regions, 8 // logits.shape[-1])
        p = logits.sigmoid()
        both, total = (x.sum((2, 3, 4)) for x in (p * wanted, p + wanted))
        entropy = -(wanted * p.log() + (1 - wanted) * (1 - p).log()).mean()
        losses.append(1 - (2 * both / total).mean() + entropy)
    expected = (losses[0] + losses[1] / 2) / 1.5
    assert float(supervised_levels_loss(levels, regions)) == pytest.approx(float(expected), 1e-4)
    assert float(supervised_levels_loss(levels[:1], regions)) == pytest.approx(float(losses[0]))


def test_nothing_learns_from_the_loss_of_the_truth() -> None:
    regions = torch.zeros(1, 3, 8, 8, 8)
    regions[:, :, 2:6, 2:6, 2:6] = 1
    assert float(supervised_levels_loss([(regions * 2 - 1) * 20], regions)) < 1e-3


def brain() -> torch.Tensor:
    """Four channels of a ball of 3 about a mean of 1; 0 outside."""
    distance = np.linalg.norm((np.indices((20, 20, 20)).T - 9.5).T, axis=0)
    values = np.random.default_rng(0).normal(1, 3, (4, 20, 20, 20))
    return torch.from_numpy(np.where(distance < 9, values, 0).astype(np.float32))


@pytest.mark.parametrize("change", [c for _, _, c in CHANGES], ids=lambda c: c.__name__.strip("_"))
def test_a_change_repeats_with_its_generator_and_changes_something(change: object) -> None:
    channel = brain()[0]
    once, again = (change(channel, np.random.default_rng(3)) for _ in range(2))  # type: ignore[operator]
    assert torch.equal(once, again)
    assert once.shape == channel.shape
    assert torch.isfinite(once).all()
    assert not torch.allclose(once, channel)


def test_gamma_keeps_mean_and_spread_and_contrast_the_range() -> None:
    changes = {c.__name__: c for _, _, c in CHANGES}
    channel = brain()[0]
    inside = channel != 0
    for seed in range(10):
        for name in ("_gamma", "_inverted_gamma"):
            bent = changes[name](channel, np.random.default_rng(seed))[inside]
            assert float(bent.mean()) == pytest.approx(float(channel[inside].mean()), abs=1e-3)
            assert float(bent.std()) == pytest.approx(float(channel[inside].std()), rel=1e-3)
        stretched = changes["_contrast"](channel, np.random.default_rng(seed))[inside]
        assert stretched.min() >= channel[inside].min()
        assert stretched.max() <= channel[inside].max()


def test_examples_are_mirrored_along_every_axis_and_stay_0_outside_the_brain() -> None:
    image, regions = brain(), torch.zeros(3, 20, 20, 20)
    regions[:, :5, :5, :5] = 1
    corners = set()
    for seed in range(60):
        varied, moved = vary_as_nnunet(image, regions, np.random.default_rng(seed))
        assert varied.shape == image.shape
        assert torch.isfinite(varied).all()
        assert torch.count_nonzero(varied[:, 0, 0, 0]) == 0
        whole = moved[0]
        for corner in np.ndindex(2, 2, 2):
            if bool((whole[tuple(-c for c in corner)] == 1).all()):
                corners.add(corner)
    assert len(corners) == 8


def test_a_patch_that_cannot_be_halved_is_refused() -> None:
    with pytest.raises(UsageError, match="halved") as found:
        method_of(SETTINGS.model_copy(update={"patch": (18, 16, 16)}))
    assert "[20, 16, 16]" in str(found.value)
    with pytest.raises(UsageError, match="eight voxels"):
        method_of(SETTINGS.model_copy(update={"patch": (4, 4, 4)}))


def test_a_patch_is_shortened_to_the_memory_and_twice_as_much_in_32_bits() -> None:
    wide = TrainingSettings(
        network="nnunet-style", patch=(140, 171, 136), memory_gib=8, precision="f16"
    )
    assert fitted(wide).patch == (128, 160, 112)
    same = wide.model_copy(update={"precision": "f32", "memory_gib": 16})
    assert fitted(same).patch == (128, 160, 112)
    assert fitted(fitted(wide)) == fitted(wide)
    with pytest.raises(UsageError, match="fits the memory"):
        fitted(wide.model_copy(update={"memory_gib": 1e-5}))


def test_a_network_learns_a_bright_box_from_varied_examples(tmp_path: Path) -> None:
    train([example(0)], SETTINGS.model_copy(update={"steps": 60}), tmp_path)
    losses = read_curve(tmp_path / "curve.jsonl")[1]
    assert np.mean(losses[-10:]) < 0.7 * np.mean(losses[:5])


def test_a_run_that_was_killed_ends_as_one_that_was_not(tmp_path: Path) -> None:
    whole = train([example(0)], SETTINGS, tmp_path / "whole")

    def kill(step: int, loss: float, seconds: float) -> None:
        if step == 3:
            raise KeyboardInterrupt

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("gliokit.learning.training.CHECKPOINT_SECONDS", 0.0)
        with pytest.raises(KeyboardInterrupt):
            train([example(0)], SETTINGS, tmp_path / "cut", progress=kill)
    resumed = train([example(0)], SETTINGS, tmp_path / "cut")
    for name, weight in whole.state_dict().items():
        torch.testing.assert_close(weight, resumed.state_dict()[name], atol=1e-6, rtol=1e-5)


def test_a_model_is_shipped_and_goes_on_from_its_own_kind_alone(tmp_path: Path) -> None:
    cohort = Cohort((patient("a"), patient("b")), ("collection",), tmp_path)
    settings = SETTINGS.model_copy(update={"learning_rate": 0.05})
    folder = train_segmentation(cohort, tmp_path / "one", settings=settings)
    card = load_model(folder).card
    assert card.training["coarse"]["network"] == "nnunet-style"
    assert card.stages[0].multiple == method_of(settings).multiple
    start = read_start(folder, settings)
    stored = torch.load(tmp_path / "one" / "checkpoint.pt", weights_only=True)["average"]
    for name, weight in start.weights.items():
        torch.testing.assert_close(weight, stored[name], atol=1e-3, rtol=1e-3)
    other = Cohort((patient("c"),), (), tmp_path)
    train_segmentation(other, tmp_path / "two", settings=settings, initial=folder)
    house = TrainingSettings(patch=(16, 16, 16), widths=(4, 8), steps=1)
    with pytest.raises(UsageError, match="the network that is trained"):
        train_segmentation(other, tmp_path / "three", settings=house, initial=folder)
