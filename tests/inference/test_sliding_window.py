"""Windows cover an image, and what they answer is joined without a seam."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from gliokit.inference import slide
from gliokit.inference.sliding_window import window_starts, window_weights


@given(
    length=st.integers(1, 300), patch=st.integers(1, 128), overlap=st.sampled_from([0, 0.25, 0.5])
)
def test_windows_reach_every_voxel_and_overlap_as_asked(
    length: int, patch: int, overlap: float
) -> None:
    starts = window_starts(length, patch, overlap=overlap)
    assert starts[0] == 0
    assert starts[-1] == max(length - patch, 0)
    steps = np.diff(starts)
    assert (steps > 0).all()
    assert (steps <= patch * (1 - overlap) + 1).all()  # starts are whole voxels


def test_windows_lie_as_nnunet_lays_them() -> None:
    # Its own worked case: 110 voxels, a patch of 64, half a patch a step.
    assert window_starts(110, 64, overlap=0.5) == (0, 23, 46)


@pytest.mark.parametrize("window", ["gaussian", "constant"])
@pytest.mark.parametrize("shape", [(9, 20, 31), (3, 4, 5), (8, 8, 8)])
def test_a_network_of_single_voxels_gives_what_it_gives_at_once(
    window: str, shape: tuple[int, int, int]
) -> None:
    image = np.random.default_rng(0).normal(size=(2, *shape)).astype(np.float32)

    def run(part: np.ndarray) -> np.ndarray:
        assert part.shape == (2, 8, 8, 8)
        return np.stack([part[0] + part[1], part[0] * 2, part[1]])

    found = slide(run, image, (8, 8, 8), overlap=0.5, window=window)  # type: ignore[arg-type]
    expected = np.stack([image[0] + image[1], image[0] * 2, image[1]])
    assert found == pytest.approx(expected, abs=1e-5)


def test_a_gaussian_trusts_the_middle_and_nothing_not_at_all() -> None:
    weights = window_weights((16, 8, 8), "gaussian")
    assert weights[8, 4, 4] == weights.max() == 1
    assert weights[10, 4, 4] == pytest.approx(np.exp(-0.5))  # one standard deviation: 16 / 8
    assert weights.min() > 0
