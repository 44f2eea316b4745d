"""nnU-Net's U-Net: its published size, its plan for a patch, and a head at every level."""

from __future__ import annotations

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

torch = pytest.importorskip("torch", reason="torch is not installed (extra 'train')")

from gliokit.networks import (  # noqa: E402
    PlannedUNet,
    fitted_patch,
    multiples,
    planned_sizes,
    training_gib,
)

SIDE = st.integers(min_value=8, max_value=200)


def test_the_network_planned_for_128_voxels_has_the_published_count_of_parameters() -> None:
    """31,198,991 of nnU-Net v2 in 3-D with four channels and three regions."""
    with torch.device("meta"):
        network = PlannedUNet(4, 3, planned_sizes((128, 128, 128)))
    assert sum(p.numel() for p in network.parameters()) == 31_198_991


@pytest.mark.parametrize(
    ("whole", "patch"),
    [((138, 169, 138), (128, 128, 128)), ((140, 171, 136), (128, 160, 112))],
    ids=["Decathlon brain tumours", "BraTS 2021"],
)
def test_eight_gib_hold_the_patch_that_nnunet_plans_for_brain_tumours(
    whole: tuple[int, int, int], patch: tuple[int, int, int]
) -> None:
    assert fitted_patch(whole, filters=32, batch=2, gib=8) == patch


@given(SIDE, SIDE, SIDE, st.sampled_from((8, 16, 32)), st.sampled_from((0.5, 2.0, 8.0)))
def test_a_fitted_patch_fits_and_runs_through_its_own_plan(
    a: int, b: int, c: int, filters: int, gib: float
) -> None:
    patch = fitted_patch((a, b, c), filters=filters, batch=2, gib=gib)
    sizes = planned_sizes(patch, filters)
    assert training_gib(sizes, patch, 2) <= gib
    assert all(side % step == 0 for side, step in zip(patch, multiples(sizes), strict=True))


def test_more_filters_or_patches_take_more_memory() -> None:
    patch = (64, 64, 64)
    thin, wide = planned_sizes(patch, 16), planned_sizes(patch, 32)
    assert training_gib(wide, patch, 2) > training_gib(thin, patch, 2)
    assert training_gib(thin, patch, 4) == pytest.approx(2 * training_gib(thin, patch, 2))


def test_what_never_fits_is_refused() -> None:
    with pytest.raises(ValueError, match="do not fit"):
        fitted_patch((64, 64, 64), filters=32, batch=1000, gib=0.01)
    with pytest.raises(ValueError, match="halved"):
        planned_sizes((4, 8, 4))


def test_the_memory_of_a_plan_counts_every_map_that_the_network_makes() -> None:
    patch = (16, 24, 16)
    sizes = planned_sizes(patch, 4)
    network = PlannedUNet(4, 3, sizes)
    made: list[int] = []
    for module in network.modules():
        if isinstance(module, torch.nn.Conv3d | torch.nn.ConvTranspose3d):
            module.register_forward_hook(lambda _, __, out: made.append(out.numel()))
    network.at_every_level(torch.zeros(1, 4, *patch))
    expected = sum(made) / 560e6 / 2 * 8
    assert training_gib(sizes, patch, 1) == pytest.approx(expected)


def test_every_level_has_logits_and_the_finest_are_the_networks_answer() -> None:
    sizes = planned_sizes((32, 32, 16), 4)
    network = PlannedUNet(4, 3, sizes).eval()
    image = torch.randn(2, 4, 32, 32, 16)
    with torch.no_grad():
        levels = network.at_every_level(image)
        assert torch.equal(levels[0], network(image))
    assert len(levels) == len(sizes.features) - 1
    for level, logits in enumerate(levels):
        step = [math.prod(s[axis] for s in sizes.strides[: level + 1]) for axis in range(3)]
        sides = [side // s for side, s in zip((32, 32, 16), step, strict=True)]
        assert list(logits.shape) == [2, 3, *sides]
