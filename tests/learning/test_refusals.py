"""What a training run refuses: before anything is written, and when a loss is not finite."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from pydantic import ValidationError

torch = pytest.importorskip("torch", reason="torch is not installed (extra 'train')")

from gliokit.inference import (  # noqa: E402
    Foreign,
    Model,
    Network,
    Stage,
    TrainingPatient,
    load_model,
)
from gliokit.learning import EarlyStopping, TrainingSettings  # noqa: E402
from gliokit.learning.examples import Example  # noqa: E402
from gliokit.learning.keeping_apart import check_held_out, watched_patients  # noqa: E402
from gliokit.learning.method import method_of  # noqa: E402
from gliokit.learning.run import _seen, train_segmentation  # noqa: E402
from gliokit.learning.run_folder import check_folder, run_contents, write_contents  # noqa: E402
from gliokit.learning.start import Start, continued  # noqa: E402
from gliokit.learning.training import train  # noqa: E402
from gliokit.study import Cohort, Patient, Study, StudyError, UsageError  # noqa: E402
from tests.learning.test_training import SETTINGS, example  # noqa: E402

WATCHING = SETTINGS.model_copy(update={"stop_early": EarlyStopping(share=0.5, every=2)})


def nobody() -> Study:
    raise AssertionError("images are read before a wrong call is refused")


def stranger(name: str, barcode: str = "") -> Patient:
    return Patient(name, {"patient": barcode}, nobody, nobody)


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        ({"patch": (20, 18, 16)}, r"multiples of 4, 4, 4; found \[20, 18, 16\].*\[20, 20, 16\]"),
        ({"patch": (16, 16, 0)}, r"found \[16, 16, 0\].*\[16, 16, 4\]"),
        ({"patch": (4, 4, 4)}, r"two voxels or more.*found \[4, 4, 4\].*a side of 8"),
        ({"stage": "fine"}, "follows a coarse one"),
        ({"stop_early": EarlyStopping(share=0.9)}, "keeps back patients"),
        ({"digital_share": 0.4}, "found '?0 digital of 2 patients"),
    ],
)
def test_a_wrong_setting_is_refused_before_anything_is_read_or_written(
    wrong: dict[str, object], said: str, tmp_path: Path
) -> None:
    settings = SETTINGS.model_copy(update=wrong)
    cohort = Cohort((stranger("a"), stranger("b")), (), tmp_path)
    with pytest.raises(UsageError, match=said):
        train_segmentation(cohort, tmp_path / "run", settings=settings)
    assert not (tmp_path / "run").exists()


def test_a_batch_that_can_not_be_shared_out_is_refused_before_anything_is_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    from contextlib import nullcontext

    from gliokit.learning.workers import Workers

    monkeypatch.setattr("gliokit.learning.run.joined_workers", lambda: nullcontext(Workers(0, 2)))
    cohort = Cohort((stranger("a"), stranger("b")), (), tmp_path)
    with pytest.raises(UsageError, match="shared out equally"):
        train_segmentation(cohort, tmp_path / "run", settings=SETTINGS)
    assert not (tmp_path / "run").exists()


def test_a_patient_who_can_not_be_learnt_from_leaves_no_run_behind(tmp_path: Path) -> None:
    def broken() -> Study:
        raise StudyError("the image file can be read", source="a.nii")

    cohort = Cohort((Patient("a", {}, broken, nobody), stranger("b")), (), tmp_path)
    with pytest.raises(StudyError, match=r"a\.nii"):
        train_segmentation(cohort, tmp_path / "run", settings=SETTINGS)
    unlabelled = Cohort((stranger("a"), Patient("b", {}, nobody)), (), tmp_path)
    with pytest.raises(StudyError, match="expert label map of every patient"):
        train_segmentation(unlabelled, tmp_path / "run", settings=SETTINGS)
    assert not (tmp_path / "run").exists()


def test_nobody_whom_the_start_has_seen_is_watched() -> None:
    learners = [stranger(n) for n in "abcdef"] + [stranger("g", "TCGA-1")]
    seen = [TrainingPatient(subject=n, collection="") for n in "abc"]
    seen.append(TrainingPatient(subject="scan of g", collection="", patient="TCGA-1"))
    assert watched_patients(learners, SETTINGS, seen) == ()
    few = WATCHING.model_copy(update={"stop_early": EarlyStopping(share=0.4)})
    drawn = {watched_patients(learners, few.model_copy(update={"seed": s}), seen) for s in range(9)}
    assert {name for names in drawn for name in names} == set("def")
    with pytest.raises(UsageError, match=r"4 here.*found 3 of 7 patients"):
        watched_patients(learners, WATCHING, seen)


def scan(name: str, patient: str = "", collection: str = "") -> Patient:
    return Patient(name, {"patient": patient, "collection": collection}, nobody, nobody)


def test_a_patient_is_watched_with_all_scans_and_learnt_from_by_none() -> None:
    learners = [scan(f"{who}{k}", f"TCGA-02-000{who}") for who in "1234" for k in "ab"]
    learners[2] = scan("TCGA-02-0002-01A")  # his other scan names him alone
    drawn = {
        watched_patients(learners, WATCHING.model_copy(update={"seed": s}), ()) for s in range(9)
    }
    assert len(drawn) > 2
    for names in drawn:
        assert len(names) == 4
        assert len({n[0].replace("T", "2") for n in names}) == 2


def test_names_of_unlike_collections_are_two_patients_unless_they_are_public() -> None:
    kept = [scan("a", "001", "North"), scan("b", "TCGA-02-0001", "BraTS")]
    other = TrainingPatient(subject="x", collection="South", patient="001")
    check_held_out(["a", "b"], kept, [other])
    for seen in (
        other.model_copy(update={"collection": "North"}),
        other.model_copy(update={"collection": ""}),  # it may be any
        TrainingPatient(subject="tcga_02_0001_2003", collection="TCGA"),
    ):
        with pytest.raises(UsageError, match=r"found [ab]\."):
            check_held_out(["a", "b"], kept, [seen])
    learners = [*kept, scan("c", "001", "South"), scan("d", "", "South")]
    assert len(watched_patients(learners, WATCHING, [])) == 2
    assert watched_patients(learners, WATCHING, [other]) in {("a", "b"), ("a", "d"), ("b", "d")}


def test_digital_patients_are_not_watched_where_real_ones_are_there() -> None:
    learners = [stranger("a"), stranger("b")]
    learners += [Patient(f"d{n}", {"collection": "digital"}, nobody, nobody) for n in range(2)]
    mixed = WATCHING.model_copy(update={"digital_share": 0.5})
    assert len(found := watched_patients(learners, mixed, ())) == 1
    assert set(found) < {"a", "b"}  # one real patient is left to learn from


def test_a_run_whose_files_can_not_be_read_is_not_resumed(tmp_path: Path) -> None:
    (tmp_path / "settings.json").write_text("", encoding="utf-8")
    with pytest.raises(UsageError, match="can be read"):
        check_folder(tmp_path, run_contents(SETTINGS, (), (), ()), resume=True)


def test_as_many_strangers_as_are_wanted_are_all_watched() -> None:
    learners = [stranger(n) for n in "abcd"]
    seen = [TrainingPatient(subject=n, collection="") for n in "bd"]
    assert watched_patients(learners, WATCHING, seen) == ("a", "c")


def test_another_scan_of_a_patient_who_was_learnt_from_is_not_held_out() -> None:
    patients = [stranger("before", "TCGA-1"), stranger("after", "TCGA-1"), stranger("other")]
    seen = [TrainingPatient(subject="before", collection="", patient="TCGA-1")]
    check_held_out(["other"], patients, seen)
    with pytest.raises(UsageError, match="found after"):
        check_held_out(["after", "other"], patients, seen)
    with pytest.raises(UsageError, match="found before"):
        check_held_out(["before"], [], seen)


def broken_after(steps: int, monkeypatch: pytest.MonkeyPatch) -> None:
    """From a step on the loss is not a number."""
    import dataclasses

    from torch import Tensor

    asked = []

    def loss(levels: list[Tensor], regions: Tensor) -> Tensor:
        asked.append(0)
        return levels[0].mean() * (torch.nan if len(asked) > steps else 1)

    def broken(settings: TrainingSettings) -> object:
        return dataclasses.replace(method_of(settings), loss=loss)

    monkeypatch.setattr("gliokit.learning.training.method_of", broken)


def test_a_loss_that_is_no_number_stops_the_run_and_leaves_the_checkpoint(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("gliokit.learning.training.CHECKPOINT_SECONDS", -1.0)
    broken_after(3, monkeypatch)
    longer = SETTINGS.model_copy(update={"steps": 8})
    with pytest.raises(UsageError, match=r"step 3: the loss stays finite.*kept.*learning_rate"):
        train([example(0)], longer, tmp_path)
    stored = torch.load(tmp_path / "checkpoint.pt", weights_only=True)
    assert stored["step"] == 3
    assert all(v.isfinite().all() for v in stored["network"].values())


def test_a_first_look_that_is_no_number_stops_the_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken_after(2, monkeypatch)
    with pytest.raises(UsageError, match=r"patients kept back stays finite.*nan; none is kept"):
        train([example(0)], WATCHING, tmp_path, watched=[example(1)])
    assert not (tmp_path / "checkpoint.pt").exists()


def test_a_gradient_that_is_no_number_is_not_learnt_from(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import dataclasses

    def steep(settings: TrainingSettings) -> object:
        # The root's slope at 0 is infinite, while the loss itself is 0.
        return dataclasses.replace(
            method_of(settings), loss=lambda levels, _: (levels[0] * 0).sum().sqrt()
        )

    monkeypatch.setattr("gliokit.learning.training.method_of", steep)
    with pytest.raises(UsageError, match="gradient of the loss"):
        train([example(0)], SETTINGS, tmp_path)


def test_a_start_that_has_seen_some_of_the_cohort_is_watched_by_the_others(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def load(patients: list[Patient], **_: object) -> list[Example]:
        return [Example(p.subject, example().image, example().regions) for p in patients]

    monkeypatch.setattr("gliokit.learning.run.load_examples", load)
    settings = SETTINGS.model_copy(update={"steps": 1})
    first = Cohort((stranger("a"), stranger("b")), (), tmp_path)
    train_segmentation(first, tmp_path / "one", settings=settings)
    every = Cohort((stranger("a"), stranger("b"), stranger("c")), (), tmp_path)
    watching = settings.model_copy(update={"stop_early": EarlyStopping(share=0.3, every=1)})
    said: list[str] = []
    train_segmentation(
        every, tmp_path / "two", settings=watching, initial=tmp_path / "one", progress=said.append
    )
    patients = json.loads((tmp_path / "two" / "patients.json").read_text())
    assert patients["watched"] == ["c"]
    assert any("saw none of them" in line for line in said)


def test_an_example_of_nothing_finite_is_noticed_at_once(tmp_path: Path) -> None:
    image = np.full((4, 20, 18, 22), np.nan, np.float16)
    with pytest.raises(UsageError, match="stays finite"):
        train([Example("x", image, example().regions)], SETTINGS, tmp_path)


def model_of(*stages: str, imported: bool = False) -> Model:
    """A model of which a run reads the card alone."""
    card = load_model().card.model_copy(
        update={
            "imported": Foreign.model_construct() if imported else None,
            "stages": tuple(Stage.model_construct(name=s, sha256="0") for s in stages),
        }
    )
    return Model(card, {s: Network(Path("none.onnx"), multiple=1) for s in stages})


@pytest.mark.parametrize(
    ("stage", "coarse", "said"),
    [
        ("coarse", model_of("coarse"), "found stage 'coarse'.*--stage fine"),
        ("fine", model_of("fold_0", imported=True), r"gliokit trained.*fold_0 \(imported\)"),
        ("fine", model_of("coarse", imported=True), "gliokit trained"),
        ("fine", model_of("fine"), "gliokit trained; found fine"),
    ],
)
def test_a_fine_stage_alone_follows_the_coarse_one_of_a_model_of_the_house(
    stage: str, coarse: Model, said: str, tmp_path: Path
) -> None:
    settings = SETTINGS.model_copy(update={"stage": stage})
    cohort = Cohort((stranger("a"),), (), tmp_path)
    with pytest.raises(UsageError, match=said):
        train_segmentation(cohort, tmp_path / "run", settings=settings, coarse=coarse)
    assert not (tmp_path / "run").exists()


def test_a_run_is_not_written_over_or_under_a_file(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("kept", encoding="utf-8")
    cohort = Cohort((stranger("a"),), (), tmp_path)
    for out in (tmp_path / "file", tmp_path / "file" / "run"):
        with pytest.raises(UsageError, match="file: a run is written to a folder"):
            train_segmentation(cohort, out, settings=SETTINGS)


@pytest.mark.parametrize(
    "wrong",
    [
        {"learning_rate": 0},
        {"learning_rate": -1e-3},
        {"learning_rate": float("nan")},
        {"weight_decay": -1},
        {"widths": ()},
        {"widths": (8, 0)},
        {"seed": -1},
        {"seed": 2**64},
        {"memory_gib": float("inf")},
        {"augmentation": {"noise": -0.1}},
        {"augmentation": {"flip": 1.5}},
        {"augmentation": {"scale": -0.1}},
        {"augmentation": {"blur_voxels": 0}},
        {"augmentation": {"gamma": float("nan")}},
        {"augmentation": {"rotation_degrees": float("inf")}},
    ],
)
def test_a_setting_out_of_its_range_is_refused(wrong: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        TrainingSettings.model_validate(wrong)


def test_digital_patients_are_known_among_themselves_alone() -> None:
    digital = TrainingPatient(subject="a", collection="digital")
    check_held_out(["a"], [scan("a", "", "North")], [digital])
    check_held_out(["a"], [stranger("a")], [digital])  # of no collection that is told
    check_held_out(["a"], [scan("a", "", "digital")], [TrainingPatient(subject="a", collection="")])
    with pytest.raises(UsageError, match=r"found a\."):
        check_held_out(["a"], [scan("a", "", "digital")], [digital])
    few = WATCHING.model_copy(update={"stop_early": EarlyStopping(share=0.9)})
    learners = [stranger("a"), stranger("b")]
    assert len(watched_patients(learners, WATCHING, [digital])) == 1
    with pytest.raises(UsageError, match="keeps back patients"):
        watched_patients(learners, few, [digital])


def test_a_digital_patient_does_not_hide_a_real_one_of_that_name() -> None:
    real = TrainingPatient(subject="a", collection="North", patient="TCGA-02-0001")
    start = Start({}, (real, TrainingPatient(subject="b", collection="digital")), {})
    seen = _seen([scan("a", "", "digital"), stranger("b")], start, None)
    assert [(p.subject, p.collection, p.patient) for p in seen] == [
        ("a", "North", "TCGA-02-0001"),
        ("a", "digital", ""),
        ("b", "", ""),
        ("b", "digital", ""),
    ]


def test_a_run_is_resumed_from_the_start_that_it_began_with(tmp_path: Path) -> None:
    folder = tmp_path / "run"
    begun = run_contents(SETTINGS, (), (), (), started_from={"model": "m 1"}, coarse="1f")
    write_contents(folder, begun)
    check_folder(folder, begun, resume=True)
    for other in (
        run_contents(SETTINGS, (), (), (), coarse="1f"),
        run_contents(SETTINGS, (), (), (), started_from={"model": "m 1"}, coarse="2f"),
    ):
        with pytest.raises(UsageError, match=r"from the same start.*--init and --coarse"):
            check_folder(folder, other, resume=True)
    (folder / "start.json").unlink()  # a run of an earlier version
    check_folder(folder, begun, resume=True)


def test_what_a_stage_sees_is_taken_from_its_start_unless_given() -> None:
    start = Start({}, (), {"stage": "coarse", "spacing_mm": 3, "patch": [48, 64, 48]})
    taken = continued(TrainingSettings(steps=7), start)
    assert (taken.spacing_mm, taken.patch, taken.steps) == (3, (48, 64, 48), 7)
    given = continued(TrainingSettings(spacing_mm=2), start)
    assert (given.spacing_mm, given.patch) == (2, (48, 64, 48))
    fine = TrainingSettings(stage="fine")
    assert continued(fine, start) == fine
    assert continued(TrainingSettings(), None) == TrainingSettings()
