"""The share of tissue in a voxel, read from its diffusion signals."""

from __future__ import annotations

from torch import Tensor, nn

__all__ = ["TissueFraction"]


class TissueFraction(nn.Module):
    """Signals of a voxel, each over the voxel's largest, to the share that is not free water.

    Definition: with n signals and L different b-values (0 counts), L hidden layers; layer k
    has int(1.5 n / (L k)) units with a softmax over them; the output is linear.

    Args:
        signals: n.
        b_values: L.

    Source: Molina-Romero M et al. MICCAI 2018, LNCS 11072, chapter 12.
    """

    def __init__(self, signals: int, b_values: int) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        before = signals
        for k in range(1, b_values + 1):
            after = int(1.5 * signals / (b_values * k))
            layers += [nn.Linear(before, after), nn.Softmax(dim=1)]
            before = after
        self.body = nn.Sequential(*layers, nn.Linear(before, 1))

    def forward(self, signals: Tensor) -> Tensor:
        """(batch, signals) to (batch, 1)."""
        share: Tensor = self.body(signals)
        return share
