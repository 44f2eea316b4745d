"""What each tissue does in diffusion, perfusion, PET, CT and BOLD; and mixtures of it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.truth import TruthMaps
from gliokit.study import UsageError

__all__ = ["SUBSTANCES", "Array", "Substance", "inside", "mixture", "on_grid", "substance_of"]

Array = NDArray[np.float32]
LEAST_FRACTION = 1e-3


@dataclass(frozen=True, slots=True)
class Substance:
    """One tissue.

    Args:
        md_um2_per_ms: Mean diffusivity of what is not free water (1 um2/ms is 1e-3 mm2/s).
        water: Share of its volume that is free water.
        cbv_ml: Blood volume, mL/100 g.
        cbf_ml_per_min: Blood flow, mL/100 g/min.
        uptake_suv: FET taken up 20 to 40 minutes after injection, standardised uptake value.
        hu: CT number, Hounsfield units.
        fluctuation_percent: Standard deviation of the slow BOLD fluctuation (0.01 to
            0.08 Hz), as a share of the signal.
    """

    md_um2_per_ms: float
    water: float
    cbv_ml: float
    cbf_ml_per_min: float
    uptake_suv: float
    hu: float
    fluctuation_percent: float


SUBSTANCES: Mapping[str, Substance] = MappingProxyType(
    {
        "white_matter": Substance(0.75, 0.0, 2.0, 24.0, 1.0, 29.0, 0.3),
        "grey_matter": Substance(0.83, 0.0, 4.0, 60.0, 1.2, 37.0, 1.0),
        "deep_grey": Substance(0.76, 0.0, 4.0, 60.0, 1.2, 36.0, 0.8),
        "pallidum": Substance(0.78, 0.0, 3.8, 55.0, 1.2, 38.0, 0.7),
        "csf": Substance(0.83, 1.0, 0.0, 0.0, 0.6, 6.0, 0.2),
        "blood": Substance(1.50, 0.0, 70.0, 2100.0, 1.6, 50.0, 0.5),
        "meninges": Substance(0.90, 0.0, 5.0, 50.0, 1.3, 45.0, 0.2),
        "oedema": Substance(0.80, 0.0, 1.4, 14.0, 1.0, 22.0, 0.2),
        "tumour": Substance(1.00, 0.0, 8.0, 96.0, 2.9, 34.0, 0.3),
        "necrosis": Substance(0.90, 0.55, 0.2, 1.5, 0.9, 16.0, 0.1),
        "myxoid": Substance(1.35, 0.15, 3.2, 38.0, 1.8, 24.0, 0.3),
        "reaction": Substance(1.20, 0.10, 2.0, 24.0, 1.6, 30.0, 0.2),
        "cavity": Substance(0.83, 1.0, 0.0, 0.0, 0.6, 6.0, 0.1),
        "haemorrhage": Substance(0.60, 0.0, 0.0, 0.0, 0.7, 65.0, 0.1),
        "calcium": Substance(0.60, 0.0, 0.0, 0.0, 0.7, 200.0, 0.0),
    }
)
"""By the names of `Tissue`.

Diffusion: normal white matter 0.70 to 0.80, grey 0.75 to 0.90, fluid 3.0 um2/ms; grade II
1.14 +/- 0.18 and glioblastoma 0.82 +/- 0.13 (Kono 2001); the tissue part of oedema about 0.8,
its water being that of `TruthMaps.oedema`; necrosis by choice, so that its ADC is near 2.
Myxoid is the watery tumour of the T2-FLAIR mismatch, reaction what enhances after treatment
without tumour: it diffuses more, and holds less blood, than tumour does (Barajas 2009).
Perfusion: grey CBF 60 and CBV 4, white about a third and half of that (Leenders 1990; Calamante
1999), MTT 4 and 5 s; tumour four times white matter (high-grade 5.2 +/- 3.3, Law 2003), oedema
below 1. Large vessels: the CBV that indicator dilution gives for blood alone, 100 kappa/rho.
FET: brain 1.0 to 1.2, glioma about 2.9 times white matter (range 1.6 to 5; Law I 2019). CT:
usual ranges (white 20 to 30, grey 37 to 41, fluid 0 to 15, fresh blood 50 to 80). BOLD:
choices, grey about three times white matter. Values for which no source stands are choices.

References:
    Barajas RF et al. Radiology 2009;253:486. Kono K et al. AJNR 2001;22:1081. Leenders KL et
    al. Brain 1990;113:27. Calamante F et al. J Cereb Blood Flow Metab 1999;19:701. Law M et
    al. AJNR 2003;24:1989. Law I et al. Eur J Nucl Med Mol Imaging 2019;46:540.
"""


def substance_of(tissue: str) -> Substance:
    """The row of one tissue.

    Raises:
        UsageError: there is none.
    """
    if str(tissue) not in SUBSTANCES:
        raise UsageError(
            "diffusion, perfusion, PET, CT and BOLD are known of: " + ", ".join(SUBSTANCES),
            source="tissue_fractions",
            found=str(tissue),
            way_out="Give the maps without this tissue, its share added to another.",
        )
    return SUBSTANCES[str(tissue)]


def mixture(maps: TruthMaps, value: Callable[[Substance], float]) -> Array:
    """Mean of a tissue's figure over the tissues of each voxel of the brain, by share."""
    total = np.zeros(int(maps.brain.sum()), dtype=np.float32)
    for tissue, share in inside(maps).items():
        total += np.float32(value(substance_of(tissue))) * share
    return total


def inside(maps: TruthMaps) -> dict[str, Array]:
    """Shares of the tissues that are there at all, for the voxels of the brain."""
    shares = {str(t): share[maps.brain] for t, share in maps.tissue_fractions.items()}
    return {t: share for t, share in shares.items() if share.max(initial=0) > LEAST_FRACTION}


def on_grid(values: Array, maps: TruthMaps, *, outside: float = 0.0) -> Array:
    """Values of the brain's voxels as a map (i, j, k, ...)."""
    shape = (*maps.brain.shape, *values.shape[1:])
    filled = np.full(shape, outside, dtype=np.float32)
    filled[maps.brain] = values
    return filled
