"""Signal over time of several regions, read by a convolutional LSTM with attention."""

from __future__ import annotations

import torch
from torch import Tensor, nn

__all__ = ["CurveAttention"]


class CurveAttention(nn.Module):
    """Curves to logits and to the attention that each time got.

    At each time the cell convolves over the regions (Shi 2015), so that a region sees its
    neighbours in the row; states are averaged over regions, weighted by a softmax over time
    and read by one linear layer.

    Args:
        classes: How many.
        hidden: Maps of the cell.
        kernel: Of the convolution over regions.
    """

    def __init__(self, classes: int = 2, *, hidden: int = 64, kernel: int = 3) -> None:
        super().__init__()
        self.hidden = hidden
        self.gates = nn.Conv1d(1 + hidden, 4 * hidden, kernel, padding=kernel // 2)
        self.score = nn.Linear(hidden, 1)
        self.head = nn.Linear(hidden, classes)

    def forward(self, curves: Tensor) -> tuple[Tensor, Tensor]:
        """(batch, region, time) to logits (batch, classes) and weights (batch, time)."""
        state = torch.zeros_like(curves[:, None, :, 0]).repeat(1, self.hidden, 1)
        memory = state
        seen = []
        for t in range(curves.shape[2]):
            gates = self.gates(torch.cat([curves[:, None, :, t], state], dim=1))
            enter, keep, show, new = gates.chunk(4, dim=1)
            memory = torch.sigmoid(keep) * memory + torch.sigmoid(enter) * torch.tanh(new)
            state = torch.sigmoid(show) * torch.tanh(memory)
            seen.append(state.mean(dim=2))
        states = torch.stack(seen, dim=1)
        weights = torch.softmax(self.score(states)[..., 0], dim=1)
        return self.head((weights[..., None] * states).sum(dim=1)), weights
