"""The 3-D DenseNet is of the size that is known, and each part of it learns."""

from __future__ import annotations

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (extra 'train')")

from gliokit.networks.densenet_3d import DenseNet3D  # noqa: E402

torch.set_num_threads(1)


def size(network: torch.nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


def test_the_networks_have_as_many_weights_as_stated() -> None:
    small, deep = DenseNet3D(), DenseNet3D(blocks=(6, 12, 24, 16), growth=32, stem=64)
    assert round(size(small) / 1e6, 2) == 0.44
    assert round(size(deep) / 1e6, 1) == 11.3


def test_weights_add_up_by_the_rule_of_dense_blocks() -> None:
    inputs, stem, growth = 3, 8, 4
    network = DenseNet3D(inputs, 2, blocks=(2, 1), growth=growth, stem=stem)
    total, width = inputs * stem * 343 + 2 * stem, stem
    for number, layers in enumerate((2, 1)):
        if number:
            total += 2 * width + width * (width // 2)
            width //= 2
        for _ in range(layers):
            total += 2 * width + width * 4 * growth + 2 * 4 * growth + 4 * growth * growth * 27
            width += growth
    total += 2 * width + 2 * width + 2
    assert size(network) == total


def test_every_weight_has_a_part_in_the_answer_and_later_layers_see_earlier_ones() -> None:
    network = DenseNet3D(2, 3, blocks=(2, 2), growth=4, stem=8)
    logits = network(torch.randn(2, 2, 16, 16, 16))
    assert logits.shape == (2, 3)
    logits.square().sum().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in network.parameters())
    x = torch.randn(2, 8, 4, 4, 4)
    layer = network.features[4]
    assert torch.equal(layer(x)[:, :8], x)
