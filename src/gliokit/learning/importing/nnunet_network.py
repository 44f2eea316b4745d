"""The two U-Nets of nnU-Net v2, with the names of parameters that its checkpoints hold."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import torch
from pydantic import BaseModel, ConfigDict
from torch import Tensor, nn

__all__ = ["NnUnet", "NnUnetSizes", "weights_of"]

Triple = tuple[int, int, int]


class NnUnetSizes(BaseModel):
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


class NnUnet(nn.Module):
    """An encoder and a decoder that joins its skips; logits at full resolution.

    Source: Isensee et al., Nature Methods 18 (2021) 203; for the residual encoder,
    Isensee et al., MICCAI 2024, arXiv 2404.09556.
    """

    def __init__(self, inputs: int, outputs: int, sizes: NnUnetSizes) -> None:
        super().__init__()
        self.encoder = _Residuals(inputs, sizes) if sizes.residual else _Plain(inputs, sizes)
        self.decoder = _Decoder(outputs, sizes)

    def forward(self, image: Tensor) -> Tensor:
        """(batch, inputs, i, j, k) to logits (batch, outputs, i, j, k)."""
        out: Tensor = self.decoder(self.encoder(image))
        return out


def weights_of(state: dict[str, Tensor]) -> dict[str, Tensor]:
    """The parameters of a checkpoint, each once.

    nnU-Net's modules hold their parts under several names, and compiling or training on
    several GPUs puts a word before all of them.
    """
    plain = {k.removeprefix("_orig_mod.").removeprefix("module."): v for k, v in state.items()}
    return {
        k: v
        for k, v in plain.items()
        if ".all_modules." not in k and not k.startswith("decoder.encoder.")
    }


class _Conv(nn.Module):
    """A convolution, normalised, and activated but for the last of a residual block."""

    def __init__(
        self,
        inputs: int,
        outputs: int,
        kernel: Triple,
        stride: Triple,
        sizes: NnUnetSizes,
        *,
        bias: bool,
        activated: bool = True,
    ) -> None:
        super().__init__()
        padding = ((kernel[0] - 1) // 2, (kernel[1] - 1) // 2, (kernel[2] - 1) // 2)
        self.conv = nn.Conv3d(inputs, outputs, kernel, stride, padding, bias=bias)
        norm = nn.InstanceNorm3d if sizes.norm == "instance" else nn.BatchNorm3d
        self.norm = norm(outputs, eps=sizes.norm_eps, affine=sizes.norm_affine)
        self.activation = _activation(sizes) if activated else nn.Identity()

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.activation(self.norm(self.conv(x)))
        return out


def _activation(sizes: NnUnetSizes) -> nn.Module:
    return nn.LeakyReLU(0.01) if sizes.activation == "leaky" else nn.ReLU()


class _Stack(nn.Module):
    """Convolutions one after the other; the first may stride."""

    def __init__(
        self, inputs: int, outputs: int, kernel: Triple, stride: Triple, n: int, sizes: NnUnetSizes
    ) -> None:
        super().__init__()
        self.convs = nn.Sequential(
            *(
                _Conv(
                    inputs if c == 0 else outputs,
                    outputs,
                    kernel,
                    stride if c == 0 else (1, 1, 1),
                    sizes,
                    bias=sizes.bias,
                )
                for c in range(n)
            )
        )

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.convs(x)
        return out


class _Block(nn.Module):
    """Two convolutions added to their input, which is averaged down where they stride."""

    def __init__(
        self, inputs: int, outputs: int, kernel: Triple, stride: Triple, sizes: NnUnetSizes
    ) -> None:
        super().__init__()
        bias = sizes.bias
        self.conv1 = _Conv(inputs, outputs, kernel, stride, sizes, bias=bias)
        self.conv2 = _Conv(outputs, outputs, kernel, (1, 1, 1), sizes, bias=bias, activated=False)
        ways: list[nn.Module] = []
        if max(stride) > 1:
            ways.append(nn.AvgPool3d(stride, stride))
        if inputs != outputs:
            one: Triple = (1, 1, 1)
            ways.append(_Conv(inputs, outputs, one, one, sizes, bias=False, activated=False))
        self.skip = nn.Sequential(*ways)
        self.activation = _activation(sizes)

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.activation(self.conv2(self.conv1(x)) + self.skip(x))
        return out


class _Blocks(nn.Module):
    def __init__(
        self, inputs: int, outputs: int, kernel: Triple, stride: Triple, n: int, sizes: NnUnetSizes
    ) -> None:
        super().__init__()
        self.blocks = nn.Sequential(
            *(
                _Block(
                    inputs if b == 0 else outputs,
                    outputs,
                    kernel,
                    stride if b == 0 else (1, 1, 1),
                    sizes,
                )
                for b in range(n)
            )
        )

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.blocks(x)
        return out


class _Plain(nn.Module):
    def __init__(self, inputs: int, sizes: NnUnetSizes) -> None:
        super().__init__()
        befores = (inputs, *sizes.features[:-1])
        self.stages = nn.Sequential(
            *(
                nn.Sequential(_Stack(b, f, k, s, n, sizes))
                for b, f, k, s, n in zip(
                    befores,
                    sizes.features,
                    sizes.kernels,
                    sizes.strides,
                    sizes.convolutions,
                    strict=True,
                )
            )
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        return _skips(x, self.stages)


class _Residuals(nn.Module):
    def __init__(self, inputs: int, sizes: NnUnetSizes) -> None:
        super().__init__()
        first = sizes.features[0]
        self.stem = _Stack(inputs, first, sizes.kernels[0], (1, 1, 1), 1, sizes)
        befores = (first, *sizes.features[:-1])
        self.stages = nn.Sequential(
            *(
                _Blocks(b, f, k, s, n, sizes)
                for b, f, k, s, n in zip(
                    befores,
                    sizes.features,
                    sizes.kernels,
                    sizes.strides,
                    sizes.convolutions,
                    strict=True,
                )
            )
        )

    def forward(self, x: Tensor) -> list[Tensor]:
        return _skips(self.stem(x), self.stages)


def _skips(x: Tensor, stages: nn.Sequential) -> list[Tensor]:
    found = []
    for stage in stages:
        x = stage(x)
        found.append(x)
    return found


class _Decoder(nn.Module):
    """From the deepest stage up; heads of coarser stages are kept for their weights alone."""

    def __init__(self, outputs: int, sizes: NnUnetSizes) -> None:
        super().__init__()
        stages, ups, heads = [], [], []
        for level, n in zip(
            range(len(sizes.features) - 2, -1, -1), sizes.decoder_convolutions, strict=True
        ):
            deep, wide = sizes.features[level + 1], sizes.features[level]
            stride = sizes.strides[level + 1]
            ups.append(nn.ConvTranspose3d(deep, wide, stride, stride, bias=sizes.bias))
            stages.append(_Stack(2 * wide, wide, sizes.kernels[level], (1, 1, 1), n, sizes))
            heads.append(nn.Conv3d(wide, outputs, 1))
        self.stages = nn.ModuleList(stages)
        self.transpconvs = nn.ModuleList(ups)
        self.seg_layers = nn.ModuleList(heads)

    def forward(self, skips: Sequence[Tensor]) -> Tensor:
        x = skips[-1]
        for up, stage, skip in zip(self.transpconvs, self.stages, skips[-2::-1], strict=True):
            x = stage(torch.cat([up(x), skip], dim=1))
        logits: Tensor = self.seg_layers[-1](x)
        return logits
