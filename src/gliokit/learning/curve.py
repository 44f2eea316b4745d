"""The learning curve as a picture."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np

__all__ = ["plot_curve", "read_curve"]


def read_curve(path: Path, key: str = "loss") -> tuple[list[int], list[float]]:
    """Steps and losses of a `curve.jsonl`; of a step written twice the last counts.

    `key` is 'loss', or 'watched' for the looks at patients kept back.

    A run that was killed repeats the steps since its last checkpoint, and may leave half a
    line.
    """
    losses: dict[int, float] = {}
    for line in path.read_text(encoding="utf-8").splitlines():
        try:
            row = json.loads(line)
        except json.JSONDecodeError:
            continue
        if key in row:
            losses[row["step"]] = row[key]
    steps = sorted(losses)
    return steps, [losses[s] for s in steps]


def plot_curve(curve: Path, picture: Path, *, window: int = 50) -> None:
    """Draw the loss of each step and its mean over a window."""
    from matplotlib.figure import Figure

    steps, losses = read_curve(curve)
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    axes.plot(steps, losses, color="0.8", linewidth=0.5, label="each step")
    if len(losses) >= window:
        smooth = np.convolve(losses, np.full(window, 1 / window), mode="valid")
        axes.plot(steps[window - 1 :], smooth, label=f"mean of {window} steps")
    looked, watched = read_curve(curve, "watched")
    if watched:
        axes.plot(looked, watched, marker=".", label="patients kept back")
    axes.set(xlabel="step", ylabel="training loss (Dice + cross-entropy)")
    axes.legend()
    figure.savefig(picture, dpi=100)
