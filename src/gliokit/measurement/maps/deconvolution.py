"""Blood flow from curves: the tissue's curve deconvolved by that of the artery.

C(t) = F * integral of AIF(u) R(t - u) du, with R the residue function, R(0) = 1. All
methods give F R(t), whose largest value is taken for F.
"""

from __future__ import annotations

from typing import Literal

import numpy as np
from numpy.typing import NDArray

from gliokit.measurement.maps.voxels import CHUNK, Array
from gliokit.study import UsageError

__all__ = ["DEFAULT_CUTS", "Method", "convolution_matrix", "oscillation_index", "scaled_residue"]

Method = Literal["ssvd", "csvd", "osvd"]

DEFAULT_CUTS = {"ssvd": 0.20, "csvd": 0.10}
OSCILLATION_LIMIT = 0.035
CUTS = (0.01, 0.02, 0.03, 0.05, 0.07, *np.arange(0.10, 0.96, 0.05).round(2).tolist())

Numbers = NDArray[np.float64]


def convolution_matrix(aif: Numbers, *, step_s: float, circular: bool) -> Numbers:
    """A with A[i, j] = step * AIF(t[i - j]).

    Args:
        aif: (frame,), the artery's curve.
        step_s: Between frames.
        circular: Frames are padded by as many of 0 and wrap around, so that tissue that
            the bolus reaches before the artery is no harm (Wu 2003); else the matrix is
            lower triangular and of the frames alone.
    """
    frames = len(aif)
    length = 2 * frames if circular else frames
    padded = np.zeros(length)
    padded[:frames] = aif
    lag = np.subtract.outer(np.arange(length), np.arange(length))
    matrix = padded[lag % length]
    return np.asarray(step_s * (matrix if circular else np.where(lag >= 0, matrix, 0.0)))


def scaled_residue(
    curves: Array,
    aif: Numbers,
    *,
    step_s: float,
    method: Method = "osvd",
    cut: float | None = None,
    oscillation_limit: float = OSCILLATION_LIMIT,
) -> Array:
    """F R(t) of each voxel, in 1/s where curves and AIF have one unit.

    - 'ssvd': singular values below `cut` (0.20) of the largest are dropped (Ostergaard).
    - 'csvd': the same on the circular matrix, 0.10.
    - 'osvd': circular; for each voxel the lowest cut of a list at which the residue
      oscillates no more than `oscillation_limit`.

    Truncation smooths the peak, so that F comes out a fifth to almost a half too low at
    usual frame times; ratios between places with one mean transit time hold.

    Args:
        curves: (voxel, frame).
        aif: (frame,).
        step_s: Between frames, which must be even.
        method: See above.
        cut: In place of the method's own; not with 'osvd'.
        oscillation_limit: Of 'osvd'.

    Returns:
        float32 (voxel, frame), or twice as many frames for circular methods, the second
        half of which are times before the artery's.

    Raises:
        UsageError: shapes that don't fit, an AIF that is nowhere positive, a cut outside
            0 to 1 or with 'osvd'.

    References:
        Ostergaard L et al. Magn Reson Med 1996;36:715, doi:10.1002/mrm.1910360510.
        Wu O et al. Magn Reson Med 2003;50:164, doi:10.1002/mrm.10522.
    """
    _check(curves, aif, step_s, method, cut)
    circular = method != "ssvd"
    matrix = convolution_matrix(aif, step_s=step_s, circular=circular)
    left, singular, right = np.linalg.svd(matrix)
    left = left[: len(aif)].astype(np.float32)
    right = right.astype(np.float32)
    shares = singular / singular[0]
    residue = np.empty((len(curves), len(matrix)), dtype=np.float32)
    for start in range(0, len(curves), CHUNK):
        part = slice(start, start + CHUNK)
        projected = curves[part] @ left
        if method == "osvd":
            residue[part] = _steady(projected, singular, right, shares, oscillation_limit)
        else:
            kept = shares >= (DEFAULT_CUTS[method] if cut is None else cut)
            residue[part] = _truncated(projected, singular, right, int(kept.sum()))
    return residue


def _truncated(projected: Array, singular: Numbers, right: Array, rank: int) -> Array:
    scaled = projected[:, :rank] / singular[:rank].astype(np.float32)
    return np.asarray(scaled @ right[:rank], dtype=np.float32)


def _steady(
    projected: Array, singular: Numbers, right: Array, shares: Numbers, limit: float
) -> Array:
    residue = np.empty_like(projected)
    open_ones = np.arange(len(projected))
    for cut in CUTS:
        rank = max(1, int((shares >= cut).sum()))
        trial = _truncated(projected[open_ones], singular, right, rank)
        residue[open_ones] = trial
        open_ones = open_ones[oscillation_index(trial) > limit]
        if not len(open_ones):
            break
    return residue


def oscillation_index(residue: Array) -> Array:
    """Mean absolute second difference over the largest value; infinite where that is <= 0."""
    bends = np.abs(np.diff(residue, n=2, axis=1)).sum(axis=1) / residue.shape[1]
    peak = residue.max(axis=1)
    index = np.full(len(residue), np.inf, dtype=np.float32)
    np.divide(bends, peak, out=index, where=peak > 0)
    return index


def _check(curves: Array, aif: Numbers, step_s: float, method: Method, cut: float | None) -> None:
    if curves.ndim != 2 or aif.shape != curves.shape[1:]:
        rule = "curves are (voxel, frame), and the AIF has one value for each frame"
        raise UsageError(rule, source="aif", found=f"{curves.shape} and {aif.shape}")
    if not (np.isfinite(aif).all() and aif.max(initial=0) > 0 and step_s > 0):
        raise UsageError("an AIF is finite and rises above 0", source="aif", found=aif.tolist())
    if method not in ("ssvd", "csvd", "osvd"):
        rule = "deconvolution is by ssvd, csvd or osvd"
        raise UsageError(rule, source="method", found=repr(method))
    if cut is not None and (method == "osvd" or not 0 < cut < 1):
        rule = "a cut lies between 0 and 1, and is no part of osvd"
        raise UsageError(rule, source="cut", found=f"{cut:g} with {method}")
