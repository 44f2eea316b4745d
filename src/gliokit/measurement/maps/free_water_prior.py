"""Free water from one b-value, which needs a prior."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gliokit.measurement.maps.free_water import (
    PURE_WATER,
    PURE_WATER_MD,
    UNWEIGHTED_B,
    WATER_DIFFUSIVITY,
    FreeWater,
)
from gliokit.measurement.maps.tensor import TensorFigures, fit_tensor
from gliokit.measurement.maps.voxels import Array
from gliokit.study import StudyError, UsageError

__all__ = ["free_water_from_one_shell", "pure_signals"]

Numbers = NDArray[np.float64]

TISSUE_MD_RANGE = (0.1e-3, 2.5e-3)


def pure_signals(plain: TensorFigures, s0: Array) -> tuple[float, float]:
    """Signal at b = 0 of tissue and of water, read from the image itself.

    Definition: the median S0 of voxels like healthy white matter (FA above 0.4, MD 0.5 to
    1e-3 mm2/s), and the median S0 of voxels with an MD above 2.7e-3 mm2/s.

    Raises:
        StudyError: there are fewer than 10 voxels of either, or water is no brighter than
            tissue, as in images whose TE is very short.
    """
    tissue = (plain.fa > 0.4) & (plain.md > 0.5e-3) & (plain.md < 1.0e-3)
    water = plain.md > PURE_WATER_MD
    if min(int(tissue.sum()), int(water.sum())) < 10:
        raise StudyError(
            "the image shows 10 voxels of white matter and 10 of fluid alone",
            source="diffusion series",
            found=f"{int(tissue.sum())} and {int(water.sum())}",
            way_out="Give the two signals yourself.",
        )
    low, high = float(np.median(s0[tissue])), float(np.median(s0[water]))
    _check_pure(low, high)
    return low, high


def _check(
    bvals: Numbers, tissue_signal: float, water_signal: float, tissue_md: float, md_share: float
) -> None:
    _check_pure(tissue_signal, water_signal)
    low, high = TISSUE_MD_RANGE
    if not (0 <= md_share <= 1 and low <= tissue_md <= high):
        rule = f"md_share lies in 0 to 1 and tissue_md in {low:g} to {high:g} mm2/s"
        raise UsageError(rule, found=f"{md_share:g} and {tissue_md:g}")
    weighted = bvals[bvals > UNWEIGHTED_B]
    if len(weighted) == len(bvals) or len(np.unique(np.round(weighted / 100))) != 1:
        raise StudyError(
            "the table has b = 0 and one weighted b-value",
            source="diffusion table",
            found=f"{len(bvals) - len(weighted)} frames of b = 0, weighted "
            f"{weighted.min(initial=np.inf):g} to {bvals.max():g}",
            way_out="Use free_water_from_shells for several.",
        )


def _check_pure(tissue_signal: float, water_signal: float) -> None:
    if not 0 < tissue_signal < water_signal:
        raise StudyError(
            "fluid is brighter than tissue at b = 0",
            source="pure signals",
            found=f"tissue {tissue_signal:g}, water {water_signal:g}",
        )


def free_water_from_one_shell(
    signals: Array,
    *,
    bvals: Numbers,
    bvecs: Numbers,
    tissue_signal: float,
    water_signal: float,
    tissue_md: float = 0.6e-3,
    md_share: float = 0.5,
) -> FreeWater:
    """Free water from one b-value and a prior, without smoothing over neighbours.

    One shell does not determine f: pairs of f and isotropic D give the very same signal.
    So the answer is that of two priors, f = f_S0^(1 - a) f_MD^a with a = `md_share`:

    - f_S0 = ln(S0 / tissue_signal) / ln(water_signal / tissue_signal), held in 0 to 1;
    - f_MD is the share at which the tissue's direction-averaged signal is that of the
      diffusivity `tissue_md`.

    The product is then held to shares that leave the tissue an MD between 0.1 and
    2.5e-3 mm2/s. Its bias against known truth is in docs/maps.md.

    Args:
        signals: (voxel, frame).
        bvals, bvecs: b = 0 and one weighted value.
        tissue_signal, water_signal: S0 of each alone; see `pure_signals`.
        tissue_md: What the tissue is believed to have, mm2/s.
        md_share: 0 believes S0 alone, 1 the diffusivity alone.

    Raises:
        StudyError: no b = 0 or several weighted b-values; fluid not brighter than tissue.
        UsageError: a share outside 0 to 1, or a diffusivity outside 0.1 to 2.5e-3.

    References:
        Pasternak O et al. Magn Reson Med 2009;62:717, doi:10.1002/mrm.22055.
        Parker D et al. PLoS One 2020;15:e0233645, doi:10.1371/journal.pone.0233645.
    """
    _check(bvals, tissue_signal, water_signal, tissue_md, md_share)
    unweighted = bvals <= UNWEIGHTED_B
    b = float(bvals[~unweighted].mean())
    s0 = np.maximum(signals[:, unweighted].mean(axis=1), np.finfo(np.float32).tiny)
    mean = signals[:, ~unweighted].mean(axis=1) / s0
    water = np.float32(np.exp(-b * WATER_DIFFUSIVITY))

    def share_leaving(md: float) -> Array:
        tissue = np.float32(np.exp(-b * md))
        return np.asarray((tissue - mean) / (tissue - water), dtype=np.float32)

    least, most = TISSUE_MD_RANGE
    by_s0 = np.clip(np.log(s0 / tissue_signal) / np.log(water_signal / tissue_signal), 0, 1)
    by_md = np.clip(share_leaving(tissue_md), 0, 1)
    fraction = by_s0 ** (1 - md_share) * by_md**md_share
    fraction = np.clip(fraction, share_leaving(most), share_leaving(least))
    fraction = np.clip(fraction, 0, 1).astype(np.float32)
    is_water = fraction > PURE_WATER
    fraction[is_water] = 1
    left = np.where(is_water, 1, 1 - fraction)[:, None]
    attenuation = np.exp(-bvals * WATER_DIFFUSIVITY).astype(np.float32)
    tissue = (signals / s0[:, None] - fraction[:, None] * attenuation) / left
    tensors, _ = fit_tensor(tissue, bvals=bvals, bvecs=bvecs)
    tensors[is_water] = 0
    return FreeWater(fraction, tensors, s0)
