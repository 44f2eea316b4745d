"""What might have been: a region drawn otherwise, an image acquired again.

Parameters are drawn first (`draw_perturbations`) and applied by pure functions, so that any
result can be made again. The chain follows Zwanenburg et al., Scientific Reports 9 (2019)
614: rotation and translation, noise, volume adaptation, contour randomisation.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gliokit.measurement.perturbed_image import (
    moved_image,
    moved_mask,
    noise_deviation,
    noisy_image,
)
from gliokit.measurement.perturbed_mask import randomised_contour, resized_mask
from gliokit.study import UsageError

__all__ = ["Perturbation", "draw_perturbations"]

Mask = NDArray[np.bool_]
Image = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Perturbation:
    """One way in which a measurement might have gone otherwise.

    Args:
        name: Unique among those of one study.
        degrees: Turn about the axis of the slices, axis k.
        shift_mm: Translation along i, j, k.
        noise: Standard deviation of added noise, in those that the image has already.
        volume_change: Part of the mask's volume that is added (> 0) or taken away (< 0) at
            its border; -0.2 takes a fifth.
        contour: Whether the border is drawn anew along supervoxels.
        seed: Of all that is random.
    """

    name: str
    degrees: float = 0.0
    shift_mm: tuple[float, float, float] = (0.0, 0.0, 0.0)
    noise: float = 0.0
    volume_change: float = 0.0
    contour: bool = False
    seed: int = 0

    def __post_init__(self) -> None:
        if self.noise < 0 or self.volume_change <= -1:
            raise UsageError(
                "noise is at least 0 and a volume change above -1",
                source=self.name,
                found=f"{self.noise} and {self.volume_change}",
            )

    def apply(
        self, images: Mapping[Any, Image], mask: Mask, spacing_mm: Sequence[float]
    ) -> tuple[dict[Any, Image], Mask]:
        """Images and mask as they might have been.

        Args:
            images: float32, of the mask's shape; 0 outside the brain. The contour follows
                the supervoxels of the first.
            mask: Of one region; empty stays empty.
            spacing_mm: Of a voxel along i, j, k.
        """
        generator = np.random.default_rng(self.seed)
        made: dict[Any, Image] = {}
        for key, image in images.items():
            turned = moved_image(image, spacing_mm, degrees=self.degrees, shift_mm=self.shift_mm)
            deviation = self.noise * noise_deviation(image) if self.noise else 0.0
            made[key] = noisy_image(turned, deviation, generator)
        region = moved_mask(mask, spacing_mm, degrees=self.degrees, shift_mm=self.shift_mm)
        region = resized_mask(region, spacing_mm, self.volume_change, generator)
        if self.contour and made:
            region = randomised_contour(next(iter(made.values())), region, spacing_mm, generator)
        return made, region


def draw_perturbations(seed: int, *, repeats: int = 1) -> tuple[Perturbation, ...]:
    """One set of perturbations for every kind: rotation, translation, noise, volume, contour.

    Turns lie within 6 degrees and shifts within a voxel of 1 mm, as those of a patient laid
    down again; noise is as strong as what the image has; volumes change by 10 and 20 percent.

    Args:
        seed: The same seed draws the same set.
        repeats: Sets.

    Raises:
        UsageError: less than one set.
    """
    if repeats < 1:
        raise UsageError("there is at least one set of perturbations", found=repeats)
    generator = np.random.default_rng(seed)
    drawn: list[Perturbation] = []
    for n in range(repeats):
        seeds = [int(s) for s in generator.integers(0, 2**31, 3)]
        shift = tuple(float(s) for s in generator.uniform(-1, 1, 3))
        degrees = float(generator.choice((-1, 1)) * generator.uniform(2, 6))
        drawn += [
            Perturbation(f"rotation-{n}", degrees=degrees),
            Perturbation(f"translation-{n}", shift_mm=(shift[0], shift[1], shift[2])),
            Perturbation(f"noise-{n}", noise=1.0, seed=seeds[0]),
            Perturbation(f"contour-{n}", contour=True, seed=seeds[1]),
            Perturbation(
                f"all-{n}",
                degrees=degrees / 2,
                shift_mm=(shift[0] / 2, shift[1] / 2, shift[2] / 2),
                noise=0.5,
                contour=True,
                seed=seeds[2],
            ),
        ]
    seeds = [int(s) for s in generator.integers(0, 2**31, 4)]
    drawn += [
        Perturbation(f"volume{change:+.0%}", volume_change=change, seed=s)
        for change, s in zip((-0.2, -0.1, 0.1, 0.2), seeds, strict=True)
    ]
    return tuple(drawn)
