"""The affine from a patient's brain to the MNI152 brain: it only looks up places.

No volume, distance or feature is ever taken in atlas space, which is a third larger than
most brains.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product
from typing import Any

import nibabel as nib
import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from gliokit.preprocessing.prepared import PreparedStudy
from gliokit.preprocessing.resample import block_mean
from gliokit.study import Grid, Modality, StudyError, installed_data

__all__ = ["UNCERTAIN_SIMILARITY", "AtlasMatch", "load_brain", "match_atlas"]

PREFERRED = (Modality.T1, Modality.T1C, Modality.T2, Modality.FLAIR)
"""Which sequence is matched with the atlas' T1: the first that the study has."""

SEARCH_MM, COARSE_MM, FINE_MM = 10, 6, 3
TURNS_DEGREES = ((-45, -30, -15, 0, 15, 30, 45), (-15, 0, 15), (-30, -15, 0, 15, 30))
"""Turns to begin with, about the axes to the right (a nod), to the front, and upwards."""

STARTS = 3
"""The best of these turns are followed."""

MARGIN_MM = 9.0
"""So much of the background around the brain is matched too: it holds the brain's outline."""

TUMOUR_MARGIN_MM = 3.0
BACKGROUND = 0.25
"""Outside, an image is darker than the brain by so much of the brain's range."""

BINS = 32
ITERATIONS = 100
THREADS = 1
"""Of SimpleITK: with more, the order of its sums and so the last digits differ by run."""

UNCERTAIN_SIMILARITY = 0.85
"""A match with less is not to be trusted: right ones of patients had 0.89 and more, the same
moved by 12 mm or nodded by 20 degrees 0.82 and less."""


@dataclass(frozen=True, slots=True, eq=False)
class AtlasMatch:
    """Where a patient's points lie in the MNI152 brain.

    Args:
        affine: 4x4, RAS+ millimetres of the patient to RAS+ millimetres of MNI152.
        similarity: 0 to 1, the correlation ratio of the atlas' T1 given the patient's
            image, in blocks of 6 mm of the brain and 9 mm around it, the tumour left out:
            the root of the share of variance that the patient's intensity (in 32 bins)
            explains. It holds for images of unlike contrast too.
        modality: The sequence that was matched.
    """

    affine: NDArray[np.float64]
    similarity: float
    modality: Modality

    def __post_init__(self) -> None:
        affine = np.array(self.affine, dtype=np.float64)
        affine.setflags(write=False)
        object.__setattr__(self, "affine", affine)

    def to_mni(self, points_mm: NDArray[np.float64]) -> NDArray[np.float64]:
        """MNI152 millimetres of patient millimetres, both of shape (..., 3)."""
        return np.asarray(points_mm) @ self.affine[:3, :3].T + self.affine[:3, 3]


@cache
def load_brain() -> tuple[NDArray[np.float32], Grid]:
    """The MNI152 T1 brain (2009a, symmetric), 1 mm, 0 outside; read from nilearn's wheel.

    References:
        Fonov V et al. NeuroImage 2011;54:313. doi:10.1016/j.neuroimage.2010.07.033
    """
    name = "mni_icbm152_t1_tal_nlin_sym_09a_converted.nii.gz"
    image: Any = nib.load(installed_data("nilearn", "datasets", "data", name))
    data = np.asarray(image.dataobj, dtype=np.float32)
    data.setflags(write=False)
    return data, Grid(data.shape, image.affine)


def match_atlas(prepared: PreparedStudy, tumour: NDArray[np.bool_] | None = None) -> AtlasMatch:
    """Affine (12 parameters) of a prepared study to the MNI152 brain.

    Mattes' mutual information between the patient's T1 (else T1C, T2, FLAIR) and the
    atlas' T1, in steps from 6 to 2 mm, begun where the moments of both brain masks agree,
    in three tilts. The tumour with a margin of 3 mm is left out. All voxels are used, none
    drawn by chance: the same study gives the same affine.

    Args:
        tumour: bool of the prepared grid's shape.

    Raises:
        StudyError: the study has no structural sequence, or nothing is left beside the
            tumour.
        UsageError: nilearn's wheel is not installed.
    """
    modality = next((m for m in PREFERRED if m in prepared.images), None)
    if modality is None:
        raise StudyError(
            "the atlas is matched with T1, T1C, T2 or FLAIR", found=sorted(prepared.images)
        )
    kept = _without(tumour, prepared)
    patient = _with_background(prepared.images[modality], prepared.brain)
    box_to_mni = _register(patient, kept, prepared)
    box = np.diag([*prepared.grid.spacing_mm, 1.0])
    index_to_mni = box_to_mni @ box
    return AtlasMatch(
        affine=index_to_mni @ np.linalg.inv(prepared.grid.affine),
        similarity=_similarity(patient, kept, index_to_mni),
        modality=modality,
    )


def _without(tumour: NDArray[np.bool_] | None, prepared: PreparedStudy) -> NDArray[np.bool_]:
    """Voxels to match: the brain and its surroundings, the tumour and its margin left out."""
    kept = _grown(prepared.brain, MARGIN_MM, prepared)
    if tumour is not None:
        kept &= ~_grown(tumour, TUMOUR_MARGIN_MM, prepared)
    if not (kept & prepared.brain).any():
        raise StudyError("some of the brain is left beside the tumour", source=prepared.subject)
    return np.asarray(kept)


def _grown(mask: NDArray[np.bool_], margin_mm: float, prepared: PreparedStudy) -> NDArray[np.bool_]:
    """A mask with a margin along each axis."""
    size = [2 * round(margin_mm / s) + 1 for s in prepared.grid.spacing_mm]
    return np.asarray(ndimage.maximum_filter(mask.astype(np.uint8), size) > 0)


def _with_background(image: NDArray[np.float32], brain: NDArray[np.bool_]) -> NDArray[np.float32]:
    """Outliers clipped, and outside the brain a darker value: 0 is its median."""
    low, high = np.percentile(image[brain], (1, 99))
    outside = low - BACKGROUND * (high - low)
    return np.where(brain, np.clip(image, low, high), outside).astype(np.float32)


def _register(
    patient: NDArray[np.float32], kept: NDArray[np.bool_], prepared: PreparedStudy
) -> NDArray[np.float64]:
    """4x4 from the patient's box, in mm along its axes, to MNI."""
    atlas, grid = load_brain()
    spacing = prepared.grid.spacing_mm
    there = _moments(prepared.brain, spacing, (0.0, 0.0, 0.0))
    here = _moments(atlas > 0, grid.spacing_mm, tuple(grid.affine[:3, 3]))

    def images(size_mm: int) -> tuple[Any, Any, Any]:
        return (
            _itk(patient, spacing, (0.0, 0.0, 0.0), size_mm),
            _itk(atlas, grid.spacing_mm, tuple(grid.affine[:3, 3]), size_mm),
            _itk(kept.astype(np.float32), spacing, (0.0, 0.0, 0.0), size_mm) > 0.5,
        )

    search, coarse, fine = images(SEARCH_MM), images(COARSE_MM), images(FINE_MM)
    turns = sorted(
        (_start(there, here, turn) for turn in product(*TURNS_DEGREES)),
        key=lambda start: _method(start, search[2], step_mm=4.0).MetricEvaluate(*search[:2]),
    )
    trials = [_optimise(start, *coarse, step_mm=4.0) for start in turns[:STARTS]]
    best = min(trials, key=lambda trial: trial[1])[0]
    return _matrix(_optimise(best, *fine, step_mm=1.0)[0])


def _moments(
    mask: NDArray[np.bool_],
    spacing: tuple[float, float, float],
    origin: tuple[float, ...],
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Centre of a mask and its spread along each axis, mm."""
    points = np.argwhere(mask) * np.array(spacing) + np.array(origin)
    return points.mean(axis=0), points.std(axis=0)


def _start(
    there: tuple[NDArray[np.float64], NDArray[np.float64]],
    here: tuple[NDArray[np.float64], NDArray[np.float64]],
    degrees: tuple[int, ...],
) -> Any:
    """Centre on centre, spread on spread, turned about the three axes."""
    import SimpleITK as sitk

    transform = sitk.AffineTransform(3)
    turn = np.eye(3)
    for axis, angle in enumerate(degrees):
        turn = turn @ rotation(axis, angle)
    transform.SetCenter(there[0].tolist())
    transform.SetTranslation((here[0] - there[0]).tolist())
    transform.SetMatrix((turn @ np.diag(here[1] / there[1])).ravel().tolist())
    return transform


def rotation(axis: int, degrees: float) -> NDArray[np.float64]:
    """3x3, a right-handed turn about one axis."""
    cosine, sine = np.cos(np.deg2rad(degrees)), np.sin(np.deg2rad(degrees))
    a, b = (axis + 1) % 3, (axis + 2) % 3
    turn = np.eye(3)
    turn[a, a] = turn[b, b] = cosine
    turn[a, b], turn[b, a] = -sine, sine
    return turn


def _itk(
    data: NDArray[np.float32],
    spacing: tuple[float, float, float],
    origin: tuple[float, ...],
    size_mm: int,
) -> Any:
    """A SimpleITK image of voxels of about that size, axes along those of the array.

    It is told RAS numbers, not its own LPS, in both images alike: only their relation counts.
    """
    import SimpleITK as sitk

    factor = max(1, round(size_mm / min(spacing)))
    image = sitk.GetImageFromArray(block_mean(data, factor).transpose(2, 1, 0))
    image.SetSpacing([s * factor for s in spacing])
    image.SetOrigin([o + s * (factor - 1) / 2 for o, s in zip(origin, spacing, strict=True)])
    return image


def _optimise(
    start: Any, patient: Any, atlas: Any, kept: Any, *, step_mm: float
) -> tuple[Any, float]:
    """The affine of least negative mutual information, and this value."""
    import SimpleITK as sitk

    method = _method(start, kept, step_mm=step_mm)
    found = method.Execute(patient, atlas)
    transform = sitk.AffineTransform(found.GetNthTransform(0))
    return transform, float(method.GetMetricValue())


def _method(start: Any, kept: Any, *, step_mm: float) -> Any:
    import SimpleITK as sitk

    method = sitk.ImageRegistrationMethod()
    method.SetNumberOfThreads(THREADS)
    method.SetNumberOfWorkUnits(THREADS)
    method.SetMetricAsMattesMutualInformation(BINS)
    method.SetMetricFixedMask(kept)
    method.SetInterpolator(sitk.sitkLinear)
    method.SetOptimizerAsRegularStepGradientDescent(
        learningRate=step_mm, minStep=0.02, numberOfIterations=ITERATIONS, relaxationFactor=0.6
    )
    method.SetOptimizerScalesFromPhysicalShift()
    method.SetInitialTransform(sitk.AffineTransform(start), inPlace=False)
    return method


def _matrix(transform: Any) -> NDArray[np.float64]:
    matrix = np.eye(4)
    matrix[:3, :3] = np.reshape(transform.GetMatrix(), (3, 3))
    matrix[:3, 3] = transform.TransformPoint((0.0, 0.0, 0.0))
    return matrix


def _similarity(
    patient: NDArray[np.float32], kept: NDArray[np.bool_], index_to_mni: NDArray[np.float64]
) -> float:
    """Correlation ratio of the atlas given the patient, on blocks of 6 mm."""
    atlas, grid = load_brain()
    size = COARSE_MM
    inside = block_mean(kept.astype(np.float32), size) > 0.5
    given = block_mean(patient, size)[inside]
    matrix = np.linalg.inv(grid.affine) @ index_to_mni
    centres = np.argwhere(inside) * float(size) + (size - 1) / 2
    place = matrix[:3, :3] @ centres.T + matrix[:3, 3:]
    known = ndimage.map_coordinates(ndimage.uniform_filter(atlas, size), place, order=1)
    return _correlation_ratio(known, given)


def _correlation_ratio(known: NDArray[np.float32], given: NDArray[np.float32]) -> float:
    """Root of the share of the variance of `known` that lies between bins of `given`."""
    edges = np.quantile(given, np.linspace(0, 1, BINS + 1)[1:-1])
    bins = np.searchsorted(edges, given)
    count = np.bincount(bins, minlength=BINS)
    mean = np.bincount(bins, known, minlength=BINS) / np.maximum(count, 1)
    all_variance = float(known.var()) * known.size
    if all_variance == 0:
        return 0.0
    between = float((count * (mean - known.mean()) ** 2).sum())
    return float(np.sqrt(min(between / all_variance, 1.0)))
