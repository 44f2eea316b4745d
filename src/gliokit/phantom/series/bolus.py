"""A bolus of contrast agent: in the artery, and in the tissue behind it."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gliokit.study import UsageError

__all__ = ["Bolus", "Residue", "convolved", "gamma_variate", "residue"]

Numbers = NDArray[np.float64]
Array = NDArray[np.float32]
Residue = Literal["exponential", "box"]

FINE_S = 0.05
"""Step at which curves are made, much finer than frames are taken."""
MTT_RATIO = 1.01
"""Transit times are tabulated in steps of 1 %, with straight lines between."""


def gamma_variate(
    time_s: Numbers, *, start_s: float, alpha: float, beta_s: float, scale: float = 1.0
) -> Numbers:
    """scale * (t - t0)^alpha exp(-(t - t0)/beta), 0 before t0.

    It peaks at t0 + alpha beta; its area is scale beta^(alpha + 1) Gamma(alpha + 1).

    References:
        Thompson HK et al. Circ Res 1964;14:502.
    """
    since = np.maximum(time_s - start_s, 0)
    return np.asarray(scale * since**alpha * np.exp(-since / beta_s), dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Bolus:
    """The artery's curve.

    Args:
        start_s: When it comes.
        alpha, beta_s: Of the gamma variate.
        peak_per_s: Its height, in the Delta R2* that tissue full of such blood would show.
        recirculation: Area of the second pass over that of the first, 0 to 1. It comes 8 s
            later and three times as wide.

    Raises:
        UsageError: a value that can't be.
    """

    start_s: float = 15.0
    alpha: float = 3.0
    beta_s: float = 1.5
    peak_per_s: float = 300.0
    recirculation: float = 0.2

    def __post_init__(self) -> None:
        sizes = (self.alpha, self.beta_s, self.peak_per_s)
        if min(sizes) <= 0 or self.start_s < 0 or not 0 <= self.recirculation <= 1:
            raise UsageError(
                "a bolus has sizes above 0, starts at 0 s or later and recirculates 0 to 1",
                source="bolus",
                found=self,
            )

    def at(self, time_s: Numbers) -> Numbers:
        """Delta R2* of the artery, 1/s."""
        a, b = self.alpha, self.beta_s
        scale = self.peak_per_s / ((a * b) ** a * math.exp(-a))
        first = gamma_variate(time_s, start_s=self.start_s, alpha=a, beta_s=b, scale=scale)
        wide = self.recirculation * scale / 3 ** (a + 1)
        second = gamma_variate(time_s, start_s=self.start_s + 8, alpha=a, beta_s=3 * b, scale=wide)
        return first + second


def residue(time_s: Numbers, mtt_s: float, kind: Residue) -> Numbers:
    """Share of the agent that is still in the tissue: 1 at first, of area `mtt_s`."""
    if kind == "box":
        # The sample that the edge falls in is partly on, so that the area is exact.
        return np.clip(mtt_s / FINE_S + 0.5 - time_s / FINE_S, 0, 1)
    return np.asarray(np.exp(-time_s / mtt_s), dtype=np.float64)


def convolved(
    bolus: Bolus, mtt_s: Array, *, time_s: Numbers, delay_s: Array | float, kind: Residue
) -> Array:
    """Integral of AIF(u) R(t - u) du for each voxel, (voxel, frame), in the AIF's unit times s.

    The curve is made in steps of 0.05 s for transit times 1 % apart and read linearly.

    Args:
        bolus: The artery.
        mtt_s: (voxel,), above 0.
        time_s: (frame,).
        delay_s: How much later the bolus comes than in the artery; may be below 0.
        kind: Shape of the residue function.
    """
    delays = np.broadcast_to(np.asarray(delay_s, dtype=np.float32), mtt_s.shape)
    last = float(time_s.max() + max(0.0, -float(delays.min()))) + 1
    fine = np.arange(0, last, FINE_S)
    low = float(mtt_s.min())
    count = 2 + math.ceil(math.log(max(float(mtt_s.max()) / low, 1)) / math.log(MTT_RATIO))
    mtts: Numbers = np.asarray(low * MTT_RATIO ** np.arange(count), dtype=np.float64)
    table = _table(bolus, mtts, fine, kind)
    place = np.log(mtt_s / low) / np.float32(math.log(MTT_RATIO))
    row = np.clip(place.astype(np.intp), 0, count - 2)
    high_share = (place - row).astype(np.float32)
    curves = np.empty((len(mtt_s), len(time_s)), dtype=np.float32)
    for frame, t in enumerate(time_s):
        where = np.clip((t - delays) / FINE_S, 0, len(fine) - 1.001)
        column = where.astype(np.intp)
        late_share = (where - column).astype(np.float32)
        early = table[row, column] * (1 - high_share) + table[row + 1, column] * high_share
        late = table[row, column + 1] * (1 - high_share) + table[row + 1, column + 1] * high_share
        curves[:, frame] = early + late_share * (late - early)
    return curves


def _table(bolus: Bolus, mtts_s: Numbers, fine: Numbers, kind: Residue) -> Array:
    length = 2 * len(fine)
    artery = np.fft.rfft(bolus.at(fine), length)
    rows = np.stack([residue(fine, mtt, kind) for mtt in mtts_s])
    # The trapezoid rule: the first sample of the residue counts half.
    rows[:, 0] *= 0.5
    product = np.fft.irfft(np.fft.rfft(rows, length, axis=1) * artery, length, axis=1)
    return (FINE_S * product[:, : len(fine)]).astype(np.float32)
