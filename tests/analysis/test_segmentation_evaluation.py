"""A model and label maps judged against experts, patient by patient."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from gliokit.analysis import evaluate_segmentation, segment_study
from gliokit.analysis.remarks import remarks
from gliokit.analysis.segmentation_evaluation import was_seen
from gliokit.evaluation import CaseFigures
from gliokit.inference import ModelCard, TrainingPatient, load_model
from gliokit.study import (
    BRATS,
    Cohort,
    Grid,
    LabelMap,
    Modality,
    Patient,
    Study,
    StudyError,
    UsageError,
    read_cohort,
    read_volume,
    write_label_map,
)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, study: Path, healthy: Path) -> Path:
    """A cohort of a patient with a lesion and one without, and its experts' label maps."""
    folder = tmp_path_factory.mktemp("cohort")
    grid = read_volume(study / "flair.nii.gz", modality=Modality.FLAIR).grid
    truth = np.zeros(grid.shape, np.uint8)
    truth[20:30, 14:26, 16:24] = 2
    truth[23:27, 17:23, 18:22] = 3
    write_label_map(folder / "ill-truth.nii.gz", LabelMap(grid, truth, BRATS))
    write_label_map(folder / "healthy-truth.nii.gz", LabelMap(grid, 0 * truth, BRATS))
    rows = ["subject_id\tstudy\tseg\tcollection\tpatient"]
    rows += [f"ill\t{study}\till-truth.nii.gz\tBraTS\tTCGA-02-0001"]
    rows += [f"healthy\t{healthy}\thealthy-truth.nii.gz\tOthers\tn/a"]
    (folder / "cohort.tsv").write_text("\n".join(rows) + "\n", encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def cohort(folder: Path) -> Cohort:
    return read_cohort(folder / "cohort.tsv")


def seen_by(model: Path, folder: Path, *patients: TrainingPatient) -> Path:
    """The same model with patients on its card."""
    for file in model.iterdir():
        (folder / file.name).write_bytes(file.read_bytes())
    card = ModelCard.model_validate_json((model / "card.json").read_text())
    known = card.model_copy(update={"trained_on": patients})
    (folder / "card.json").write_text(known.model_dump_json())
    return folder


def test_a_model_is_judged_for_all_and_for_each_group(cohort: Cohort, model: Path) -> None:
    said: list[str] = []
    judged = evaluate_segmentation(cohort, model=model, progress=said.append)
    ill, healthy = judged.cases
    assert 0.8 < ill.figures.regions["WT"].dice <= 1
    assert ill.figures.regions["WT"].reference_ml == pytest.approx(960 * 0.027)
    assert healthy.figures.regions["WT"].dice == 1
    assert judged.summary["wt_dice"].n == 2
    assert judged.summary["wt_dice_brats"].value == pytest.approx(ill.figures.regions["WT"].dice)
    assert judged.summary["et_presence_right"].value == 1
    assert said == ["patient 1 of 2", "patient 2 of 2"]
    assert CaseFigures.from_row(ill.as_row()).as_row().items() <= ill.as_row().items()


def test_predictions_give_the_figures_of_the_model_that_made_them(
    cohort: Cohort, model: Path, study: Path, healthy: Path, tmp_path: Path
) -> None:
    segment_study(study, tmp_path / "ill.nii.gz", model=model)
    (tmp_path / "healthy").mkdir()
    segment_study(healthy, tmp_path / "healthy" / "segmentation.nii.gz", model=model)
    by_file = evaluate_segmentation(cohort, predictions=tmp_path)
    by_model = evaluate_segmentation(cohort, model=model)
    assert [c.figures for c in by_file.cases] == [c.figures for c in by_model.cases]
    assert [c.seen for c in by_file.cases] == [None, None]
    assert "not known" in by_file.data


def test_a_patient_seen_in_training_is_marked_and_not_averaged(
    cohort: Cohort, model: Path, tmp_path: Path
) -> None:
    known = TrainingPatient(subject="BraTS-GLI-1", collection="BraTS", patient="TCGA-02-0001")
    model = seen_by(model, tmp_path, known)
    judged = evaluate_segmentation(cohort, model=model)
    assert [(c.seen, c.averaged) for c in judged.cases] == [(True, False), (False, True)]
    assert judged.summary["wt_dice"].n == 1
    assert "1 were seen" in judged.data
    both = evaluate_segmentation(cohort, model=model, include_seen=True)
    assert both.summary["wt_dice"].n == 2
    assert both.cases[0].as_row()["seen_in_training"] is True


def test_a_model_that_saw_everybody_is_not_judged(
    cohort: Cohort, model: Path, tmp_path: Path
) -> None:
    patients = [TrainingPatient(subject=name, collection="") for name in ("ILL", "healthy")]
    with pytest.raises(UsageError, match="not trained on"):
        evaluate_segmentation(cohort, model=seen_by(model, tmp_path, *patients))


def test_whom_a_foreign_model_saw_is_not_known(cohort: Cohort, model: Path) -> None:
    card = ModelCard.model_validate_json((model / "card.json").read_text())
    foreign = card.model_copy(update={"trained_on_known": False})
    assert was_seen(cohort.patients[0], foreign) is None
    assert was_seen(cohort.patients[0], card) is False


def test_a_patient_of_one_name_in_another_collection_was_not_seen(model: Path) -> None:
    card = ModelCard.model_validate_json((model / "card.json").read_text())
    seen = (TrainingPatient(subject="001", collection="North"),
            TrainingPatient(subject="TCGA-02-0001", collection="TCGA"))  # fmt: skip
    card = card.model_copy(update={"trained_on": seen})
    for name, collection, was in (
        ("001", "North", True),
        ("001", "South", False),
        ("001", "", True),  # it may be any
        ("tcga_02_0001_2003", "South", True),
    ):
        patient = Patient(name, {"collection": collection}, _unopened)
        assert was_seen(patient, card) is was


def _unopened() -> Study:
    raise AssertionError("no image is opened for a name")


def test_a_digital_patient_of_the_training_is_nobody(
    cohort: Cohort, model: Path, tmp_path: Path
) -> None:
    patients = [TrainingPatient(subject=n, collection="digital") for n in ("ILL", "healthy")]
    both = evaluate_segmentation(cohort, model=seen_by(model, tmp_path, *patients))
    assert both.summary["wt_dice"].n == 2
    assert all(case.seen is False for case in both.cases)


def test_a_model_sees_only_the_sequences_asked_for(cohort: Cohort, model: Path) -> None:
    judged = evaluate_segmentation(cohort, model=model, sequences=[Modality.FLAIR], quality="best")
    regions = judged.cases[0].figures.regions
    assert regions["WT"].dice > 0.8
    assert regions["ET"].predicted_ml == 0
    with pytest.raises(StudyError, match="at least one of t2"):
        evaluate_segmentation(cohort, model=model, sequences=[Modality.T2])


@pytest.mark.parametrize(
    ("options", "rule"),
    [
        ({"model": "m", "predictions": Path("p")}, "not both"),
        ({"sequences": [Modality.T1], "predictions": Path("p")}, "not both"),
        ({"generation": "2023"}, "no predictions"),
    ],
)
def test_options_that_contradict_are_refused(cohort: Cohort, options: dict, rule: str) -> None:
    with pytest.raises(UsageError, match=rule):
        evaluate_segmentation(cohort, **options)


def test_a_missing_and_a_second_prediction_are_refused(cohort: Cohort, tmp_path: Path) -> None:
    with pytest.raises(StudyError, match="none of 2 patients, such as ill"):
        evaluate_segmentation(cohort, predictions=tmp_path)
    for name in ("ill.nii.gz", "ill.nii"):
        (tmp_path / name).touch()
    with pytest.raises(StudyError, match="has one prediction"):
        evaluate_segmentation(cohort, predictions=tmp_path)


def test_patients_without_an_expert_are_refused(folder: Path, study: Path, model: Path) -> None:
    table = folder / "bare.csv"
    table.write_text(f"subject_id,study\nill,{study}\n", encoding="utf-8")
    with pytest.raises(StudyError, match="expert label map"):
        evaluate_segmentation(read_cohort(table), model=model)


def test_a_label_map_of_another_grid_is_refused(folder: Path, study: Path, model: Path) -> None:
    grid = read_volume(study / "flair.nii.gz", modality=Modality.FLAIR).grid
    moved = grid.affine.copy()
    moved[:3, 3] += 5
    other = LabelMap(type(grid)(grid.shape, moved), np.zeros(grid.shape, np.uint8), BRATS)
    write_label_map(folder / "moved.nii.gz", other)
    table = folder / "moved.csv"
    table.write_text(f"subject_id,study,seg\nill,{study},moved.nii.gz\n", encoding="utf-8")
    with pytest.raises(StudyError, match="label map of ill"):
        evaluate_segmentation(read_cohort(table), model=model)


def with_one_unreadable(cohort: Cohort) -> Cohort:
    def broken() -> Study:
        raise StudyError("the image file can be read", source="a.nii")

    last = replace(cohort.patients[1], subject="torn", open_study=broken)
    return Cohort((cohort.patients[0], last), cohort.columns, cohort.root)


def test_who_can_not_be_judged_is_listed_and_the_others_have_their_figures(
    cohort: Cohort, model: Path
) -> None:
    torn = with_one_unreadable(cohort)
    with pytest.raises(StudyError, match=r"a\.nii"):
        evaluate_segmentation(torn, model=model)
    judged = evaluate_segmentation(torn, model=model, keep_going=True)
    assert [c.subject for c in judged.cases] == ["ill"]
    assert [(f.name, f.kind) for f in judged.failures] == [("torn", "StudyError")]
    assert judged.summary["wt_dice"].n == 1
    assert "1 more could not be judged" in judged.data
    nobody = Cohort(torn.patients[1:], cohort.columns, cohort.root)
    with pytest.raises(StudyError, match=r"torn: a patient that is averaged.*a\.nii"):
        evaluate_segmentation(nobody, model=model, keep_going=True)


def test_patients_are_grouped_by_a_column_that_is_there(cohort: Cohort, model: Path) -> None:
    with pytest.raises(UsageError, match=r"site: .*column of the table.*collection, patient"):
        evaluate_segmentation(cohort, model=model, group_by="site")


def test_a_patient_seen_in_training_is_known_by_any_spelling(model: Path, tmp_path: Path) -> None:
    seen = TrainingPatient(subject="BraTS-GLI-1", collection="BraTS", patient="TCGA-02-0001")
    card = load_model(seen_by(model, tmp_path, seen)).card
    assert card.has_seen(["tcga_02_0001_2003"]) is True
    assert card.has_seen(["TCGA-02-0002"]) is False
    grid = Grid((4, 4, 4), np.eye(4))
    figures = SimpleNamespace(segmentation="given", regions={}, location=None)
    for subject, told in (("TCGA-02-0001", True), ("TCGA-02-0002", False)):
        prepared = SimpleNamespace(subject=subject, images={}, grid=grid)
        notices = remarks(figures, prepared, card, given=None)  # type: ignore[arg-type]
        assert ("seen-in-training" in {n.code for n in notices}) is told
