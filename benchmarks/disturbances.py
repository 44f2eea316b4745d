"""What may go wrong with the images of a study, done to good ones on purpose.

Each takes the sequences of a patient (BraTS form: one grid of 1 mm, 0 outside the brain, axis 0
left-right, axis 2 upwards or downwards) and gives those of a worse study; all that is drawn
comes from the generator that it is handed.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gliokit.study import STRUCTURAL, Modality

__all__ = ["DISTURBANCES", "Disturbance"]

Image = NDArray[np.float32]
Images = Mapping[Modality, Image]
T1, T1C, T2, FLAIR = (Modality(m) for m in ("t1", "t1c", "t2", "flair"))

NOISE_SHARES = (0.1, 0.3)
BIAS = 0.4
MOVED_DEGREES, MOVED_MM, MOVED_LINES = 4.0, 4.0, 0.3
THICK_MM = 5
TURNED_DEGREES = 15.0


@dataclass(frozen=True, slots=True)
class Disturbance:
    """One way to spoil a study.

    Args:
        name: Short, for the names of figures.
        images: From the sequences to those of the worse study.
        labels: What the same does to a label map; None where it stays.
    """

    name: str
    images: Callable[[Images, np.random.Generator], dict[Modality, Image]]
    labels: Callable[[NDArray[np.uint8]], NDArray[np.uint8]] | None = None


def _each(change: Callable[[Image, np.random.Generator], Image]) -> Callable[..., dict]:
    """The same done to every sequence; the background stays 0 and the brain does not become so."""

    def apply(images: Images, rng: np.random.Generator) -> dict[Modality, Image]:
        return {m: _in_brain(change(image, rng), image != 0) for m, image in images.items()}

    return apply


def _in_brain(image: Image, brain: NDArray[np.bool_]) -> Image:
    least = np.float32(1e-3) * np.float32(np.median(image[brain]))
    return np.where(brain, np.maximum(image, least), 0).astype(np.float32)


def _without(modality: Modality) -> Disturbance:
    return Disturbance(
        f"without_{modality}",
        lambda images, _: {m: i for m, i in images.items() if m != modality},
    )


def _noise(share: float) -> Disturbance:
    """Rician noise; its standard deviation is so much of the median of the brain."""

    def noisy(image: Image, rng: np.random.Generator) -> Image:
        sigma = share * float(np.median(image[image != 0]))
        real, imaginary = rng.normal(0, sigma, (2, *image.shape))
        return np.hypot(image + real, imaginary).astype(np.float32)

    return Disturbance(f"noise_{round(100 * share)}_percent", _each(noisy))


def _bias(image: Image, rng: np.random.Generator) -> Image:
    """A smooth factor, from knots between exp(-BIAS) and exp(BIAS)."""
    knots = rng.uniform(-BIAS, BIAS, (3, 3, 3))
    at = np.meshgrid(*(np.linspace(0, 2, n) for n in image.shape), indexing="ij")
    field = ndimage.map_coordinates(knots, at, order=2, mode="nearest")
    return (image * np.exp(field)).astype(np.float32)


def _motion(image: Image, rng: np.random.Generator) -> Image:
    """A share of the phase-encoding lines is read with the head turned and shifted.

    The middle tenth of the lines, which carries the contrast, is read with the head at rest.
    """
    turned = ndimage.rotate(image, MOVED_DEGREES, axes=(0, 1), reshape=False, order=1)
    moved = ndimage.shift(turned, (0, MOVED_MM, 0), order=1)
    lines = np.fft.fft(image, axis=1)
    n = image.shape[1]
    outer = np.flatnonzero(np.abs(np.fft.fftfreq(n)) > 0.05)
    taken = rng.choice(outer, round(MOVED_LINES * n), replace=False)
    lines[:, taken] = np.fft.fft(moved, axis=1)[:, taken]
    return np.abs(np.fft.ifft(lines, axis=1)).astype(np.float32)


def _thick(image: Image, _: np.random.Generator) -> Image:
    """Axial slices of 5 mm, as a scanner averages them, one beside the other."""
    n = image.shape[2]
    starts = np.arange(0, n, THICK_MM)
    counts = np.diff([*starts, n])
    means = np.add.reduceat(image, starts, axis=2) / counts
    return np.repeat(means, counts, axis=2).astype(np.float32)


def _turned(images: Images, _: np.random.Generator) -> dict[Modality, Image]:
    turned = {}
    for modality, image in images.items():
        inside = _turn((image != 0).astype(np.uint8), order=0)
        turned[modality] = _in_brain(_turn(image, order=1), inside > 0)
    return turned


def _turn(array: NDArray, *, order: int) -> NDArray:
    return ndimage.rotate(array, TURNED_DEGREES, axes=(0, 1), reshape=True, order=order)


def _given_as(**files: Modality) -> Callable[[Images, np.random.Generator], dict[Modality, Image]]:
    """Other sequences in some slots."""
    instead = {Modality(slot): source for slot, source in files.items()}

    def apply(images: Images, _: np.random.Generator) -> dict[Modality, Image]:
        return {m: images[instead.get(m, m)] for m in images}

    return apply


DISTURBANCES: tuple[Disturbance, ...] = (
    *(_without(m) for m in STRUCTURAL),
    *(_noise(share) for share in NOISE_SHARES),
    Disturbance("bias_field", _each(_bias)),
    Disturbance("motion", _each(_motion)),
    Disturbance("slices_5_mm", _each(_thick)),
    Disturbance(
        "flipped_left_right",
        lambda images, _: {m: i[::-1].copy() for m, i in images.items()},
        lambda labels: labels[::-1].copy(),
    ),
    Disturbance(
        "flipped_upside_down",
        lambda images, _: {m: i[:, :, ::-1].copy() for m, i in images.items()},
        lambda labels: labels[:, :, ::-1].copy(),
    ),
    Disturbance("turned_15_degrees", _turned, lambda labels: _turn(labels, order=0)),
    Disturbance(
        "intensities_times_10",
        lambda images, _: {m: np.float32(10) * i for m, i in images.items()},
    ),
    Disturbance("t1_and_t1c_exchanged", _given_as(t1=T1C, t1c=T1)),
    Disturbance("t2_and_flair_exchanged", _given_as(t2=FLAIR, flair=T2)),
    Disturbance("t1_and_flair_exchanged", _given_as(t1=FLAIR, flair=T1)),
)
"""In the order of the table."""
