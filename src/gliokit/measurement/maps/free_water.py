"""Free water: the share of each voxel's signal that comes from water without walls.

S/S0 = (1 - f) exp(-b g'Dg) + f exp(-b Dw), with Dw = 3e-3 mm2/s (water at 37 C). f is a
share of the signal at b = 0, not of the volume.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gliokit.measurement.maps.tensor import (
    TensorFigures,
    attenuation_matrix,
    fit_tensor,
    tensor_figures,
)
from gliokit.measurement.maps.voxels import Array, in_chunks
from gliokit.study import StudyError

__all__ = [
    "PURE_WATER",
    "PURE_WATER_MD",
    "UNWEIGHTED_B",
    "WATER_DIFFUSIVITY",
    "FreeWater",
    "free_water_from_shells",
]

Numbers = NDArray[np.float64]

WATER_DIFFUSIVITY = 3.0e-3
"""mm2/s, of water at body temperature."""
PURE_WATER_MD = 2.7e-3
"""mm2/s; a voxel whose plain tensor diffuses faster is water alone."""
PURE_WATER = 0.97
"""Above this share what is left of the tissue is noise: it gets a tensor of 0."""
UNWEIGHTED_B = 50.0
STARTS = (0.0, 0.15, 0.3, 0.45, 0.6, 0.75, 0.9)
STEPS = 60
ENOUGH = 1e-9
"""A fit ends when a step lowers its sum of squares by less than this share of it."""
NOTHING = 1e-12
"""Sum of squares that rounding in float32 leaves, signals being over their largest."""


@dataclass(frozen=True, slots=True, eq=False)
class FreeWater:
    """Free water and the tensor of the tissue beside it, one value for each voxel.

    Args:
        fraction: Share of the signal at b = 0, 0 to 1, float32.
        tensors: (voxel, 6), mm2/s, of the tissue alone; 0 where the voxel is water.
        s0: Signal at b = 0, float32.
    """

    fraction: Array
    tensors: Array
    s0: Array

    @property
    def tissue(self) -> TensorFigures:
        """FA, MD and direction of the tissue alone."""
        return tensor_figures(self.tensors)


def free_water_from_shells(signals: Array, *, bvals: Numbers, bvecs: Numbers) -> FreeWater:
    """Two-compartment fit of data with at least two weighted b-values.

    Least squares of the signal itself by Levenberg-Marquardt in 8 unknowns: ln of the
    tissue's signal, its tensor, the water's signal (held at 0 or more). The start is the
    best of seven fractions, at each of which the rest is fitted log-linearly. Voxels whose
    plain tensor has an MD above 2.7e-3 mm2/s are water alone (f = 1).

    Args:
        signals: (voxel, frame).
        bvals, bvecs: (frame,) in s/mm2 and (frame, 3).

    Raises:
        StudyError: fewer than three different b-values (0 among them): one shell does not
            determine f.

    References:
        Hoy AR et al. NeuroImage 2014;103:323, doi:10.1016/j.neuroimage.2014.09.053.
        Neto Henriques R et al. ReScience 2017;3(1).
    """
    shells = np.unique(np.round(bvals / 100))
    if len(shells) < 3 or shells.min() > 0:
        raise StudyError(
            "free water without a prior needs b = 0 and two weighted b-values",
            source="diffusion table",
            found="b = " + ", ".join(f"{100 * s:g}" for s in shells),
            way_out="Use free_water_from_one_shell, whose prior is part of the answer.",
        )
    plain, _ = fit_tensor(signals, bvals=bvals, bvecs=bvecs)
    fitter = _TwoCompartments(bvals, bvecs)
    found = in_chunks(fitter.fit, signals, width=8)
    tissue: Array = np.exp(found[:, 6])
    water: Array = found[:, 7]
    total: Array = tissue + water
    fraction: Array = np.asarray(water / np.maximum(total, np.float32(1e-30)), dtype=np.float32)
    tensors = found[:, :6] / np.float32(1000)
    is_water = (plain[:, [0, 2, 5]].mean(axis=1) > PURE_WATER_MD) | (fraction > PURE_WATER)
    fraction[is_water], tensors[is_water] = 1.0, 0.0
    empty = ~(signals.max(axis=1) > 0)
    fraction[empty], tensors[empty], total[empty] = 0.0, 0.0, 0.0
    return FreeWater(fraction, tensors, total)


class _TwoCompartments:
    """The fit of one diffusion table; unknowns in um2/ms, signals over their largest."""

    def __init__(self, bvals: Numbers, bvecs: Numbers) -> None:
        matrix = attenuation_matrix(bvals, bvecs) / 1000
        self.design = np.column_stack([-matrix, np.ones(len(bvals))])
        self.inverse = np.linalg.pinv(self.design)
        self.products = (self.design[:, :, None] * self.design[:, None, :]).reshape(-1, 49)
        self.water = np.exp(-bvals * WATER_DIFFUSIVITY)
        self.unweighted = bvals <= UNWEIGHTED_B

    def fit(self, signals: Array) -> Array:
        """(voxel, 8): tensor, ln of the tissue's signal, the water's signal."""
        scale = np.maximum(signals.max(axis=1), np.finfo(np.float32).tiny).astype(np.float64)
        data = signals / scale[:, None]
        unknowns = self._start(data)
        damping = np.full(len(data), 1e-2)
        misfit = self._misfit(data, unknowns)
        active = np.arange(len(data))
        for _ in range(STEPS):
            before = misfit[active]
            step = self._step(data[active], unknowns[active], damping[active])
            trial = unknowns[active] + step
            trial[:, 7] = np.maximum(trial[:, 7], 0)
            new = self._misfit(data[active], trial)
            better = new < before
            unknowns[active[better]] = trial[better]
            misfit[active[better]] = new[better]
            damping[active] *= np.where(better, 0.2, 8.0)
            moving = np.where(better, before - new > ENOUGH * before, damping[active] < 1e6)
            active = active[moving & (misfit[active] > NOTHING)]
            if not len(active):
                break
        unknowns[:, 6] += np.log(scale)
        unknowns[:, 7] *= scale
        return unknowns.astype(np.float32)

    def _start(self, data: Numbers) -> Numbers:
        s0 = data[:, self.unweighted].mean(axis=1)
        best = np.full(len(data), np.inf)
        unknowns = np.zeros((len(data), 8))
        for fraction in STARTS:
            water = fraction * s0
            rest = np.maximum(data - water[:, None] * self.water, 1e-4)
            trial = np.column_stack([np.log(rest) @ self.inverse.T, water])
            trial[:, 6] = np.clip(trial[:, 6], -12, 1)
            misfit = self._misfit(data, trial)
            better = misfit < best
            best[better], unknowns[better] = misfit[better], trial[better]
        return unknowns

    def _tissue(self, unknowns: Numbers) -> Numbers:
        # A step that is too long must not overflow: it is refused by its misfit.
        return np.asarray(np.exp(np.minimum(unknowns[:, :7] @ self.design.T, 20)), float)

    def _misfit(self, data: Numbers, unknowns: Numbers) -> Numbers:
        rest = data - self._tissue(unknowns) - unknowns[:, 7:] * self.water
        return np.asarray((rest**2).sum(axis=1))

    def _step(self, data: Numbers, unknowns: Numbers, damping: Numbers) -> Numbers:
        tissue = self._tissue(unknowns)
        rest = data - tissue - unknowns[:, 7:] * self.water
        left = np.empty((len(data), 8, 8))
        left[:, :7, :7] = (tissue**2 @ self.products).reshape(-1, 7, 7)
        left[:, :7, 7] = left[:, 7, :7] = (tissue * self.water) @ self.design
        left[:, 7, 7] = (self.water**2).sum()
        right = np.column_stack([(tissue * rest) @ self.design, rest @ self.water])
        diagonal = np.arange(8)
        left[:, diagonal, diagonal] *= 1 + damping[:, None]
        left[:, diagonal, diagonal] += 1e-14
        return np.asarray(np.linalg.solve(left, right[:, :, None])[:, :, 0], dtype=np.float64)
