"""The networks of Buda 2019 and Zeineldin 2020 have the parameters that the papers' have."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (extra 'train')")

from gliokit.networks.deepseg import DeepSeg  # noqa: E402
from gliokit.networks.encoders_2d import (  # noqa: E402
    VGG16,
    DenseNet121,
    Encoder,
    MobileNet,
    ResNet50,
    UNetEncoder,
)
from gliokit.networks.unet_2d import UNet2d  # noqa: E402


def learnt(network: Any) -> int:
    return sum(p.numel() for p in network.parameters())


@pytest.mark.parametrize(
    ("inputs", "outputs", "filters", "normalised", "bias", "count"),
    [
        (3, 1, 32, False, True, 7_760_097),
        (1, 1, 32, False, True, 7_759_521),
        (9, 1, 32, False, True, 7_761_825),
        (3, 1, 32, True, True, 7_765_985),
        (3, 1, 32, True, False, 7_763_041),
        (1, 1, 32, True, False, 7_762_465),
        (4, 4, 32, True, False, 7_763_428),
        (3, 1, 16, True, False, 1_942_577),
        (4, 3, 16, True, False, 1_942_755),
    ],
)
def test_the_u_net_of_buda_has_its_parameters(
    inputs: int, outputs: int, filters: int, normalised: bool, bias: bool, count: int
) -> None:
    with torch.device("meta"):
        made = UNet2d(inputs, outputs, filters=filters, normalised=normalised, bias=bias)
    assert learnt(made) == count


@pytest.mark.parametrize(
    ("decoder", "normalised", "inputs", "filters", "count"),
    [
        ("unet", False, 3, 32, 7_760_642),
        ("unet", False, 1, 32, 7_760_066),
        ("unet", False, 4, 32, 7_760_930),
        ("unet", False, 3, 64, 31_032_834),
        ("unet-mod", True, 3, 32, 7_766_534),
        ("unet-mod-as-coded", True, 3, 32, 7_757_222),
        ("unet-mod-as-coded", True, 1, 32, 7_756_646),
        ("unet-mod-as-coded", True, 4, 32, 7_757_510),
    ],
)
def test_deepseg_has_its_parameters(
    decoder: Any, normalised: bool, inputs: int, filters: int, count: int
) -> None:
    with torch.device("meta"):
        encoder = UNetEncoder(inputs, filters=filters, normalised=normalised)
        made = DeepSeg(encoder, decoder, inputs=inputs, filters=filters)
    assert learnt(made) == count


@pytest.mark.parametrize(
    ("encoder", "alone", "unet", "unet_mod"),
    [
        (VGG16, 14_714_688, 18_546_466, 18_539_078),
        (ResNet50, 23_587_712 - 53_120, 30_498_738, 30_491_414),
        (MobileNet, 3_228_864 - 21_888, 7_574_258, 7_566_934),
        (DenseNet121, 7_037_504 - 83_648, 12_869_426, 12_862_102),
    ],
)
def test_encoders_of_the_zoo_have_its_parameters_under_either_decoder(
    encoder: Callable[[], Encoder], alone: int, unet: int, unet_mod: int
) -> None:
    with torch.device("meta"):
        assert learnt(encoder()) == alone
        assert learnt(DeepSeg(encoder(), "unet")) == unet
        assert learnt(DeepSeg(encoder(), "unet-mod-as-coded")) == unet_mod


@pytest.mark.parametrize("encoder", [UNetEncoder, VGG16, ResNet50, MobileNet, DenseNet121])
def test_any_encoder_gives_logits_of_the_size_of_the_slice(encoder: Callable[[], Encoder]) -> None:
    network = DeepSeg(encoder(), "unet-mod").eval()
    with torch.no_grad():
        features = network.encoder(torch.zeros(1, 3, 32, 64))
        logits = network(torch.zeros(1, 3, 32, 64))
    finest = (32 // network.encoder.stride, 64 // network.encoder.stride)
    assert [f.shape[1] for f in features] == list(network.encoder.widths)
    assert features[0].shape[2:] == finest
    assert features[-1].shape[2:] == (finest[0] // 16, finest[1] // 16)
    assert logits.shape == (1, 2, 32, 64)
    assert bool((logits >= 0).all())


@pytest.mark.parametrize("decoder", ["unet", "unet-mod", "unet-mod-as-coded"])
def test_every_weight_of_deepseg_learns(decoder: Any) -> None:
    torch.manual_seed(0)
    network = DeepSeg(UNetEncoder(filters=4, normalised=decoder != "unet"), decoder, filters=4)
    network(torch.randn(4, 3, 32, 32)).square().mean().backward()
    dumb = [n for n, p in network.named_parameters() if p.grad is None or not p.grad.abs().sum()]
    # A batch norm takes away the bias of the convolution before it.
    assert [n for n in dumb if not n.endswith("bias")] == []


def test_every_weight_of_the_u_net_learns() -> None:
    torch.manual_seed(0)
    network = UNet2d(filters=4)
    said = network(torch.randn(2, 3, 32, 32))
    assert said.shape == (2, 1, 32, 32)
    assert float(said.detach().min()) > 0
    assert float(said.detach().max()) < 1
    said.square().mean().backward()
    assert all(p.grad is not None and p.grad.abs().sum() > 0 for p in network.parameters())
