"""A single-shot detector: classes and boxes at several resolutions in one pass."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

__all__ = ["SingleShot"]


def _halving(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 3, stride=2, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
        nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
        nn.BatchNorm2d(outputs),
        nn.ReLU(inplace=True),
    )


class SingleShot(nn.Module):
    """Slices to a class and an offset of each default box.

    Level l has a cell each 2 ** (l + 1) pixels and `boxes` default boxes a cell, in the order
    level, row, column, box.

    Args:
        inputs: Channels of a slice.
        classes: The background among them.
        boxes: Default boxes a cell.
        widths: Maps of each level.

    Source: Liu W et al. SSD: Single Shot MultiBox Detector. ECCV 2016, LNCS 9905:21.
    """

    def __init__(
        self,
        inputs: int = 1,
        *,
        classes: int = 2,
        boxes: int = 4,
        widths: Sequence[int] = (16, 32, 64, 96, 128),
    ) -> None:
        super().__init__()
        self.classes = classes
        pairs = zip((inputs, *widths[:-1]), widths, strict=True)
        self.trunk = nn.ModuleList(_halving(a, b) for a, b in pairs)
        self.kind = nn.ModuleList(nn.Conv2d(w, boxes * classes, 3, padding=1) for w in widths)
        self.place = nn.ModuleList(nn.Conv2d(w, boxes * 4, 3, padding=1) for w in widths)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, inputs, i, j) to logits (batch, box, classes) and offsets (batch, box, 4)."""
        x, kinds, places = image, [], []
        for level, kind, place in zip(self.trunk, self.kind, self.place, strict=True):
            x = level(x)
            kinds.append(kind(x).permute(0, 2, 3, 1).reshape(x.shape[0], -1, self.classes))
            places.append(place(x).permute(0, 2, 3, 1).reshape(x.shape[0], -1, 4))
        return torch.cat(kinds, dim=1), torch.cat(places, dim=1)
