"""Networks of the published systems: sizes by hand, and what each promises."""

from __future__ import annotations

import itertools

import pytest

torch = pytest.importorskip("torch", reason="networks need the extra [train]")

from gliokit.networks.channel_stems import ChannelStems  # noqa: E402
from gliokit.networks.curve_attention import CurveAttention  # noqa: E402
from gliokit.networks.dense_unet import DenseUNet  # noqa: E402
from gliokit.networks.multimodal_residual import MultimodalResidual  # noqa: E402
from gliokit.networks.series_lstm import SeriesLstm  # noqa: E402
from gliokit.networks.single_shot import SingleShot  # noqa: E402
from gliokit.networks.slice_network import SliceNetwork  # noqa: E402
from gliokit.networks.tissue_fraction import TissueFraction  # noqa: E402
from gliokit.networks.translation import Translation  # noqa: E402


def size(network: torch.nn.Module) -> int:
    return sum(p.numel() for p in network.parameters())


def test_a_dense_u_net_has_seven_blocks_and_three_halvings() -> None:
    network = DenseUNet(1, 3)
    assert len(network.down) + 1 + len(network.up) == 7
    assert len(network.coarser) == len(network.finer) == 3
    assert network(torch.randn(2, 1, 16, 8, 24)).shape == (2, 3, 16, 8, 24)


def test_the_slice_network_is_six_convolutions_and_shows_its_features() -> None:
    widths = (4, 16, 16, 32, 32, 64, 64)
    convolutions = sum(9 * a * b for a, b in itertools.pairwise(widths))
    network = SliceNetwork(4, 2)
    assert size(network) == convolutions + 2 * sum(widths[1:]) + 64 * 2 + 2
    logits, features = network.eval()(torch.randn(3, 4, 64, 64))
    torch.testing.assert_close(network.head(features), logits)


def test_the_attention_over_time_sums_to_one_and_the_cell_has_the_size_of_four_gates() -> None:
    network = CurveAttention()
    assert size(network) == (65 * 3 * 256 + 256) + (64 + 1) + (64 * 2 + 2)
    logits, weights = network(torch.randn(4, 5, 20))
    assert logits.shape == (4, 2)
    torch.testing.assert_close(weights.sum(dim=1), torch.ones(4))


def test_attention_depends_on_the_order_of_times() -> None:
    torch.manual_seed(0)
    network, curves = CurveAttention(), torch.randn(2, 5, 20)
    assert not torch.allclose(network(curves)[0], network(curves.flip(2))[0])


def test_the_multimodal_network_reads_images_and_numbers() -> None:
    torch.manual_seed(0)
    network = MultimodalResidual(6, 2, 3).eval()
    image, numbers = torch.randn(2, 6, 32, 32), torch.randn(2, 2)
    logits = network(image, numbers)
    assert logits.shape == (2, 3)
    assert not torch.allclose(logits, network(torch.zeros_like(image), numbers))
    assert not torch.allclose(logits, network(image, torch.zeros_like(numbers)))


@pytest.mark.parametrize("channels", [1, 2, 5])
def test_every_channel_has_a_stem_of_its_own_and_the_whole_stays_small(channels: int) -> None:
    network = ChannelStems(channels)
    one = (27 * 16 + 16) + 32
    rest = size(network) - channels * one
    assert rest == size(ChannelStems(1)) - one + (channels - 1) * 16 * 32 * 27
    assert size(network) < 300_000
    logits, features = network.eval()(torch.randn(2, channels, 24, 24, 24))
    torch.testing.assert_close(network.head(features), logits)


def test_the_series_network_reads_images_one_after_the_other() -> None:
    torch.manual_seed(0)
    network, images = SeriesLstm().eval(), torch.randn(2, 7, 32, 32)
    lstm = 4 * (64 * 64 + 64 * 64 + 2 * 64)
    encoder = (9 * 16 + 16) + (9 * 16 * 32 + 32) + (9 * 32 * 64 + 64)
    assert size(network) == encoder + lstm + 130
    assert not torch.allclose(network(images), network(images.flip(1)))


def test_the_water_network_has_the_published_example_of_widths() -> None:
    """1 + 32 volumes of one shell give layers of 24 and 12 (the authors' formula)."""
    network = TissueFraction(33, 2)
    linear = [m for m in network.modules() if isinstance(m, torch.nn.Linear)]
    assert [m.out_features for m in linear] == [24, 12, 1]


def test_a_detector_says_something_of_every_default_box() -> None:
    network = SingleShot().eval()
    kinds, places = network(torch.randn(2, 1, 128, 128))
    boxes = 4 * sum((128 // 2**level) ** 2 for level in range(1, 6))
    assert kinds.shape == (2, boxes, 2)
    assert places.shape == (2, boxes, 4)


def test_the_first_default_boxes_of_a_detector_belong_to_the_first_cell() -> None:
    torch.manual_seed(0)
    network, image = SingleShot().eval(), torch.zeros(1, 1, 64, 64)
    changed = image.clone()
    changed[..., -1, -1] = 9.0
    same = network(image)[0][0, :4] == network(changed)[0][0, :4]
    assert same.all()
    last = 4 * 32 * 32
    other = network(image)[0][0, last - 4 : last] == network(changed)[0][0, last - 4 : last]
    assert not other.all()


def test_the_critic_of_a_translation_pushes_the_generator_the_other_way() -> None:
    torch.manual_seed(0)
    network, source = Translation(), torch.randn(2, 1, 16, 16)
    made = network(source)
    assert made.shape == source.shape
    judged = network.judged(source, made, made=True).mean()
    (reversed_,) = torch.autograd.grad(judged, made, retain_graph=True)
    plain = network.judged(source, made, made=False).mean()
    (straight,) = torch.autograd.grad(plain, made)
    torch.testing.assert_close(reversed_, -straight)
