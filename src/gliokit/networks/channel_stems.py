"""A 3-D network of patches in which each channel is first read alone."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

__all__ = ["ChannelStems"]


def _group(inputs: int, outputs: int, *, halves: bool) -> nn.Sequential:
    layers: list[nn.Module] = [
        nn.Conv3d(inputs, outputs, 3, padding=1),
        nn.BatchNorm3d(outputs),
        nn.ReLU(inplace=True),
    ]
    return nn.Sequential(*layers, *([nn.MaxPool3d(2)] if halves else []))


class ChannelStems(nn.Module):
    """Patches to logits and to the features of the last layer but one.

    The first of four groups of convolutions is each channel's own; three fully connected
    layers follow. With one channel it is a plain network.

    Args:
        channels: Of a patch.
        side: Voxels of a patch along each axis, a multiple of 8.
        classes: How many.
        widths: Maps of the four groups.
        dense: Widths of the first two fully connected layers; the second gives the features.
    """

    def __init__(
        self,
        channels: int,
        *,
        side: int = 24,
        classes: int = 2,
        widths: Sequence[int] = (16, 32, 64, 64),
        dense: tuple[int, int] = (32, 16),
    ) -> None:
        super().__init__()
        first, *rest = widths
        self.stems = nn.ModuleList(_group(1, first, halves=True) for _ in range(channels))
        pairs = list(zip((first * channels, *rest[:-1]), rest, strict=True))
        self.joined = nn.Sequential(
            *(_group(a, b, halves=n < len(pairs) - 1) for n, (a, b) in enumerate(pairs))
        )
        volume = widths[-1] * (side // 2 ** (len(widths) - 1)) ** 3
        self.dense = nn.Sequential(
            nn.Flatten(),
            nn.Linear(volume, dense[0]),
            nn.ReLU(inplace=True),
            nn.Linear(dense[0], dense[1]),
            nn.ReLU(inplace=True),
        )
        self.head = nn.Linear(dense[1], classes)

    def forward(self, patch: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, channels, i, j, k) to (batch, classes) and features (batch, dense[1])."""
        alone = [stem(patch[:, n : n + 1]) for n, stem in enumerate(self.stems)]
        features = self.dense(self.joined(torch.cat(alone, dim=1)))
        return self.head(features), features
