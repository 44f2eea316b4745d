"""Blood volume, flow and transit time of a bolus that darkens the image (DSC)."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gliokit.measurement.maps.deconvolution import Method, scaled_residue
from gliokit.measurement.maps.voxels import Array
from gliokit.study import StudyError, UsageError

__all__ = ["BRAIN_DENSITY", "HAEMATOCRIT_RATIO", "Perfusion", "concentration", "perfusion"]

Numbers = NDArray[np.float64]

HAEMATOCRIT_RATIO = (1 - 0.45) / (1 - 0.25)
"""kappa: plasma in large vessels, where the artery is, over that in small ones."""
BRAIN_DENSITY = 1.04
"""rho, g/mL."""
LEAST_SHARE = 1e-3
"""A signal is raised to this share of its baseline: nothing darker can be told from noise."""


@dataclass(frozen=True, slots=True, eq=False)
class Perfusion:
    """One value for each voxel, float32.

    Args:
        cbv: Blood volume, mL/100 g.
        cbf: Blood flow, mL/100 g/min; too low by what the deconvolution smooths.
        mtt_s: Mean transit time, CBV/CBF; 0 where no flow was found. Too long by as much.
        tmax_s: When the residue is largest, after the artery; negative before it.
    """

    cbv: Array
    cbf: Array
    mtt_s: Array
    tmax_s: Array


def concentration(signals: Array, *, te_ms: float, baseline: slice) -> Array:
    """Curves of the agent, Delta R2* in 1/s: -ln(S/S0) / TE.

    The amount of agent is taken as proportional, with the same factor everywhere.

    Args:
        signals: (voxel, frame). Values below a thousandth of the baseline are raised to it.
        te_ms: Echo time.
        baseline: Frames before the bolus, the first few left out; S0 is their mean.

    Returns:
        float32 (voxel, frame); 0 for a voxel without signal.

    Raises:
        UsageError: the baseline holds no frame, or the echo time is not above 0.

    References:
        Rosen BR et al. Magn Reson Med 1990;14:249.
    """
    if te_ms <= 0 or signals[:1, baseline].size == 0:
        rule = "the echo time is above 0 and the baseline holds a frame"
        raise UsageError(rule, source="baseline", found=f"{te_ms:g} ms, {baseline}")
    s0 = signals[:, baseline].mean(axis=1, dtype=np.float64).astype(np.float32)[:, None]
    there = s0 > 0
    share = np.divide(signals, s0, out=np.ones_like(signals, dtype=np.float32), where=there)
    curves = np.log(np.maximum(share, LEAST_SHARE))
    curves *= np.float32(-1000 / te_ms)
    return np.asarray(curves, dtype=np.float32)


def perfusion(
    curves: Array,
    aif: Numbers,
    *,
    time_s: Numbers,
    method: Method = "osvd",
    cut: float | None = None,
) -> Perfusion:
    """CBV, CBF, MTT and Tmax by indicator dilution.

    CBV = 100 (kappa/rho) * area of C / area of AIF; CBF = 6000 (kappa/rho) * largest F R(t)
    of `scaled_residue`; MTT = 60 CBV/CBF. No correction for leakage: where the barrier is
    open, CBV is that of the curve as it is.

    Args:
        curves: (voxel, frame), of `concentration`.
        aif: (frame,), in the same unit.
        time_s: (frame,), even steps.
        method, cut: Of `scaled_residue`.

    Raises:
        StudyError: the times are not even.
        UsageError: see `scaled_residue`.

    References:
        Ostergaard L et al. Magn Reson Med 1996;36:715. Calamante F et al. Stroke
        2000;31:1146 (kappa and rho).
    """
    steps = np.diff(time_s)
    if len(steps) < 2 or not np.allclose(steps, steps[0], rtol=1e-3):
        found = f"steps of {steps.min(initial=np.inf):g} to {steps.max(initial=0):g} s"
        raise StudyError("frames of a perfusion series follow in even steps", found=found)
    step_s, factor = float(steps.mean()), HAEMATOCRIT_RATIO / BRAIN_DENSITY
    residue = scaled_residue(curves, aif, step_s=step_s, method=method, cut=cut)
    at = residue.argmax(axis=1)
    flow = np.maximum(residue[np.arange(len(at)), at], 0)
    if method != "ssvd":
        at = np.where(at > len(aif), at - residue.shape[1], at)
    cbv = (100 * factor / aif.sum()) * curves.sum(axis=1, dtype=np.float64)
    cbf = 6000 * factor * flow.astype(np.float64)
    mtt = np.divide(60 * cbv, cbf, out=np.zeros_like(cbv), where=cbf > 0)
    return Perfusion(
        cbv=cbv.astype(np.float32),
        cbf=cbf.astype(np.float32),
        mtt_s=mtt.astype(np.float32),
        tmax_s=(at * step_s).astype(np.float32),
    )
