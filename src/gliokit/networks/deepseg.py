"""DeepSeg of Zeineldin 2020: any encoder of slices, and a U-Net decoder of two kinds."""

from __future__ import annotations

from typing import Literal

import torch
from torch import Tensor, nn
from torch.nn import functional

from gliokit.networks.encoders_2d import (
    VGG16,
    DenseNet121,
    Encoder,
    MobileNet,
    ResNet50,
    UNetEncoder,
    norm,
)

__all__ = ["DecoderKind", "DeepSeg", "deepseg"]

DecoderKind = Literal["unet", "unet-mod", "unet-mod-as-coded"]
"""'unet-mod' normalises every 3x3 convolution. 'as-coded' is what the authors' program builds:
the second convolution at full resolution reads what the first was given, so that the first is
left out of the network."""


class DeepSeg(nn.Module):
    """Slices to the logit of each class in each pixel.

    The class convolution is 3x3 and ends in a ReLU, as in the authors' program, so that a logit
    is never below 0.

    Args:
        encoder: Features of five resolutions. One that begins at half the resolution gets one
            more step up, to which the slice itself is joined.
        decoder: See `DecoderKind`.
        inputs: Channels of the slice.
        classes: Background among them.
        filters: Channels of the decoder at its fourth step.

    The sides of the input must be multiples of 16 times the encoder's stride.

    Source: Zeineldin et al., IJCARS 15 (2020) 909-920, and the program published with it.
    """

    def __init__(
        self,
        encoder: Encoder,
        decoder: DecoderKind = "unet",
        *,
        inputs: int = 3,
        classes: int = 2,
        filters: int = 32,
    ) -> None:
        super().__init__()
        self.encoder = encoder
        normalised = decoder != "unet"
        *skips, before = encoder.widths
        self.steps = nn.ModuleList()
        for level, skip in zip((3, 2, 1, 0), reversed(skips), strict=True):
            width = filters * 2**level
            dead = level == 0 and decoder == "unet-mod-as-coded"
            self.steps.append(_Step(before, width, skip, width, normalised=normalised, single=dead))
            before = width
        if encoder.stride == 2:
            self.steps.append(_Step(before, filters, inputs, filters // 2, normalised=normalised))
            before = filters // 2
        self.head = nn.Sequential(*_convolution(before, classes, normalised=normalised))
        self.apply(_start)

    def forward(self, slices: Tensor) -> Tensor:
        """(batch, inputs, rows, columns) to logits (batch, classes, rows, columns)."""
        *skips, x = self.encoder(slices)
        for step, skip in zip(self.steps, [*reversed(skips), slices], strict=False):
            x = step(x, skip)
        logits: Tensor = self.head(x)
        return logits


class _Step(nn.Module):
    """Twice the resolution by nearest neighbours, a 2x2 convolution, a skip, two 3x3."""

    def __init__(
        self,
        before: int,
        up: int,
        skip: int,
        width: int,
        *,
        normalised: bool,
        single: bool = False,
    ) -> None:
        super().__init__()
        self.up = nn.Conv2d(before, up, 2)
        second = [] if single else _convolution(width, width, normalised=normalised)
        self.join = nn.Sequential(*_convolution(up + skip, width, normalised=normalised), *second)

    def forward(self, x: Tensor, skip: Tensor) -> Tensor:
        x = functional.interpolate(x, scale_factor=2.0, mode="nearest")
        # Keras fills an even kernel's border after the image, not before it.
        x = functional.relu(self.up(functional.pad(x, (0, 1, 0, 1))))
        joined: Tensor = self.join(torch.cat([x, skip], dim=1))
        return joined


def _convolution(before: int, width: int, *, normalised: bool) -> list[nn.Module]:
    scaled: list[nn.Module] = [norm(width)] if normalised else []
    return [nn.Conv2d(before, width, 3, padding=1), *scaled, nn.ReLU(inplace=True)]


def _start(module: nn.Module) -> None:
    """Weights as Keras draws them where nothing is said: Glorot's uniform, biases 0."""
    if isinstance(module, nn.Conv2d):
        nn.init.xavier_uniform_(module.weight)
        if module.bias is not None:
            nn.init.zeros_(module.bias)


def deepseg(encoder: str, decoder: DecoderKind, *, filters: int = 32) -> DeepSeg:
    """The network of an encoder's name, for slices of three channels.

    Args:
        encoder: 'unet', 'unet-mod', 'vgg16', 'resnet50', 'mobilenet' or 'densenet121'.
        decoder: See `DecoderKind`.
        filters: Of the decoder, and of the first two encoders.
    """
    made: Encoder
    if encoder in ("unet", "unet-mod"):
        made = UNetEncoder(filters=filters, normalised=encoder == "unet-mod")
    else:
        zoo: dict[str, type[VGG16 | ResNet50 | MobileNet | DenseNet121]] = {
            "vgg16": VGG16,
            "resnet50": ResNet50,
            "mobilenet": MobileNet,
            "densenet121": DenseNet121,
        }
        made = zoo[encoder]()
    return DeepSeg(made, decoder, filters=filters)
