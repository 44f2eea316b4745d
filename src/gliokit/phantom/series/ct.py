"""Plain CT of a digital patient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gliokit.phantom.chance import Chance
from gliokit.phantom.series.pet import blurred
from gliokit.phantom.series.substance import Array, mixture, on_grid
from gliokit.phantom.truth import TruthMaps
from gliokit.study import Modality, UsageError, Volume

__all__ = ["AIR_HU", "SimulatedCt", "make_ct"]

AIR_HU = -1000.0


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedCt:
    """An image and its truth.

    Args:
        volume: CT, Hounsfield units, whole numbers.
        hu: The same without point spread and noise, float32.
    """

    volume: Volume
    hu: Array


def make_ct(
    maps: TruthMaps, *, seed: int, noise_hu: float = 4.0, fwhm_mm: float = 1.0
) -> SimulatedCt:
    """CT of the brain alone: what is outside it is air.

    CT numbers mix by volume. The point spread acts within the brain, as though the
    skull had been taken off after imaging.

    Args:
        maps: What the patient is made of.
        seed: Of the noise.
        noise_hu: Standard deviation, 0 to 50.
        fwhm_mm: Of the point spread, 0 to 10.

    Raises:
        UsageError: a value that can't be.
    """
    if not (0 <= noise_hu <= 50 and 0 <= fwhm_mm <= 10):
        rule = "noise is 0 to 50 HU and a point spread 0 to 10 mm wide"
        raise UsageError(rule, source="noise_hu, fwhm_mm", found=f"{noise_hu}, {fwhm_mm}")
    brain = maps.brain
    hu = mixture(maps, lambda s: s.hu)
    weight = blurred(brain.astype(np.float32), fwhm_mm, maps)[brain]
    image = blurred(on_grid(hu, maps), fwhm_mm, maps)[brain] / weight
    noise = Chance(seed).of("noise of ct").standard_normal(len(hu), np.float32)
    image = np.rint(image + np.float32(noise_hu) * noise)
    volume = Volume.from_array(
        Modality.CT, maps.grid, on_grid(image, maps, outside=AIR_HU), source="digital patient"
    )
    return SimulatedCt(volume, on_grid(hu, maps, outside=AIR_HU))
