"""Images of one slice, taken in a row and read by an LSTM."""

from __future__ import annotations

from collections.abc import Sequence

from torch import Tensor, nn

__all__ = ["SeriesLstm"]


class SeriesLstm(nn.Module):
    """One image after the other through a shared encoder, their codes through an LSTM.

    Args:
        classes: How many.
        widths: Maps of the encoder's convolutions; each halves the image.
        hidden: Of the LSTM.
        dropout: Before the last layer.
    """

    def __init__(
        self,
        classes: int = 2,
        *,
        widths: Sequence[int] = (16, 32, 64),
        hidden: int = 64,
        dropout: float = 0.5,
    ) -> None:
        super().__init__()
        layers: list[nn.Module] = []
        for before, after in zip((1, *widths[:-1]), widths, strict=True):
            layers += [
                nn.Conv2d(before, after, 3, padding=1),
                nn.ReLU(inplace=True),
                nn.MaxPool2d(2),
            ]
        self.encoder = nn.Sequential(*layers, nn.AdaptiveAvgPool2d(1), nn.Flatten())
        self.lstm = nn.LSTM(widths[-1], hidden, batch_first=True)
        self.head = nn.Sequential(nn.Dropout(dropout), nn.Linear(hidden, classes))

    def forward(self, images: Tensor) -> Tensor:
        """(batch, series, i, j) to logits (batch, classes)."""
        series, i, j = images.shape[1:]
        codes = self.encoder(images.reshape(-1, 1, i, j))
        seen, _ = self.lstm(codes.reshape(-1, series, codes.shape[1]))
        logits: Tensor = self.head(seen[:, -1])
        return logits
