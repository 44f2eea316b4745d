"""A 3-D U-Net of dense blocks."""

from __future__ import annotations

import itertools
from collections.abc import Sequence

import torch
from torch import Tensor, nn

__all__ = ["DenseUNet"]


class _Layer(nn.Module):
    """A bottleneck and a convolution, whose maps are added to those that came in."""

    def __init__(self, inputs: int, growth: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.BatchNorm3d(inputs),
            nn.ReLU(inplace=True),
            nn.Conv3d(inputs, 2 * growth, 1, bias=False),
            nn.BatchNorm3d(2 * growth),
            nn.ReLU(inplace=True),
            nn.Conv3d(2 * growth, growth, 3, padding=1, bias=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, self.body(x)], dim=1)


def _dense_block(inputs: int, growth: int, layers: int) -> nn.Sequential:
    return nn.Sequential(*(_Layer(inputs + n * growth, growth) for n in range(layers)))


class DenseUNet(nn.Module):
    """Image channels to one logit per class and voxel.

    A dense block at each resolution on the way down, at the bottom and on the way up: seven
    with three halvings. Between two of them a convolution of 1 voxel caps the maps.

    Args:
        inputs: Channels of the image.
        outputs: Classes.
        widths: Maps at each resolution, the finest first; multiples of 16 run fastest.
        growth: Maps that a layer adds.
        layers: Of a block.

    The sides of the input are multiples of 2 ** (len(widths) - 1).
    """

    def __init__(
        self,
        inputs: int,
        outputs: int,
        *,
        widths: Sequence[int] = (16, 32, 48, 64),
        growth: int = 16,
        layers: int = 2,
    ) -> None:
        super().__init__()
        more = growth * layers
        self.stem = nn.Conv3d(inputs, widths[0], 3, padding=1)
        self.down = nn.ModuleList(_dense_block(w, growth, layers) for w in widths[:-1])
        self.coarser = nn.ModuleList(
            nn.Sequential(nn.Conv3d(fine + more, coarse, 1), nn.AvgPool3d(2))
            for fine, coarse in itertools.pairwise(widths)
        )
        self.bottom = _dense_block(widths[-1], growth, layers)
        self.finer = nn.ModuleList(
            nn.ConvTranspose3d(coarse + more, fine, 2, stride=2)
            for fine, coarse in itertools.pairwise(widths)
        )
        self.cap = nn.ModuleList(nn.Conv3d(2 * w + more, w, 1) for w in widths[:-1])
        self.up = nn.ModuleList(_dense_block(w, growth, layers) for w in widths[:-1])
        self.head = nn.Conv3d(widths[0] + more, outputs, 1)

    def forward(self, image: Tensor) -> Tensor:
        """(batch, inputs, i, j, k) to logits (batch, outputs, i, j, k)."""
        x, skips = self.stem(image), []
        for block, coarser in zip(self.down, self.coarser, strict=True):
            skips.append(block(x))
            x = coarser(skips[-1])
        x = self.bottom(x)
        for n in reversed(range(len(skips))):
            joined = torch.cat([self.finer[n](x), skips[n]], dim=1)
            x = self.up[n](self.cap[n](joined))
        logits: Tensor = self.head(x)
        return logits
