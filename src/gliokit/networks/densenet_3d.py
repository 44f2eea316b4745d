"""DenseNet carried to three dimensions.

Every layer of a block sees what all layers before it in the block gave (Huang et al., CVPR 2017),
with 3-D convolutions.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

__all__ = ["DenseNet3D"]

BOTTLENECK = 4
"""Channels between the two convolutions of a layer, in growth rates."""


class _Layer(nn.Module):
    def __init__(self, inputs: int, growth: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.BatchNorm3d(inputs),
            nn.ReLU(inplace=True),
            nn.Conv3d(inputs, BOTTLENECK * growth, 1, bias=False),
            nn.BatchNorm3d(BOTTLENECK * growth),
            nn.ReLU(inplace=True),
            nn.Conv3d(BOTTLENECK * growth, growth, 3, padding=1, bias=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, self.body(x)], dim=1)


def _transition(inputs: int, outputs: int) -> nn.Sequential:
    """Half the channels and half the sides."""
    return nn.Sequential(
        nn.BatchNorm3d(inputs),
        nn.ReLU(inplace=True),
        nn.Conv3d(inputs, outputs, 1, bias=False),
        nn.AvgPool3d(2),
    )


class DenseNet3D(nn.Module):
    """Image channels to one logit per class.

    Args:
        inputs: Channels of the image.
        classes: Logits.
        blocks: Layers of each dense block.
        growth: Channels that a layer adds.
        stem: Channels of the first convolution, 7^3 with a stride of 2, before a max-pool.

    The sides of the input are multiples of 2 ** (len(blocks) + 1).
    """

    def __init__(
        self,
        inputs: int = 4,
        classes: int = 2,
        *,
        blocks: Sequence[int] = (4, 4, 4),
        growth: int = 16,
        stem: int = 32,
    ) -> None:
        super().__init__()
        parts: list[nn.Module] = [
            nn.Conv3d(inputs, stem, 7, stride=2, padding=3, bias=False),
            nn.BatchNorm3d(stem),
            nn.ReLU(inplace=True),
            nn.MaxPool3d(3, stride=2, padding=1),
        ]
        width = stem
        for number, layers in enumerate(blocks):
            if number:
                parts.append(_transition(width, width // 2))
                width //= 2
            for _ in range(layers):
                parts.append(_Layer(width, growth))
                width += growth
        parts += [nn.BatchNorm3d(width), nn.ReLU(inplace=True)]
        self.features = nn.Sequential(*parts)
        self.head = nn.Linear(width, classes)

    def forward(self, image: Tensor) -> Tensor:
        """(batch, inputs, i, j, k) to logits (batch, classes)."""
        logits: Tensor = self.head(self.features(image).mean(dim=(2, 3, 4)))
        return logits
