"""A tiny analysis, made up: a brain with a tumour on the patient's left."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from gliokit.inference.card import ModelCard, Stage, TrainingPatient
from gliokit.measurement.schema import (
    Bidimensional,
    Lesion,
    Location,
    Measurements,
    Proportions,
    RegionFigures,
)
from gliokit.preprocessing import Alignment, PreparedStudy
from gliokit.reporting import Analysis
from gliokit.segmentation.result import Segmentation
from gliokit.study import Grid, LabelMap, Modality, Notice

SHAPE = (48, 56, 44)
AFFINE = np.array([[1.0, 0, 0, -24], [0, 1, 0, -30], [0, 0, 1, -20], [0, 0, 0, 1]])
CENTRE = (14, 34, 24)
"""Of the tumour, in voxels: axis 0 begins at the patient's left, so this is the left half."""


def ball(centre: tuple[int, int, int], radius: float) -> np.ndarray:
    distance = np.linalg.norm(np.indices(SHAPE).T - np.array(centre), axis=-1).T
    return distance <= radius


def made_up_labels() -> np.ndarray:
    data = np.zeros(SHAPE, dtype=np.uint8)
    for value, radius in ((2, 9), (3, 6), (1, 3)):
        data[ball(CENTRE, radius)] = value
    return data


def prepared_study(labels: np.ndarray, **changes: Any) -> PreparedStudy:
    offset = (np.indices(SHAPE).T - (np.array(SHAPE) - 1) / 2) / np.array((22, 26, 20))
    brain = np.linalg.norm(offset, axis=-1).T <= 1
    noise = np.random.default_rng(0).normal(0, 0.5, SHAPE).astype(np.float32)
    grid = Grid(SHAPE, AFFINE)
    settings: dict[str, Any] = {
        "subject": "sub-01",
        "grid": grid,
        "images": {
            m: np.where(brain, np.clip(noise + 3.0 * (labels > 0), -5, 5), 0).astype(np.float32)
            for m in (Modality.T1, Modality.T1C, Modality.T2, Modality.FLAIR)
        },
        "brain": brain,
        "alignment": Alignment(grid, (0, 1, 2), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0)),
        "notices": (
            Notice(
                "sequence-recognised",
                "a",
                {"file": "a.nii.gz", "sequence": "T1C", "reason": "by its name"},
            ),
            Notice("region-small", "ET", {"region": "ET", "volume_ml": 0.4}),
        ),
    }
    return PreparedStudy(**settings | changes)


def bidimensional() -> Bidimensional:
    i, j, k = (int(c + o) for c, o in zip(CENTRE, AFFINE[:3, 3], strict=True))
    return Bidimensional(
        longest_mm=13.0,
        perpendicular_mm=12.0,
        product_mm2=156.0,
        measurable=True,
        longest_ends_mm=((i - 6, j, k), (i + 6, j, k)),
        perpendicular_ends_mm=((i, j - 6, k), (i, j + 6, k)),
    )


def region_figures(volume_ml: float, figures: Bidimensional | None) -> RegionFigures:
    centroid = tuple(float(c + o) for c, o in zip(CENTRE, AFFINE[:3, 3], strict=True))
    lesion = Lesion(
        volume_ml=volume_ml,
        longest_diameter_mm=13.0,
        surface_area_mm2=500.0,
        centroid_mm=centroid,
        bidimensional=figures,
    )
    return RegionFigures(
        volume_ml=volume_ml,
        longest_diameter_mm=13.0,
        surface_area_mm2=500.0,
        centroid_mm=centroid,
        bidimensional=figures,
        lesions=(lesion,),
    )


EMPTY = RegionFigures(
    volume_ml=0,
    longest_diameter_mm=None,
    surface_area_mm2=0,
    centroid_mm=None,
    bidimensional=None,
    lesions=(),
)


def figures_of(**changes: Any) -> Measurements:
    settings: dict[str, Any] = {
        "subject": "sub-01",
        "segmentation": "automatic",
        "regions": {
            "WT": region_figures(23.04, bidimensional()),
            "TC": region_figures(7.0, None),
            "ET": region_figures(6.5, bidimensional()),
        },
        "proportions": Proportions(
            enhancing_percent=28.0, non_enhancing_core_percent=3.0, flair_outside_core_percent=69.0
        ),
        "location": Location(
            side="left",
            left_percent=100.0,
            lobes_percent={"frontal_left": 80.0, "insula_left": 20.0},
            crosses_midline=False,
            midline_shift_mm=-3.6,
            ventricle_distance_mm=7.0,
            centroid_mni_mm=(-30.0, 20.0, 10.0),
            similarity=0.91,
        ),
    }
    return Measurements(**settings | changes)


CARD = ModelCard(
    name="tiny",
    version="3",
    task="regions of glioma",
    channels=("t1", "t1c", "t2", "flair"),
    regions=("WT", "TC", "ET"),
    labels="brats2023",
    stages=(Stage(name="coarse", file="coarse.onnx", sha256="0" * 64, spacing_mm=2, multiple=16),),
    trained_on=(TrainingPatient(subject="a", collection="b"),) * 45,
    training={},
    held_out={"wt_dice": {"value": 0.84, "low": 0.78, "high": 0.9, "n": 9, "unit": "Dice"}},
    limits=("made up",),
    licence="Apache-2.0",
    date="2026-01-31",
)

PROVENANCE = {
    "version": "0.1.0",
    "command": ["gliokit", "analyze", "PATIENT", "-o", "OUT"],
    "date": "2026-01-31T10:30:00+00:00",
    "inputs": [{"role": "t1c", "file": "folder/a.nii.gz", "sha256": "ab" * 32}],
    "settings": {"lang": "en", "generation": None},
    "seconds": {"read": 1.25, "segment": 9.0},
    "libraries": {"numpy": "2.0.0"},
}


def made_up_analysis(**changes: Any) -> Analysis:
    labels = made_up_labels()
    prepared = prepared_study(labels)
    settings: dict[str, Any] = {
        "prepared": prepared,
        "segmentation": Segmentation(LabelMap(prepared.grid, labels), "tiny 3"),
        "measurements": figures_of(),
        "card": CARD,
        "provenance": PROVENANCE,
    }
    return Analysis(**settings | changes)


@pytest.fixture(scope="session")
def analysis() -> Analysis:
    """With a tumour on the left."""
    return made_up_analysis()


@pytest.fixture(scope="session")
def tumour_free() -> Analysis:
    """Without any label."""
    prepared = prepared_study(np.zeros(SHAPE, dtype=np.uint8), notices=(Notice("no-tumour"),))
    return made_up_analysis(
        prepared=prepared,
        segmentation=Segmentation(
            LabelMap(prepared.grid, np.zeros(SHAPE, dtype=np.uint8)), "tiny 3"
        ),
        measurements=figures_of(
            regions=dict.fromkeys(("WT", "TC", "ET"), EMPTY), proportions=None, location=None
        ),
    )


@pytest.fixture(scope="session")
def corrected() -> Analysis:
    """A given segmentation, measured, with the automatic one beside it."""
    automatic = made_up_analysis()
    labels = np.roll(made_up_labels(), 2, axis=1)
    return made_up_analysis(
        segmentation=Segmentation(LabelMap(automatic.prepared.grid, labels), "given"),
        measurements=figures_of(
            segmentation="given", regions={"WT": region_figures(25.0, bidimensional())}
        ),
        compared=(automatic.segmentation, automatic.measurements),
    )
