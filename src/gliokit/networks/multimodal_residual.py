"""Images and numbers of a patient, read by a small residual network."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn

__all__ = ["MultimodalResidual"]


class _Basic(nn.Module):
    def __init__(self, inputs: int, outputs: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            nn.Conv2d(inputs, outputs, 3, stride=stride, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
            nn.ReLU(inplace=True),
            nn.Conv2d(outputs, outputs, 3, padding=1, bias=False),
            nn.BatchNorm2d(outputs),
        )
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or inputs != outputs:
            self.shortcut = nn.Conv2d(inputs, outputs, 1, stride=stride, bias=False)

    def forward(self, x: Tensor) -> Tensor:
        return torch.relu(self.body(x) + self.shortcut(x))


class MultimodalResidual(nn.Module):
    """One channel a modality, and numbers through a layer of their own, to logits.

    Four stages of one residual block of two convolutions (ten layers with stem and head).

    Args:
        images: Channels.
        numbers: How many.
        classes: How many.
        widths: Maps of the stages.
        number_width: Of the layer that reads the numbers.
    """

    def __init__(
        self,
        images: int,
        numbers: int,
        classes: int,
        *,
        widths: Sequence[int] = (16, 32, 64, 128),
        number_width: int = 16,
    ) -> None:
        super().__init__()
        pairs = zip((widths[0], *widths[:-1]), widths, strict=True)
        self.images = nn.Sequential(
            nn.Conv2d(images, widths[0], 3, padding=1, bias=False),
            nn.BatchNorm2d(widths[0]),
            nn.ReLU(inplace=True),
            *(_Basic(a, b, 1 if n == 0 else 2) for n, (a, b) in enumerate(pairs)),
            nn.AdaptiveAvgPool2d(1),
            nn.Flatten(),
        )
        self.numbers = nn.Sequential(nn.Linear(numbers, number_width), nn.ReLU(inplace=True))
        self.head = nn.Linear(widths[-1] + number_width, classes)

    def forward(self, image: Tensor, numbers: Tensor) -> Tensor:
        """(batch, images, i, j) and (batch, numbers) to logits (batch, classes)."""
        joined = torch.cat([self.images(image), self.numbers(numbers)], dim=1)
        logits: Tensor = self.head(joined)
        return logits
