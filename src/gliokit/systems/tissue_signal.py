"""Diffusion signals without their free water, the share of tissue read by a network."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gliokit.systems.stored_network import RunnableNetwork

__all__ = ["WATER_MM2_PER_S", "made_up_signals", "without_water"]

WATER_MM2_PER_S = 3.0e-3

Array = NDArray[np.float32]
Numbers = NDArray[np.float64]


def made_up_signals(
    bvals: Numbers, count: int, generator: np.random.Generator
) -> tuple[Array, Array]:
    """Signals (count, n) and their share of tissue (count, 1), which no patient gave.

    Tissue is drawn from 0 to 1 for each volume by itself, and is 1 at b = 0; water is
    exp(-b 3e-3 mm2/s); the share is drawn from 0 to 1. Each row is over its largest.

    Source: Molina-Romero M et al. MICCAI 2018, LNCS 11072, chapter 12, and its code.
    """
    tissue = generator.uniform(size=(count, len(bvals)))
    tissue[:, bvals == 0] = 1
    share = generator.uniform(size=(count, 1))
    signals = share * tissue + (1 - share) * np.exp(-bvals * WATER_MM2_PER_S)
    signals /= signals.max(axis=1, keepdims=True)
    return signals.astype(np.float32), share.astype(np.float32)


def without_water(signals: Array, bvals: Numbers, network: RunnableNetwork) -> tuple[Array, Array]:
    """Signals (voxel, n) of the tissue alone, and its share (voxel,).

    Definition: of the signal over its largest, (S - (1 - f) exp(-b 3e-3)) / f times that
    largest, f being the network's answer within 0 and 1; below 0, or where f is 0, it is 0.
    """
    largest = np.maximum(signals.max(axis=1, keepdims=True), np.finfo(np.float32).tiny)
    scaled = signals / largest
    share = network(scaled)[0].clip(0, 1)
    water = np.exp(-bvals * WATER_MM2_PER_S).astype(np.float32)
    tissue = np.divide(
        scaled - (1 - share) * water, share, out=np.zeros_like(scaled), where=share > 0
    )
    return np.maximum(tissue, 0) * largest, share[:, 0]
