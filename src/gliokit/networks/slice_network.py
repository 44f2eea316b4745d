"""A small 2-D network that classifies a slice and shows what it saw."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

__all__ = ["SliceNetwork"]


class SliceNetwork(nn.Module):
    """Slices to logits and features: convolutions of 3 x 3, every second halving the slice.

    Args:
        inputs: Channels of a slice.
        classes: How many.
        widths: Maps of each convolution.
    """

    def __init__(
        self, inputs: int, classes: int, *, widths: Sequence[int] = (16, 16, 32, 32, 64, 64)
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for n, (before, after) in enumerate(zip((inputs, *widths[:-1]), widths, strict=True)):
            layers += [
                nn.Conv2d(before, after, 3, stride=1 + n % 2, padding=1, bias=False),
                nn.BatchNorm2d(after),
                nn.ReLU(inplace=True),
            ]
        self.body = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.head = nn.Linear(widths[-1], classes)

    def forward(self, image: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, inputs, i, j) to logits (batch, classes) and features (batch, widths[-1])."""
        features = self.body(image)
        return self.head(features), features
