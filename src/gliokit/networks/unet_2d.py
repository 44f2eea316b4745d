"""The two-dimensional U-Net of Buda 2019: four halvings, two convolutions a level."""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["UNet2d"]

LEVELS = 5


class UNet2d(nn.Module):
    """Slices to the probability of each region in each pixel.

    The authors published two networks under one name. That of the paper (Keras) has biases and
    no batch normalisation; that of their PyTorch repository has batch normalisation and no
    biases in its 3x3 convolutions.

    Args:
        inputs: Channels of the slice.
        outputs: Regions, a sigmoid each.
        filters: Channels at full resolution; each halving doubles them.
        normalised: Batch normalisation after each 3x3 convolution.
        bias: Of the 3x3 convolutions; the others always have one.

    The sides of the input must be multiples of 16.

    Source: Buda, Saha and Mazurowski, Computers in Biology and Medicine 109 (2019) 218-225.
    """

    def __init__(
        self,
        inputs: int = 3,
        outputs: int = 1,
        *,
        filters: int = 32,
        normalised: bool = False,
        bias: bool = True,
    ) -> None:
        super().__init__()
        widths = [filters * 2**level for level in range(LEVELS)]

        def block(before: int, width: int) -> nn.Sequential:
            return nn.Sequential(
                *_convolution(before, width, normalised=normalised, bias=bias),
                *_convolution(width, width, normalised=normalised, bias=bias),
            )

        befores = [inputs, *widths[:-1]]
        self.down = nn.ModuleList(block(b, w) for b, w in zip(befores, widths, strict=True))
        pairs = list(zip(widths[:0:-1], widths[-2::-1], strict=True))
        self.up = nn.ModuleList(nn.ConvTranspose2d(deep, wide, 2, stride=2) for deep, wide in pairs)
        self.join = nn.ModuleList(block(2 * wide, wide) for _, wide in pairs)
        self.head = nn.Conv2d(filters, outputs, 1)

    def forward(self, slices: Tensor) -> Tensor:
        """(batch, inputs, rows, columns) to probabilities (batch, outputs, rows, columns)."""
        x, skips = slices, []
        for level, down in enumerate(self.down):
            x = down(x if level == 0 else functional.max_pool2d(x, 2))
            skips.append(x)
        for up, join, skip in zip(self.up, self.join, skips[-2::-1], strict=True):
            x = join(torch.cat([up(x), skip], dim=1))
        probabilities: Tensor = self.head(x).sigmoid()
        return probabilities


def _convolution(before: int, width: int, *, normalised: bool, bias: bool) -> list[nn.Module]:
    norm: list[nn.Module] = [nn.BatchNorm2d(width)] if normalised else []
    return [nn.Conv2d(before, width, 3, padding=1, bias=bias), *norm, nn.ReLU(inplace=True)]
