"""One patient as features see him: images in common intensities and regions on one grid."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from gliokit.batch import digest_of_array, digest_of_file, digest_of_text
from gliokit.features.settings import FeatureSettings
from gliokit.preprocessing import PreparedStudy, label_map_on, prepare, reoriented
from gliokit.preprocessing.intensity import CLIP
from gliokit.study import (
    STRUCTURAL,
    Grid,
    LabelMap,
    Modality,
    Notice,
    Patient,
    Study,
    StudyError,
    check_same_grid,
    check_study,
)

__all__ = ["Case", "fingerprint", "open_case", "region_mask"]


@dataclass(frozen=True, slots=True, eq=False)
class Case:
    """Images and labels on one grid.

    Args:
        subject: Name of the patient.
        grid: Of all arrays.
        images: float32, in robust standard scores.
        label_map: Whose regions are measured.
        prepared: The study that networks see; None for a head.
        notices: What people should know.
    """

    subject: str
    grid: Grid
    images: Mapping[Modality, NDArray[np.float32]]
    label_map: LabelMap
    prepared: PreparedStudy | None
    notices: tuple[Notice, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "images", MappingProxyType(dict(self.images)))


def open_case(patient: Patient, settings: FeatureSettings) -> Case:
    """Reads a patient and brings images and labels onto one grid.

    Raises:
        StudyError: the images or the label map can't be used; there is no label map; none
            of the sequences asked for is there.
    """
    study = patient.open_study()
    chosen = _sequences(study, settings)
    if settings.head:
        check_study(study)
        grid = next(iter(study.volumes.values())).grid
        images = {m: head_scores(study.volumes[m].data) for m in chosen}
        label_map = _expert(patient, study)
        return Case(patient.subject, grid, images, label_map, None, _said(study, label_map))
    prepared = prepare(study)
    label_map = _labels(patient, study, prepared, settings)
    return Case(
        patient.subject,
        prepared.grid,
        {m: prepared.images[m] for m in chosen},
        label_map,
        prepared,
        _said(prepared, label_map),
    )


def _said(images: Study | PreparedStudy, label_map: LabelMap) -> tuple[Notice, ...]:
    return images.notices + label_map.notices


def _sequences(study: Study, settings: FeatureSettings) -> tuple[Modality, ...]:
    there = tuple(m for m in STRUCTURAL if m in study.volumes)
    chosen = tuple(m for m in there if not settings.sequences or m.value in settings.sequences)
    if not chosen:
        raise StudyError(
            f"a study has at least one of {', '.join(settings.sequences)}",
            source=study.subject,
            found=", ".join(there),
        )
    return chosen


def _labels(
    patient: Patient, study: Study, prepared: PreparedStudy, settings: FeatureSettings
) -> LabelMap:
    if settings.maps == "automatic":
        from gliokit.inference import load_model
        from gliokit.segmentation import segment

        return segment(prepared, load_model(settings.model)).label_map
    native = _expert(patient, study)
    taken = label_map_on(native, prepared)
    return LabelMap(taken.grid, taken.data, taken.labels, native.notices)


def _expert(patient: Patient, study: Study) -> LabelMap:
    """The expert map, its axes turned as those of the images."""
    if patient.open_label_map is None:
        raise StudyError(
            "a patient has an expert label map",
            source=patient.subject,
            found="none in the table or the folder",
            way_out="Name it in the column 'seg', or take automatic maps.",
        )
    first = next(iter(study.volumes.values()))
    turned = reoriented(patient.open_label_map(), first.grid)
    check_same_grid(turned.grid, first.grid, source="the label map", against=first.source)
    return LabelMap(first.grid, turned.data, turned.labels, turned.notices)


def head_scores(image: NDArray[np.float32]) -> NDArray[np.float32]:
    """Robust standard scores of a head with its skull, everywhere.

    As `normalise` has them, but over what Otsu's threshold calls head, since a brain is not
    known; background gets a score too, so that a dark tumour has no holes.

    Source: Otsu, IEEE Trans. Systems, Man and Cybernetics 9 (1979) 62.
    """
    from skimage.filters import threshold_otsu

    head = image[image > threshold_otsu(image)]
    low, middle, high = np.percentile(head if head.size else image, (10, 50, 90))
    width = max(float(high - low) / 2, 1e-6 * max(abs(float(middle)), 1e-6))
    scores: NDArray[np.float32] = np.clip((image - middle) / width, -CLIP, CLIP).astype(np.float32)
    return scores


def region_mask(label_map: LabelMap, name: str) -> NDArray[np.bool_] | None:
    """Voxels of a region or of a single label; None where the scheme doesn't know it."""
    if label_map.knows(name):
        return label_map.region(name)
    if name in label_map.labels.values:
        return np.asarray(label_map.data == label_map.labels.values[name])
    return None


def fingerprint(patient: Patient) -> str:
    """Digest of all that is read of a patient: the content of images and labels."""
    volumes = patient.open_study().volumes
    parts = [f"{m}:{digest_of_file(v.source)}" for m, v in sorted(volumes.items())]
    if patient.open_label_map is not None:
        labels = patient.open_label_map()
        parts += [
            labels.labels.name,
            digest_of_array(labels.data),
            digest_of_array(np.asarray(labels.grid.affine)),
        ]
    return digest_of_text(*parts)
