"""Variation keeps what a box shows, weights make classes even, transfer keeps what was learnt."""

from __future__ import annotations

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (extra 'train')")

from torch import nn  # noqa: E402

from gliokit.learning.crops import vary_crop  # noqa: E402
from gliokit.learning.loop import LoopSettings  # noqa: E402
from gliokit.learning.volume_classes import (  # noqa: E402
    class_weights,
    teach_classes,
    with_new_head,
)

torch.set_num_threads(1)


class _Tiny(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.features = nn.Conv3d(1, 4, 3, stride=2)
        self.head = nn.Linear(4, 2)

    def forward(self, image: torch.Tensor) -> torch.Tensor:
        return self.head(self.features(image).relu().mean((2, 3, 4)))


def volumes(n: int) -> tuple[np.ndarray, np.ndarray]:
    """Noise; the second class, one in four, has a bright ball."""
    codes = (np.arange(n) % 4 == 0).astype(np.int64)
    found = np.random.default_rng(0).normal(size=(n, 1, 8, 8, 8))
    found[:, :, 2:6, 2:6, 2:6] += 2 * codes[:, None, None, None, None]
    return found.astype(np.float16), codes


def test_without_ranges_a_box_is_mirrored_and_turned_and_no_more() -> None:
    image = torch.arange(2 * 4**3, dtype=torch.float32).reshape(2, 4, 4, 4) + 1
    seen = set()
    for seed in range(80):
        varied = vary_crop(image, np.random.default_rng(seed), scale=0, gain=0, offset=0)
        torch.testing.assert_close(varied.flatten().sort().values, image.flatten(), atol=1e-3,
                                   rtol=0)  # fmt: skip
        seen.add(tuple(varied[0].flatten().round().int().tolist()))
        # An axial plane stays an axial plane.
        planes = varied[0].amin(dim=(0, 1)).round().sort().values
        torch.testing.assert_close(planes, torch.tensor([1.0, 2, 3, 4]))
    assert len(seen) == 16


def test_what_lies_outside_stays_0_and_contrast_changes_within_its_range() -> None:
    image = torch.zeros(1, 8, 8, 8)
    image[:, 2:6, 2:6, 2:6] = 1
    varied = [vary_crop(image, np.random.default_rng(s), scale=0) for s in range(30)]
    for one in varied:
        assert torch.count_nonzero(one) == 64
    means = torch.stack([v.sum() / 64 for v in varied])
    assert 0.8 <= float(means.min()) < 0.95
    assert 1.05 < float(means.max()) <= 1.2


def test_every_class_weighs_the_same() -> None:
    codes = np.array([0, 0, 0, 1, 2, 2])
    weights = class_weights(codes)
    np.testing.assert_allclose([weights[codes == k].sum() for k in range(3)], 2.0)
    assert weights.mean() == pytest.approx(1.0)


def test_a_network_learns_a_rare_class() -> None:
    found, codes = volumes(24)
    torch.manual_seed(0)
    learnt = teach_classes(_Tiny(), found, codes, LoopSettings(150, 0.02), batch=6)
    with torch.no_grad():
        p = learnt(torch.from_numpy(found.astype(np.float32))).softmax(1)[:, 1].numpy()
    assert p[codes == 1].min() > p[codes == 0].max()


def test_transfer_keeps_all_but_the_last_layer() -> None:
    network = _Tiny()
    before = {k: v.clone() for k, v in network.state_dict().items()}
    after = with_new_head(network, seed=5).state_dict()
    assert torch.equal(before["features.weight"], after["features.weight"])
    assert not torch.equal(before["head.weight"], after["head.weight"])
    again = with_new_head(_Tiny(), seed=5).state_dict()
    assert torch.equal(again["head.weight"], after["head.weight"])
