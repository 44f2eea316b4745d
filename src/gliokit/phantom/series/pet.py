"""FET-PET of a digital patient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gliokit.phantom.chance import Chance
from gliokit.phantom.series.substance import Array, inside, on_grid, substance_of
from gliokit.phantom.tissue import Tissue
from gliokit.phantom.truth import TruthMaps
from gliokit.study import Modality, UsageError, Volume

__all__ = ["SimulatedPet", "blurred", "make_fet_pet"]

FWHM_PER_SIGMA = 2.3548
NOISE_FWHM_MM = 4.0
"""Reconstruction makes the noise of neighbours alike."""
FEWEST_CELLS_SHARE = 0.5
"""Uptake above brain of tumour without cells, over that where there are most."""


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedPet:
    """An image and its truth.

    Args:
        volume: PET, standardised uptake values.
        uptake_suv: The same before the scanner: no point spread, no noise.
    """

    volume: Volume
    uptake_suv: Array


def make_fet_pet(
    maps: TruthMaps,
    *,
    seed: int,
    snr: float | None = 15.0,
    fwhm_mm: float = 5.0,
    tumour_to_brain: float | None = None,
) -> SimulatedPet:
    """Static FET-PET, 20 to 40 minutes after injection, exactly 0 outside the brain.

    Uptake is the mean of the tissues'; in solid tumour it grows with the density of cells
    (to the table's value at the most), and does not ask whether the barrier is open. The
    variance of the noise is proportional to the uptake, as counts have it.

    Args:
        maps: What the patient is made of.
        seed: Of the noise.
        snr: Mean over standard deviation where uptake is 1 SUV; None without noise.
        fwhm_mm: Of the point spread, 0 to 15; 0 for none.
        tumour_to_brain: Uptake of the densest tumour over that of white matter, 0.5 to 10.

    Raises:
        UsageError: a value that can't be.

    References:
        Law I et al. Eur J Nucl Med Mol Imaging 2019;46:540, doi:10.1007/s00259-018-4207-9.
    """
    brain = maps.brain
    if not 0 <= fwhm_mm <= 15 or (snr is not None and not snr > 0):
        rule = "a point spread is 0 to 15 mm wide and an SNR above 0"
        raise UsageError(rule, source="fwhm_mm, snr", found=f"{fwhm_mm}, {snr}")
    if tumour_to_brain is not None and not 0.5 <= tumour_to_brain <= 10:
        rule = "tumour takes up 0.5 to 10 times as much as brain"
        raise UsageError(rule, source="tumour_to_brain", found=tumour_to_brain)
    white = substance_of(Tissue.WHITE_MATTER).uptake_suv
    uptake = np.zeros(int(brain.sum()), dtype=np.float32)
    for tissue, share in inside(maps).items():
        value = substance_of(tissue).uptake_suv
        if tissue != Tissue.TUMOUR:
            uptake += share * np.float32(value)
            continue
        most = value if tumour_to_brain is None else tumour_to_brain * white
        dense = FEWEST_CELLS_SHARE + (1 - FEWEST_CELLS_SHARE) * maps.cell_density[brain]
        uptake += share * (np.float32(white) + np.float32(most - white) * dense)
    truth = on_grid(uptake, maps)
    image = blurred(truth, fwhm_mm, maps)
    if snr is not None:
        white_noise = Chance(seed).of("noise of pet").standard_normal(brain.shape, np.float32)
        noise = blurred(white_noise, NOISE_FWHM_MM, maps)
        noise /= noise[brain].std()
        image = np.maximum(image + np.sqrt(np.maximum(image, 0)) * noise / np.float32(snr), 0)
    volume = Volume.from_array(
        Modality.PET, maps.grid, (image * brain).astype(np.float32), source="digital patient"
    )
    return SimulatedPet(volume, truth)


def blurred(image: Array, fwhm_mm: float, maps: TruthMaps) -> Array:
    """An image with a Gaussian point spread, what is outside the box counting as 0."""
    from scipy import ndimage

    sigma = [fwhm_mm / FWHM_PER_SIGMA / step for step in maps.grid.spacing_mm]
    return np.asarray(ndimage.gaussian_filter(image, sigma, mode="constant"), dtype=np.float32)
