"""What the doubt of a segmentation is judged by, patient by patient, and kept.

For each patient the networks' own doubt, sizes by them and by the expert, Dice, the labels of
both against each other, and the signs of images and tumour: small numbers, kept in RUNS/doubt so
that a run that was cut off goes on, and that other benchmarks need not see the images again.
They are kept by the checksums of the networks: another network is asked anew.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
from held_out import HeldOut, held_out
from keeping import kept, key_of_model
from numpy.typing import NDArray
from scipy import ndimage

from gliokit.evaluation import dice
from gliokit.measurement.hollow import cysts
from gliokit.measurement.regions import regions_of
from gliokit.preprocessing import PreparedStudy, label_map_on, prepare
from gliokit.segmentation import QUALITIES, Quality, segment
from gliokit.segmentation.doubt import RegionCase, Sizes, sizes_of
from gliokit.segmentation.looks import RegionLook
from gliokit.segmentation.signs import image_signs, tumour_signs
from gliokit.study import BRATS, Cohort, LabelMap, Patient

__all__ = ["LABELS", "REGIONS", "Case", "cases_of", "signs_of_images"]

REGIONS = ("WT", "TC", "ET")
LABELS = {0: "background", **{value: name for name, value in BRATS.values.items()}}


@dataclass(frozen=True, slots=True)
class Case:
    """A patient at one quality.

    Args:
        subject, group, fold, quality: Who, and how he was seen.
        regions: Region -> its case.
        labels_ml: [expert's label][found label] -> mL, by name.
        parts: Region -> parts of the expert that nothing found touches, and found parts that
            touch nothing of the expert's.
        tumour: Signs of what was found.
    """

    subject: str
    group: str
    fold: int
    quality: str
    regions: Mapping[str, RegionCase]
    labels_ml: Mapping[str, Mapping[str, float]]
    parts: Mapping[str, tuple[int, int]]
    tumour: Mapping[str, float]

    @classmethod
    def from_json(cls, entry: Mapping[str, Any]) -> Case:
        regions = {
            name: RegionCase(
                RegionLook(**r["look"]), Sizes(**r["found"]), Sizes(**r["expert"]), r["dice"]
            )
            for name, r in entry["regions"].items()
        }
        parts = {name: (missed, false) for name, (missed, false) in entry["parts"].items()}
        return cls(**{**entry, "regions": regions, "parts": parts})


def cases_of(
    cohort: Cohort, runs: Path, folds: int, *, qualities: tuple[Quality, ...] = QUALITIES
) -> list[Case]:
    """Every patient of the folds whose network is there, at each quality."""
    found = []
    for case in held_out(cohort, runs, folds):
        for quality in qualities:
            key = f"{case.patient.subject}-{quality}-{key_of_model(case.model)}"
            entry = kept(runs / "doubt" / f"{key}.json", lambda c=case, q=quality: _judge(c, q))
            found.append(Case.from_json(entry))
            print(f"fold {case.fold}, {case.patient.subject}, {quality}", flush=True)
    return found


def signs_of_images(cohort: Cohort, runs: Path) -> dict[str, dict[str, float]]:
    """Subject -> signs of his images, of the whole cohort: no network has a say in them."""
    return {
        p.subject: kept(runs / "doubt" / f"images-{p.subject}.json", lambda p=p: _image_signs(p))
        for p in cohort.patients
    }


def _image_signs(patient: Patient) -> dict[str, float]:
    print(f"images of {patient.subject}", flush=True)
    return image_signs(prepare(patient.open_study()))


def _judge(case: HeldOut, quality: Quality) -> dict[str, Any]:
    patient = case.patient
    assert patient.open_label_map is not None
    prepared = prepare(patient.open_study())
    expert = label_map_on(patient.open_label_map(), prepared)
    found = segment(prepared, case.model, quality=quality)
    assert found.looks is not None
    ours = found.label_map
    sizes = {"found": _sizes(prepared, ours), "expert": _sizes(prepared, expert)}
    regions = {
        r: {
            "look": asdict(found.looks[r]),
            **{whose: asdict(by_region[r]) for whose, by_region in sizes.items()},
            "dice": dice(expert.region(r), ours.region(r)),
        }
        for r in REGIONS
    }
    return {
        "subject": patient.subject,
        "group": patient.attributes["collection"],
        "fold": case.fold,
        "quality": quality,
        "regions": regions,
        "labels_ml": _labels_ml(expert, ours),
        "parts": {r: _lost_parts(expert.region(r), ours.region(r)) for r in REGIONS},
        "tumour": tumour_signs(prepared, ours),
    }


def _sizes(prepared: PreparedStudy, label_map: LabelMap) -> dict[str, Sizes]:
    """As `measure` takes them."""
    figures = regions_of(label_map, cysts(prepared, label_map))
    return {r: sizes_of(figures[r]) for r in REGIONS}


def _labels_ml(expert: LabelMap, ours: LabelMap) -> dict[str, dict[str, float]]:
    voxel_ml = expert.grid.voxel_ml
    pairs = np.bincount(4 * expert.data.ravel().astype(int) + ours.data.ravel(), minlength=16)
    table = pairs.reshape(4, 4) * voxel_ml
    return {
        LABELS[i]: {LABELS[j]: round(float(table[i, j]), 3) for j in range(4)} for i in range(4)
    }


def _lost_parts(expert: NDArray[np.bool_], ours: NDArray[np.bool_]) -> tuple[int, int]:
    return (_untouched(expert, ours), _untouched(ours, expert))


def _untouched(one: NDArray[np.bool_], other: NDArray[np.bool_]) -> int:
    parts, count = ndimage.label(one, np.ones((3, 3, 3)))
    return count - len(set(np.unique(parts[other]).tolist()) - {0})
