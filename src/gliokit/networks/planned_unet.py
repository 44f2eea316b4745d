"""The U-Nets of nnU-Net v2, with the names of parameters that its checkpoints hold."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from typing import Literal

import torch
from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn

__all__ = ["PlannedUNet", "UNetSizes"]

Triple = tuple[int, int, int]

ONE: Triple = (1, 1, 1)


class UNetSizes(BaseModel):
    """What plans say of an architecture.

    `convolutions` counts those of an encoder stage, or its residual blocks.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    residual: bool
    features: tuple[int, ...]
    kernels: tuple[Triple, ...]
    strides: tuple[Triple, ...]
    convolutions: tuple[int, ...]
    decoder_convolutions: tuple[int, ...]
    bias: bool
    norm: Literal["instance", "batch"] = "instance"
    norm_eps: float = 1e-5
    norm_affine: bool = True
    activation: Literal["leaky", "relu"] = "leaky"


class PlannedUNet(nn.Module):
    """An encoder and a decoder that joins its skips, with a head at every level.

    Args:
        inputs: Channels of the image.
        outputs: Channels of the logits.
        sizes: Of all that lies between.

    Source: Isensee et al., Nature Methods 18 (2021) 203; for the residual encoder,
    Isensee et al., MICCAI 2024, arXiv 2404.09556.
    """

    def __init__(self, inputs: int, outputs: int, sizes: UNetSizes) -> None:
        super().__init__()
        self.encoder = _Encoder(inputs, sizes)
        self.decoder = _Decoder(outputs, sizes)

    def forward(self, image: Tensor) -> Tensor:
        """(batch, inputs, i, j, k) to logits (batch, outputs, i, j, k)."""
        logits: Tensor = self.decoder.seg_layers[-1](self.decoder(self.encoder(image))[-1])
        return logits

    def at_every_level(self, image: Tensor) -> tuple[Tensor, ...]:
        """Logits of every level but the deepest, finest first, for deep supervision."""
        levels = self.decoder(self.encoder(image))
        logits = [head(x) for head, x in zip(self.decoder.seg_layers, levels, strict=True)]
        return tuple(logits[::-1])


class _Conv(nn.Module):
    """A convolution, normalised, and activated but for the last of a residual block."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: Triple,
        stride: Triple,
        sizes: UNetSizes,
        *,
        bias: bool | None = None,
        activated: bool = True,
    ) -> None:
        super().__init__()
        padding = ((kernel[0] - 1) // 2, (kernel[1] - 1) // 2, (kernel[2] - 1) // 2)
        bias = sizes.bias if bias is None else bias
        self.conv = nn.Conv3d(inputs, outputs, kernel, stride, padding, bias=bias)
        norm = nn.InstanceNorm3d if sizes.norm == "instance" else nn.BatchNorm3d
        self.norm = norm(outputs, eps=sizes.norm_eps, affine=sizes.norm_affine)
        self.activation = _activation(sizes) if activated else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.activation(self.norm(self.conv(x)))
        return out


def _activation(sizes: UNetSizes) -> nn.Module:
    return nn.LeakyReLU(0.01, inplace=True) if sizes.activation == "leaky" else nn.ReLU()


class _Block(nn.Module):
    """Two convolutions added to their input, which is averaged down where they stride."""

    def __init__(
        self, inputs: int, outputs: int, kernel: Triple, stride: Triple, sizes: UNetSizes
    ) -> None:
        super().__init__()
        self.conv1 = _Conv(inputs, outputs, kernel, stride, sizes)
        self.conv2 = _Conv(outputs, outputs, kernel, ONE, sizes, activated=False)
        ways: list[nn.Module] = []
        if max(stride) > 1:
            ways.append(nn.AvgPool3d(stride, stride))
        if inputs != outputs:
            ways.append(_Conv(inputs, outputs, ONE, ONE, sizes, bias=False, activated=False))
        self.skip = nn.Sequential(*ways)
        self.activation = _activation(sizes)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.activation(self.conv2(self.conv1(x)) + self.skip(x))
        return out


class _Stage(nn.Module):
    """Convolutions (`convs`) or residual blocks (`blocks`); the first may stride."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: Triple,
        stride: Triple,
        n: int,
        sizes: UNetSizes,
        *,
        residual: bool = False,
    ) -> None:
        super().__init__()
        kind = _Block if residual else _Conv
        parts = [kind(inputs, outputs, kernel, stride, sizes)]
        parts += [kind(outputs, outputs, kernel, ONE, sizes) for _ in range(n - 1)]
        self.name = "blocks" if residual else "convs"
        self.add_module(self.name, nn.Sequential(*parts))

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.get_submodule(self.name)(x)
        return out


class _Encoder(nn.Module):
    """Every stage's output. A residual one has a stem; a plain one's stages lie in a list."""

    def __init__(self, inputs: int, sizes: UNetSizes) -> None:
        super().__init__()
        self.stem: nn.Module = nn.Identity()
        if sizes.residual:
            first = sizes.features[0]
            self.stem = _Stage(inputs, first, sizes.kernels[0], ONE, 1, sizes)
            inputs = first
        befores = (inputs, *sizes.features[:-1])
        plan = (befores, sizes.features, sizes.kernels, sizes.strides, sizes.convolutions)
        stages = [
            _Stage(b, f, k, s, n, sizes, residual=sizes.residual)
            for b, f, k, s, n in zip(*plan, strict=True)
        ]
        self.stages = nn.Sequential(
            *(stage if sizes.residual else nn.Sequential(stage) for stage in stages)
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        x = self.stem(x)
        found = []
        for stage in self.stages:
            x = stage(x)
            found.append(x)
        return found


class _Decoder(nn.Module):
    """From the deepest stage up: what each level's head sees, the finest last."""

    def __init__(self, outputs: int, sizes: UNetSizes) -> None:
        super().__init__()
        stages, ups, heads = [], [], []
        upwards = list(zip(sizes.features, sizes.strides, sizes.kernels, strict=True))[::-1]
        for (below, here), n in zip(pairwise(upwards), sizes.decoder_convolutions, strict=True):
            (deep, stride, _), (wide, _, kernel) = below, here
            ups.append(nn.ConvTranspose3d(deep, wide, stride, stride, bias=sizes.bias))
            stages.append(_Stage(2 * wide, wide, kernel, ONE, n, sizes))
            heads.append(nn.Conv3d(wide, outputs, 1))
        self.stages = nn.ModuleList(stages)
        self.transpconvs = nn.ModuleList(ups)
        self.seg_layers = nn.ModuleList(heads)

    def forward(self, skips: Sequence[Tensor]) -> list[Tensor]:
        x, levels = skips[-1], []
        for up, stage, skip in zip(self.transpconvs, self.stages, skips[-2::-1], strict=True):
            x = stage(torch.cat([up(x), skip], dim=1))
            levels.append(x)
        return levels
