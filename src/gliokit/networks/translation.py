"""One sequence made from another, against a critic that tells made ones from true ones."""

from __future__ import annotations

from typing import Any

import torch
from torch import Tensor, nn

__all__ = ["Translation"]


class _Reversed(torch.autograd.Function):
    """The same on the way forward, its opposite on the way back."""

    @staticmethod
    def forward(_: Any, x: Tensor) -> Tensor:
        return x.view_as(x)

    @staticmethod
    def backward(_: Any, *gradients: Tensor) -> Tensor:
        return -gradients[0]


def _half(inputs: int, outputs: int) -> nn.Sequential:
    return nn.Sequential(
        nn.Conv2d(inputs, outputs, 4, stride=2, padding=1), nn.LeakyReLU(0.2, inplace=True)
    )


class Translation(nn.Module):
    """A generator and its critic in one network.

    The critic's gradient is reversed where it enters the generator (Ganin 2016), so that one
    optimiser trains the two against each other.

    Args:
        width: Maps of the generator at half the resolution.
    """

    def __init__(self, width: int = 16) -> None:
        super().__init__()
        self.down = nn.ModuleList([_half(1, width), _half(width, 2 * width)])
        self.up = nn.ConvTranspose2d(2 * width, width, 2, stride=2)
        self.last = nn.ConvTranspose2d(2 * width, width, 2, stride=2)
        self.head = nn.Conv2d(width + 1, 1, 3, padding=1)
        self.critic = nn.Sequential(
            _half(2, width), _half(width, 2 * width), nn.Conv2d(2 * width, 1, 3, padding=1)
        )

    def forward(self, source: Tensor) -> Tensor:
        """The other sequence of slices (batch, 1, i, j); sides are multiples of 4."""
        fine = self.down[0](source)
        x = torch.relu(self.up(self.down[1](fine)))
        x = torch.relu(self.last(torch.cat([x, fine], dim=1)))
        made: Tensor = self.head(torch.cat([x, source], dim=1))
        return made

    def judged(self, source: Tensor, other: Tensor, *, made: bool) -> Tensor:
        """Logits that `other` is a true image beside `source`, by patches."""
        if made:
            other = _Reversed.apply(other)  # type: ignore[no-untyped-call]
        logits: Tensor = self.critic(torch.cat([source, other], dim=1))
        return logits
