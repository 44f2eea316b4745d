"""What a process of `torchrun` does in the tests of the loop: learns, and writes its weights.

python -m tests.learning.shared_loop FOLDER
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

import numpy as np
import torch
from torch import nn

from gliokit.learning.exchange import first_weights
from gliokit.learning.loop import Batch, LoopSettings, learn
from gliokit.learning.objectives import class_objective, fraction_objective
from gliokit.learning.workers import joined_workers, present_workers
from gliokit.networks.densenet_3d import DenseNet3D
from gliokit.networks.tissue_fraction import TissueFraction
from gliokit.study import UsageError

STEPS = 6
UNEVEN = 5
"""Examples a step: three for one of two processes, two for the other."""


def signals(step: int, generator: np.random.Generator) -> Batch:
    x = generator.uniform(size=(UNEVEN, 8)).astype(np.float32)
    return x, x[:, :1] * 3


def boxes(step: int, generator: np.random.Generator) -> Batch:
    x = generator.normal(size=(4, 1, 16, 16, 16)).astype(np.float32)
    return x, np.array([0, 1, 1, 0]), np.array([1, 2, 1, 2], dtype=np.float32)


def fraction(examples: int = UNEVEN) -> nn.Module:
    """The network of metz2020: neither batch normalisation nor dropout."""

    def draw(step: int, generator: np.random.Generator) -> Batch:
        return tuple(part[:examples] for part in signals(step, generator))

    network = first_weights(TissueFraction, 1, signals=8, b_values=2)
    settings = LoopSettings(STEPS, 0.1, optimiser="sgd", clip_norm=1.0, seed=3)
    return learn(network, draw, fraction_objective, settings)


def dense(folder: Path, stop_after: int = STEPS) -> nn.Module:
    """The network of liang2018, kept in a folder; the last process wishes to stop."""
    workers, asked = present_workers(), []

    def enough() -> bool:
        asked.append(1)
        return workers.rank == workers.count - 1 and len(asked) > stop_after

    network = first_weights(DenseNet3D, 1, inputs=1, blocks=(1, 1))
    settings = LoopSettings(STEPS, 0.01, schedule="cosine", seed=3)
    return learn(
        network, boxes, class_objective, settings, folder=folder, learners="ab", enough=enough
    )


def main() -> None:
    """Learn alone or together, and write NAME-RANK.pt."""
    out = Path(sys.argv[1])
    with joined_workers() as workers:
        made = {"fraction": fraction(), "cut": dense(out / "run", stop_after=2),
                "dense": dense(out / "run")}  # fmt: skip
        for name, network in made.items():
            torch.save(network.state_dict(), out / f"{name}-{workers.rank}.pt")
        try:
            fraction(examples=1)
        except UsageError as error:
            (out / f"refused-{workers.rank}.txt").write_text(str(error))


if __name__ == "__main__":
    torch.set_num_threads(1)
    main()
    # A thread of gloo that has not yet let go of its last tensor may abort Python's own ending.
    os._exit(0)
