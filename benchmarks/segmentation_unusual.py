"""Does the segmenter warn of what it was not made for?

    python benchmarks/segmentation_unusual.py RUNS --cohort cohort.tsv --root ../shared/data

RUNS is what `train_folds.py` made; the model that judges the studies that are of no fold is
the shipped one, with its calibration (`segmentation_coverage.py --into`). What it is shown:
patients that were held out, as they are and with two sequences exchanged; half-sized heads in
place of a child's; studies of DATA that hold no untreated glioma; digital patients with CT in the
place of T1, metastases, a cavity after surgery, and, to compare, a glioma. Writes
results/segmentation/out_of_distribution.json: of each kind in how many studies a sign was beyond
what is usual, and in how many a low Dice of the whole tumour was expected.
"""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import chain
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from disturbances import DISTURBANCES
from held_out import HeldOut, chosen, held_out, runs_parser, said
from record import figure, store

from gliokit.analysis.doubting import doubts
from gliokit.evaluation import wilson_interval
from gliokit.inference import Model, load_model
from gliokit.phantom import TumourSettings, follow_up, make_patient
from gliokit.phantom.series import make_ct
from gliokit.preprocessing import prepare
from gliokit.segmentation import segment
from gliokit.segmentation.calibration import load_calibration
from gliokit.segmentation.doubt import LOW_DICE, expected_dice
from gliokit.segmentation.signs import image_signs, tumour_signs
from gliokit.segmentation.together import distance, exchanged, key_of
from gliokit.segmentation.unusual import farthest
from gliokit.study import (
    Cohort,
    Grid,
    Modality,
    Study,
    Volume,
    read_cohort,
    read_study,
    read_volume,
)

EXCHANGES = [d for d in DISTURBANCES if d.name.endswith("exchanged")]
PATIENTS = 4
CHILD_SCALE = 0.8
SEED = 0


@dataclass(frozen=True, slots=True)
class Shown:
    """A study, what kind it is, and the model that has not seen its patient."""

    kind: str
    name: str
    study: Study
    model: Model


def of_cohort(cases: list[HeldOut]) -> Iterator[Shown]:
    """Patients as they are, with sequences exchanged, and shrunk."""
    for case in cases:
        study = case.patient.open_study().loaded()
        name = case.patient.subject
        yield Shown("glioma_as_published", name, study, case.model)
        images = {m: np.asarray(v.data) for m, v in study.volumes.items()}
        for exchange in EXCHANGES:
            changed = exchange.images(images, np.random.default_rng(SEED))
            yield Shown(exchange.name, name, _with(study, changed), case.model)
        yield Shown("head_of_half_the_volume", name, _shrunk(study), case.model)


def _with(study: Study, images: dict[Modality, Any]) -> Study:
    grid = next(iter(study.volumes.values())).grid
    volumes = {m: Volume.from_array(m, grid, image) for m, image in images.items()}
    return replace(study, volumes=volumes)


def _shrunk(study: Study) -> Study:
    grid = next(iter(study.volumes.values())).grid
    affine = grid.affine.copy()
    affine[:3, :3] *= CHILD_SCALE
    small = Grid(grid.shape, affine)
    volumes = {m: Volume.from_array(m, small, v.data) for m, v in study.volumes.items()}
    return replace(study, volumes=volumes)


def of_data(root: Path, model: Model) -> Iterator[Shown]:
    """Real studies that are at hand beside the labelled patients."""
    glioma = root / "brats_unlabelled" / "BraTS-GLI-00001-000"
    yield Shown("glioma_unlabelled", glioma.name, read_study(glioma), model)
    metastasis = root / "metastasis" / "BraTS-MET-00110-000"
    yield Shown("metastasis", metastasis.name, read_study(metastasis), model)
    alone = read_volume(root / "other" / "MR_Gd_skullstripped.nii.gz", modality=Modality.T1C)
    yield Shown("t1c_without_tumour", "MR_Gd", Study("MR_Gd", {Modality.T1C: alone}), model)
    for head in sorted((root / "heads").rglob("*_T1.nii.gz")):
        mask = head.with_name(head.name.replace("_T1.", "_T1_DLMUSE."))
        if mask.exists():
            yield Shown("healthy_t1_alone", head.name, _stripped(head, mask), model)


def _stripped(head: Path, mask: Path) -> Study:
    volume = read_volume(head, modality=Modality.T1)
    inside = np.asarray(nib.load(mask).dataobj) > 0
    image = np.where(inside, np.maximum(volume.data, 1e-3), 0).astype(np.float32)
    return Study(head.name, {Modality.T1: Volume.from_array(Modality.T1, volume.grid, image)})


def digital(model: Model) -> Iterator[Shown]:
    """Made-up patients: a glioma, the same with CT for T1, after surgery; metastases."""
    patient = make_patient(seed=SEED)
    yield Shown("digital_glioma", patient.study.subject, patient.study, model)
    ct = make_ct(patient.maps, seed=SEED).volume
    image = np.where(patient.maps.brain, ct.data - ct.data.min(), 0).astype(np.float32)
    t1 = Volume.from_array(Modality.T1, patient.study.volumes[Modality.T1].grid, image)
    study = replace(patient.study, volumes={**patient.study.volumes, Modality.T1: t1})
    yield Shown("digital_ct_for_t1", patient.study.subject, study, model)
    operated = follow_up(patient, visit="after_radiotherapy", extent_of_resection=1.0).patient
    yield Shown("digital_cavity", operated.study.subject, operated.study, model)
    several = make_patient(seed=SEED + 1, tumour=TumourSettings(kind="metastasis", foci=5))
    yield Shown("digital_metastases", several.study.subject, several.study, model)


def judge(shown: Shown, calibrated: Model) -> dict[str, Any]:
    """What `analyze` would warn of, and the figures behind it."""
    known = load_calibration(calibrated)
    assert known is not None, "run segmentation_coverage.py --into the shipped model first"
    prepared = prepare(shown.study)
    found = segment(prepared, shown.model)
    # The networks of the folds go by the calibration that all of them gave.
    codes = [n.code for n in doubts(prepared, found, calibrated, "standard")]
    signs = image_signs(prepared) | tumour_signs(prepared, found.label_map)
    sign = farthest(signs, known.usual)
    assert sign is not None
    assert known.together is not None
    key = key_of(signs)
    assert found.looks is not None
    dices = {
        f"{region.lower()}_expected_dice": round(expected_dice(found.looks[region], read), 3)
        for region, read in known.qualities["standard"].items()
    }
    row = {
        "kind": shown.kind,
        "study": shown.name,
        "unusual": any(code != "quality-low" for code in codes),
        "low": "quality-low" in codes,
        "notices": sorted(set(codes)),
        "farthest_sign": sign.name,
        "distance": round(sign.distance, 2),
        "limit": round(known.usual_limit, 2),
        "together": round(distance(signs, known.together), 2),
        "together_limit": round(known.together.distance_limits[key], 2),
        "gain_by_other_names": round(exchanged(signs, known.together)[0], 2),
        "gain_limit": round(known.together.gain_limits[key], 2),
        **dices,
        "wt_ml": round(float(found.label_map.region("WT").sum()) * prepared.grid.voxel_ml, 1),
    }
    print(row, flush=True)
    return row


def figures_of(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """By kind how many were called unusual, and in how many the whole tumour is doubted.

    A low Dice of the core is not counted: one model may expect it in everybody.
    """
    figures = {}
    for kind in dict.fromkeys(r["kind"] for r in rows):
        those = [r for r in rows if r["kind"] == kind]
        for what, called in (
            ("unusual", [r["unusual"] for r in those]),
            ("whole_doubted", [r["wt_expected_dice"] < LOW_DICE for r in those]),
            ("either", [r["unusual"] or r["wt_expected_dice"] < LOW_DICE for r in those]),
        ):
            low, high = wilson_interval(sum(called), len(called))
            figures[f"{kind}_{what}"] = figure(
                sum(called) / len(called), low=low, high=high, n=len(called),
                unit="share of studies",
            )  # fmt: skip
    return figures


def run(cohort: Cohort, arguments: argparse.Namespace) -> Path:
    shipped = load_model()
    everyone = list(held_out(cohort, arguments.runs, arguments.folds))
    cases = chosen(everyone, PATIENTS)
    studies = chain(of_cohort(cases), of_data(arguments.root, shipped), digital(shipped))
    rows = [judge(shown, shipped) for shown in studies]
    return store(
        "segmentation/out_of_distribution",
        command="python benchmarks/segmentation_unusual.py RUNS --cohort cohort.tsv --root <data>",
        data=f"{said(cases, arguments.folds, of=everyone)}; other studies at hand "
        "and digital patients by the shipped model",
        seed=SEED,
        figures=figures_of(rows),
        rows=rows,
    )


def main() -> None:
    parser = runs_parser(__doc__)
    arguments = parser.parse_args()
    if arguments.root is None:
        parser.error("--root names the folder of all studies, those of no cohort too")
    cohort = read_cohort(arguments.cohort, root=arguments.root)
    print(f"stored {run(cohort, arguments)}")


if __name__ == "__main__":
    main()
