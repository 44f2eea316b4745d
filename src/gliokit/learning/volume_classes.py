"""A network that tells classes of volumes, taught with class weights and variation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from gliokit.learning.crops import vary_crop
from gliokit.learning.loop import LoopSettings, learn
from gliokit.learning.objectives import class_objective

__all__ = ["class_weights", "teach_classes", "with_new_head"]


def class_weights(codes: NDArray[np.int64]) -> NDArray[np.float32]:
    """A weight for each example by which every class weighs the same; their mean is 1."""
    _, place, sizes = np.unique(codes, return_inverse=True, return_counts=True)
    return np.asarray(codes.size / (sizes.size * sizes[place]), dtype=np.float32)


def teach_classes(
    network: nn.Module,
    volumes: NDArray[np.float16],
    codes: NDArray[np.int64],
    settings: LoopSettings,
    *,
    batch: int,
    progress: Callable[[int, float, float], None] = lambda *_: None,
) -> nn.Module:
    """Teach a network by volumes that are varied anew each time; see `loop.learn`.

    Patients are taken in turns, each turn in a new order.

    Args:
        network: From (batch, channel, n, n, n) to logits.
        volumes: (patient, channel, n, n, n).
        codes: (patient,).
        settings: Of the loop.
        batch: Volumes a step.
        progress: As of `loop.learn`.
    """
    weights = class_weights(codes)
    n = len(codes)

    def row(number: int) -> int:
        turn, place = divmod(number, n)
        return int(np.random.default_rng([settings.seed, 1, turn]).permutation(n)[place])

    def draw(step: int, generator: np.random.Generator) -> tuple[Tensor | NDArray[np.int64], ...]:
        rows = [row(step * batch + i) for i in range(batch)]
        images = [
            vary_crop(torch.from_numpy(volumes[r].astype(np.float32)), generator) for r in rows
        ]
        return torch.stack(images), codes[rows], torch.from_numpy(weights[rows])

    return learn(network, draw, class_objective, settings, progress=progress)


def with_new_head(network: nn.Module, *, seed: int) -> nn.Module:
    """The same network, what it sees unchanged, with first weights in its layer `head`.

    Transfer learning: what was learnt for one target is the start for another.
    """
    with torch.random.fork_rng():
        torch.manual_seed(seed)
        head = network.get_submodule("head")
        assert isinstance(head, nn.Linear)
        head.reset_parameters()
    return network
