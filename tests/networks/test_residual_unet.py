"""The network gives one logit per region and voxel, at the size of its input."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (extra 'train')")


def test_logits_have_the_size_of_the_image() -> None:
    from gliokit.networks import ResidualUNet

    network = ResidualUNet(widths=(4, 8), detail=2).eval()
    with torch.no_grad():
        assert network(torch.zeros(2, 4, 8, 12, 4)).shape == (2, 3, 8, 12, 4)


def test_every_weight_learns() -> None:
    from gliokit.networks import ResidualUNet

    network = ResidualUNet(widths=(4, 8), detail=2)
    network(torch.randn(1, 4, 16, 16, 16)).square().mean().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in network.parameters())
