"""The diffusion tensor of each voxel, and the maps that it gives.

Tensors have six columns in the order xx, xy, yy, xz, yz, zz, in mm2/s, in the frame of
the b-vectors (RAS+ for a `Series`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gliokit.measurement.maps.voxels import Array, in_chunks
from gliokit.study import StudyError, UsageError

__all__ = [
    "TensorFigures",
    "apparent_diffusion",
    "attenuation_matrix",
    "fit_tensor",
    "tensor_figures",
]

Numbers = NDArray[np.float64]

LEAST_SIGNAL = 1e-6
"""Signals are raised to this share of their voxel's largest before the logarithm."""
LEAST_EIGENVALUE = 1e-6
"""mm2/s; noise can make a diffusivity negative, which nothing physical is."""
UNWEIGHTED_B = 50.0
PAIRS = ((0, 0), (0, 1), (1, 1), (0, 2), (1, 2), (2, 2))


@dataclass(frozen=True, slots=True, eq=False)
class TensorFigures:
    """What a tensor says, one value for each voxel, float32.

    Args:
        fa: Fractional anisotropy, 0 to 1.
        md: Mean diffusivity, mm2/s.
        ad: Axial diffusivity: the largest eigenvalue, mm2/s.
        rd: Radial diffusivity: the mean of the others, mm2/s.
        direction: (voxel, 3), the eigenvector of the largest; its sign means nothing.
    """

    fa: Array
    md: Array
    ad: Array
    rd: Array
    direction: Array


def attenuation_matrix(bvals: Numbers, bvecs: Numbers) -> Numbers:
    """(frame, 6): what a tensor is multiplied by to give -ln(S/S0)."""
    factors = [(1 if i == j else 2) * bvecs[:, i] * bvecs[:, j] for i, j in PAIRS]
    return np.asarray(bvals[:, None] * np.stack(factors, axis=1), dtype=np.float64)


def fit_tensor(
    signals: Array, *, bvals: Numbers, bvecs: Numbers, weighted: bool = True
) -> tuple[Array, Array]:
    """Log-linear least squares: ln S = ln S0 - b g'Dg.

    Noise of ln S has the standard deviation sigma/S, so the weight is S^2; S is that of a
    first fit without weights (Basser 1994; Salvador 2005), since measured signals as
    weights would favour what noise has raised.

    Args:
        signals: (voxel, frame). Values of 0 and below count as a millionth of the voxel's
            largest; a voxel without any signal gets a tensor of 0.
        bvals: (frame,), s/mm2.
        bvecs: (frame, 3), unit vectors.
        weighted: False leaves it at the first fit.

    Returns:
        Tensors (voxel, 6) in mm2/s, and S0 (voxel,).

    Raises:
        StudyError: the table does not determine a tensor: at least 6 directions that are
            not on one cone, and two b-values.

    References:
        Basser PJ, Mattiello J, LeBihan D. J Magn Reson B 1994;103:247.
        Salvador R et al. Hum Brain Mapp 2005;24:144, doi:10.1002/hbm.20076.
    """
    matrix = attenuation_matrix(bvals, bvecs) / 1000  # per um2/ms, so that all columns are near 1
    design = np.column_stack([-matrix, np.ones(len(bvals))])
    if np.linalg.matrix_rank(design, tol=1e-4) < 7:
        raise StudyError(
            "a tensor needs two b-values and six directions that are independent",
            source="diffusion table",
            found=f"{len(bvals)} frames, b from {bvals.min():g} to {bvals.max():g}",
            way_out="Take ADC, which needs no directions.",
        )
    inverse = np.linalg.pinv(design)
    products = (design[:, :, None] * design[:, None, :]).reshape(len(design), 49)

    def fit(part: Array) -> Array:
        logs = _logarithm(part)
        first = logs @ inverse.T
        if not weighted:
            return first.astype(np.float32)
        # The largest weight is 1, so that the equations are well scaled.
        predicted = first @ design.T
        weights = np.exp(2 * (predicted - predicted.max(axis=1, keepdims=True)))
        left = (weights @ products).reshape(-1, 7, 7)
        right = (weights * logs) @ design
        ridge = 1e-12 * np.trace(left, axis1=1, axis2=2)[:, None, None] * np.eye(7)
        return np.linalg.solve(left + ridge, right[:, :, None])[:, :, 0].astype(np.float32)

    found = in_chunks(fit, signals, width=7)
    empty = ~(signals.max(axis=1) > 0)
    found[empty] = 0
    s0 = np.exp(found[:, 6])
    s0[empty] = 0
    return found[:, :6] / np.float32(1000), np.asarray(s0, dtype=np.float32)


def _logarithm(signals: Array) -> Numbers:
    values = signals.astype(np.float64)
    floor = np.maximum(LEAST_SIGNAL * values.max(axis=1, keepdims=True), np.finfo(np.float32).tiny)
    return np.asarray(np.log(np.maximum(values, floor)), dtype=np.float64)


def tensor_figures(tensors: Array) -> TensorFigures:
    """FA, diffusivities and main direction of tensors (voxel, 6).

    FA = sqrt(3/2) |l - MD| / |l| over the three eigenvalues l; 0 for a tensor of 0.
    Eigenvalues below 1e-6 mm2/s are raised to it, but for a tensor of 0.

    References:
        Basser PJ, Pierpaoli C. J Magn Reson B 1996;111:209.
    """
    if tensors.ndim != 2 or tensors.shape[1] != 6:
        raise UsageError("tensors have six columns", source="tensors", found=tensors.shape)
    full = np.empty((len(tensors), 3, 3), dtype=np.float64)
    for column, (i, j) in enumerate(PAIRS):
        full[:, i, j] = full[:, j, i] = tensors[:, column]
    values, vectors = np.linalg.eigh(full)
    there = (tensors != 0).any(axis=1)
    values[there] = np.maximum(values[there], LEAST_EIGENVALUE)
    md = values.mean(axis=1)
    length = np.linalg.norm(values, axis=1)
    spread = np.linalg.norm(values - md[:, None], axis=1)
    fa = np.sqrt(1.5) * np.divide(spread, length, out=np.zeros_like(length), where=length > 0)
    return TensorFigures(
        fa=fa.astype(np.float32),
        md=md.astype(np.float32),
        ad=values[:, 2].astype(np.float32),
        rd=values[:, :2].mean(axis=1).astype(np.float32),
        direction=vectors[:, :, 2].astype(np.float32),
    )


def apparent_diffusion(signals: Array, *, bvals: Numbers) -> Array:
    """ADC without a tensor, mm2/s: the slope of the mean ln S of each b-value against b.

    Frames of one b-value (b rounded to 50 s/mm2) are averaged as logarithms, which is the
    trace-weighted image; over directions that cover the sphere evenly it equals MD of
    a single tensor.

    Args:
        signals: (voxel, frame); the floor is that of `fit_tensor`.
        bvals: (frame,), s/mm2, at least two different ones.

    Raises:
        StudyError: all frames have one b-value.
    """
    shells = np.round(bvals / UNWEIGHTED_B)
    kinds = np.unique(shells)
    if len(kinds) < 2:
        raise StudyError(
            "ADC needs two b-values", source="diffusion table", found=f"only b = {bvals[0]:g}"
        )
    b = np.array([bvals[shells == kind].mean() for kind in kinds])
    slope = (b - b.mean()) / ((b - b.mean()) ** 2).sum()
    per_frame = np.zeros(len(bvals))
    for kind, weight in zip(kinds, slope, strict=True):
        per_frame[shells == kind] = -weight / (shells == kind).sum()

    def fit(part: Array) -> Array:
        return (_logarithm(part) @ per_frame[:, None]).astype(np.float32)

    adc = in_chunks(fit, signals, width=1)[:, 0]
    adc[~(signals.max(axis=1) > 0)] = 0
    return adc
