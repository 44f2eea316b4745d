"""Maps of a whole series, on its grid."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gliokit.measurement.maps.deconvolution import Method
from gliokit.measurement.maps.free_water import FreeWater, free_water_from_shells
from gliokit.measurement.maps.free_water_prior import free_water_from_one_shell, pure_signals
from gliokit.measurement.maps.perfusion import concentration, perfusion
from gliokit.measurement.maps.tensor import fit_tensor, tensor_figures
from gliokit.measurement.maps.voxels import Array, curves_of, on_grid
from gliokit.study import Series, StudyError

__all__ = ["DiffusionMaps", "FreeWaterMaps", "PerfusionMaps", "diffusion_maps",
           "free_water_maps", "perfusion_maps"]  # fmt: skip

Mask = NDArray[np.bool_]
Numbers = NDArray[np.float64]


@dataclass(frozen=True, slots=True, eq=False)
class DiffusionMaps:
    """Float32 on the series' grid, 0 outside the mask; diffusivities in mm2/s.

    Args:
        fa, md, ad, rd: See `TensorFigures`.
        direction: (i, j, k, 3), RAS+.
        s0: Signal at b = 0.
    """

    fa: Array
    md: Array
    ad: Array
    rd: Array
    direction: Array
    s0: Array


@dataclass(frozen=True, slots=True, eq=False)
class FreeWaterMaps:
    """Float32 on the series' grid, 0 outside the mask.

    Args:
        fraction: Share of the signal at b = 0 that is free water's.
        fa, md: Of the tissue alone; 0 where the voxel is water.
        prior: Whether the answer rests on a prior: the series has one weighted b-value.
    """

    fraction: Array
    fa: Array
    md: Array
    prior: bool


@dataclass(frozen=True, slots=True, eq=False)
class PerfusionMaps:
    """Float32 on the series' grid, 0 outside the mask; see `Perfusion`."""

    cbv: Array
    cbf: Array
    mtt_s: Array
    tmax_s: Array


def diffusion_maps(series: Series, mask: Mask) -> DiffusionMaps:
    """FA, diffusivities and direction by a weighted log-linear fit.

    Args:
        series: DWI.
        mask: bool, where to fit.

    Raises:
        StudyError: no diffusion series, or its table determines no tensor.
        UsageError: the mask does not fit.
    """
    bvals, bvecs = _table(series)
    tensors, s0 = fit_tensor(curves_of(series, mask), bvals=bvals, bvecs=bvecs)
    figures = tensor_figures(tensors)
    return DiffusionMaps(
        fa=on_grid(figures.fa, mask),
        md=on_grid(figures.md, mask),
        ad=on_grid(figures.ad, mask),
        rd=on_grid(figures.rd, mask),
        direction=on_grid(figures.direction, mask),
        s0=on_grid(s0, mask),
    )


def free_water_maps(series: Series, mask: Mask) -> FreeWaterMaps:
    """Free water and the tissue's FA and MD: by two compartments, or by priors.

    With two or more weighted b-values nothing is assumed. With one, signals of tissue and
    of water alone are read from the image (`pure_signals`), and `prior` is true.

    Args:
        series: DWI.
        mask: bool, where to fit.

    Raises:
        StudyError: no diffusion series, or one shell without 10 voxels each of white matter
            and fluid.
        UsageError: the mask does not fit.
    """
    bvals, bvecs = _table(series)
    curves = curves_of(series, mask)
    one_shell = len(np.unique(np.round(bvals / 100))) < 3
    if one_shell:
        tensors, s0 = fit_tensor(curves, bvals=bvals, bvecs=bvecs)
        tissue_signal, water_signal = pure_signals(tensor_figures(tensors), s0)
        found: FreeWater = free_water_from_one_shell(
            curves, bvals=bvals, bvecs=bvecs,
            tissue_signal=tissue_signal, water_signal=water_signal,
        )  # fmt: skip
    else:
        found = free_water_from_shells(curves, bvals=bvals, bvecs=bvecs)
    tissue = found.tissue
    return FreeWaterMaps(
        on_grid(found.fraction, mask), on_grid(tissue.fa, mask), on_grid(tissue.md, mask), one_shell
    )


def perfusion_maps(
    series: Series,
    mask: Mask,
    aif: Numbers,
    *,
    baseline: slice,
    method: Method = "osvd",
    cut: float | None = None,
) -> PerfusionMaps:
    """CBV, CBF, MTT and Tmax of a DSC series; no correction for leakage.

    Args:
        series: DSC, with its echo time.
        mask: bool, where to fit.
        aif: (frame,), Delta R2* of the artery, 1/s.
        baseline: Frames before the bolus.
        method, cut: Of `scaled_residue`.

    Raises:
        StudyError: the series has no times or no echo time, or uneven steps.
        UsageError: mask, baseline or AIF don't fit.
    """
    if series.time_s is None or series.te_ms is None:
        raise StudyError(
            "a perfusion series has times and an echo time",
            source=series.source,
            found=f"a {series.modality} series, te_ms {series.te_ms}",
            way_out='Write "EchoTime" (s) into the JSON file beside it.',
        )
    curves = concentration(curves_of(series, mask), te_ms=series.te_ms, baseline=baseline)
    found = perfusion(curves, aif, time_s=series.time_s, method=method, cut=cut)
    return PerfusionMaps(
        cbv=on_grid(found.cbv, mask),
        cbf=on_grid(found.cbf, mask),
        mtt_s=on_grid(found.mtt_s, mask),
        tmax_s=on_grid(found.tmax_s, mask),
    )


def _table(series: Series) -> tuple[Numbers, Numbers]:
    if series.bvals is None or series.bvecs is None:
        raise StudyError(
            "a diffusion series has b-values and b-vectors",
            source=series.source,
            found=f"a {series.modality} series",
        )
    return series.bvals, series.bvecs
