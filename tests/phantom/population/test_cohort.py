"""Cohorts on disk: read back, gone on with, refused."""

from __future__ import annotations

import csv
import json
import re
import shutil
from pathlib import Path

import nibabel
import numpy as np
import pytest
from scipy import stats

from gliokit.phantom.population import Population, write_cohort, write_population_patient
from gliokit.phantom.population.columns import PARTICIPANTS, TRUTH, dictionary
from gliokit.phantom.population.scans import site_of
from gliokit.study import Modality, OutputError, StudyError, UsageError, read_cohort, read_study

SPACING_MM = 5.0
ASKED = Population(seed=7)


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two patients with T1C and FLAIR, coarse."""
    folder = tmp_path_factory.mktemp("made") / "cohort"
    return write_cohort(
        folder, ASKED, 2, spacing_mm=SPACING_MM, modalities=("t1c", "flair"), workers=0
    )


def test_a_cohort_is_read_back_with_images_labels_and_columns(made: Path) -> None:
    cohort = read_cohort(made)
    assert [p.subject for p in cohort.patients] == ["sub-000000", "sub-000001"]
    assert set(cohort.columns) == {c.name for c in PARTICIPANTS} - {"subject_id"}
    for patient, asked in zip(cohort.patients, ASKED.patients(2), strict=True):
        study = patient.open_study()
        assert set(study.volumes) == {Modality.T1C, Modality.FLAIR}
        assert study.volumes[Modality.FLAIR].grid.spacing_mm == pytest.approx((SPACING_MM,) * 3)
        assert patient.attributes["idh_mutant"] == str(int(asked.genotype.idh_mutant))
        assert patient.open_label_map is not None
        labels = patient.open_label_map()
        whole_ml = labels.region("WT").sum() * labels.grid.voxel_ml
        assert whole_ml == pytest.approx(asked.phenotype.whole_ml, rel=0.1)
        assert float(patient.attributes["age_years"]) == asked.clinic.age_years


def test_what_is_planted_stands_apart_from_what_a_system_is_given(made: Path) -> None:
    truth = _rows(made / "truth.tsv")
    assert len(truth) == 2
    for name in ("planted_mismatch", "planted_rcbv_ratio", "survival_days", "log_hazard"):
        assert name in truth[0]
        assert name not in read_cohort(made).columns
    known = json.loads((made / "sub-000001" / "patient.json").read_text(encoding="utf-8"))
    assert known["phenotype"]["lobe"] == truth[1]["planted_lobe"] == known["plan"]["lobe"]
    assert known["image_seed"] == ASKED.patient(1).image_seed


def test_every_column_is_in_the_data_dictionary(made: Path) -> None:
    for name in ("participants", "truth"):
        said = json.loads((made / f"{name}.json").read_text(encoding="utf-8"))
        assert set(said) == set(_rows(made / f"{name}.tsv")[0])
        for entry in said.values():
            assert entry["Description"]
            assert entry["Role"] in ("name", "target", "input", "treatment", "outcome", "truth")
    roles = {c.name: c.role for c in (*PARTICIPANTS, *TRUTH)}
    assert roles["idh_mutant"] == "target"
    assert roles["age_years"] == "input"
    assert roles["resection"] == roles["radiotherapy"] == roles["temozolomide"] == "treatment"
    assert dictionary(PARTICIPANTS)["sex"]["Levels"] == {"F": "female", "M": "male"}


def test_a_cohort_that_was_cut_off_is_gone_on_with(made: Path, tmp_path: Path) -> None:
    folder = shutil.copytree(made, tmp_path / "cohort")
    (folder / "participants.tsv").unlink()
    lost = folder / "sub-000001"
    before = (lost / "sub-000001-t1c.nii.gz").read_bytes()
    kept = folder / "sub-000000" / "sub-000000-t1c.nii.gz"
    written = kept.stat().st_mtime_ns
    shutil.rmtree(lost)
    said: list[str] = []
    write_cohort(
        folder, ASKED, 2, spacing_mm=SPACING_MM, modalities=("flair", "t1c"), workers=0,
        progress=said.append,
    )  # fmt: skip
    assert kept.stat().st_mtime_ns == written
    import nibabel as nib

    again = nib.load(lost / "sub-000001-t1c.nii.gz").get_fdata()
    (tmp_path / "before.nii.gz").write_bytes(before)
    np.testing.assert_array_equal(again, nib.load(tmp_path / "before.nii.gz").get_fdata())
    assert len(read_cohort(folder).patients) == 2
    assert said[-1] == "2 of 2 patients"


def test_other_settings_are_refused_in_the_same_folder(made: Path) -> None:
    other = Population(seed=8)
    with pytest.raises(OutputError, match="others for seed, spacing_mm"):
        write_cohort(made, other, 2, spacing_mm=4.0, modalities=("t1c", "flair"), workers=0)


def test_a_folder_with_something_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(OutputError, match=r"new or empty folder.*thesis\.txt"):
        write_cohort(tmp_path, ASKED, 2, modalities=())
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.txt"]


def test_a_cohort_of_tables_alone(tmp_path: Path) -> None:
    folder = write_cohort(tmp_path / "c", ASKED, 300, modalities=())
    assert sorted(p.name for p in folder.iterdir()) == [
        "cohort.json", "participants.json", "participants.tsv", "truth.json", "truth.tsv",
    ]  # fmt: skip
    rows = _rows(folder / "participants.tsv")
    assert len(rows) == 300
    assert "study" not in rows[0]
    with pytest.raises(StudyError, match="column 'study'"):
        read_cohort(folder)
    grown = write_cohort(folder, ASKED, 400, modalities=())
    assert _rows(grown / "participants.tsv")[:300] == rows


@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"spacing_mm": 0.1}, "spacing: digital patients have voxels of 0.8 to 5 mm; found 0.1"),
        ({"modalities": ("t1c", "xray")}, "a modality is one of t1, t1c.*found xray"),
        ({"modalities": ("t1c", "t1c")}, "each modality is named once"),
        ({"n": 0}, "n: a cohort has 1 to"),
        ({"n": 500_000}, "a cohort with images has at most 100000"),
        ({"workers": -1}, "workers: there are 0 or more workers; found -1"),
        ({"field_t": 7.0}, "field_t: relaxation times are known at 1.5 and 3 tesla; found 7"),
        ({"sites": 100}, r"sites: there are 0 \(a scanner for each patient\) to 99 sites"),
        ({"visits": ("cure",)}, "visits are 'course' alone, or of postoperative.*found cure"),
        ({"visits": ("course", "stable")}, "visits are 'course' alone.*found course"),
        ({"visits": ("stable", "stable")}, "each visit is named once"),
        (
            {"form": "bids", "modalities": ("t1c", "dsc")},
            "the form bids holds t1, t1c, t2 and flair alone",
        ),
    ],
)
def test_what_cannot_be_is_refused_before_anything_is_written(
    options: dict[str, object], message: str, tmp_path: Path
) -> None:
    with pytest.raises(UsageError, match=message):
        write_cohort(tmp_path / "c", ASKED, **({"n": 2} | options))  # type: ignore[arg-type]
    assert not list(tmp_path.iterdir())


def test_a_seed_point_outside_the_brain_is_refused_with_one_that_is_inside(tmp_path: Path) -> None:
    def write(point: tuple[float, float, float]) -> None:
        write_population_patient(
            tmp_path / "p",
            ASKED.patient(0),
            spacing_mm=SPACING_MM,
            modalities=(),
            changes={"seed_point_mm": point, "lobe": None, "side": None},
        )

    with pytest.raises(UsageError, match=r"seed_point_mm.*such as ") as refused:
        write((0.0, 0.0, 500.0))
    assert not list(tmp_path.iterdir())
    found = re.search(r"such as (\S+), or", str(refused.value))
    assert found
    x, y, z = (float(number) for number in found[1].split(","))
    write((x, y, z))
    known = json.loads((tmp_path / "p" / "patient.json").read_text(encoding="utf-8"))
    assert known["seed_points_mm"][0] == [x, y, z]


def test_a_patient_does_not_go_into_a_folder_that_holds_one(made: Path) -> None:
    with pytest.raises(OutputError, match=r"new or empty folder.*Name another folder, or remove"):
        write_population_patient(made / "sub-000000", ASKED.patient(0), modalities=())


@pytest.fixture(scope="module")
def followed(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One patient with his course, at one of three hospitals, 1.5 T."""
    folder = tmp_path_factory.mktemp("followed") / "cohort"
    return write_cohort(
        folder, ASKED, 1, spacing_mm=SPACING_MM, modalities=("t1c",), field_t=1.5, sites=3,
        visits=("course",), workers=0,
    )  # fmt: skip


def test_visits_stand_in_two_tables_and_their_names_do_not_tell(followed: Path) -> None:
    seen, truth = _rows(followed / "visits.tsv"), _rows(followed / "truth_visits.tsv")
    planned = ASKED.patient(0).course.visits
    assert [r["kind"] for r in truth] == [v.kind for v in planned]
    assert [float(r["day"]) for r in seen] == [v.day for v in planned]
    assert truth[-1]["cause"] == planned[-1].cause
    assert not {"kind", "cause"} & set(seen[0])
    for number, visit in enumerate(planned, start=1):
        folder = followed / seen[number - 1]["study"]
        names = {p.name for p in folder.iterdir()}
        stem = f"sub-000000_visit-{number}"
        assert {f"{stem}-t1c.nii.gz", f"{stem}-seg.nii.gz", "visit.json"} <= names
        assert not any(visit.kind in name for name in names)
        known = json.loads((folder / "visit.json").read_text(encoding="utf-8"))
        assert (known["kind"], known["day"]) == (visit.kind, visit.day)
        assert set(read_study(folder).volumes) == {Modality.T1C}
    assert _same_columns(followed, ("visits", "truth_visits"))


def _same_columns(folder: Path, names: tuple[str, ...]) -> bool:
    said = [json.loads((folder / f"{n}.json").read_text(encoding="utf-8")) for n in names]
    return all(
        set(s) == set(_rows(folder / f"{n}.tsv")[0]) for n, s in zip(names, said, strict=True)
    )


def test_hospital_and_field_of_a_cohort_are_known(followed: Path) -> None:
    row = _rows(followed / "participants.tsv")[0]
    assert row["site"] in {"site-01", "site-02", "site-03"}
    known = json.loads((followed / "sub-000000" / "patient.json").read_text(encoding="utf-8"))
    assert (known["field_t"], known["site"]) == (1.5, row["site"])
    assert json.loads((followed / "participants.json").read_text())["site"]["Role"] == "input"


def test_sites_share_patients_evenly_whatever_their_class() -> None:
    patients = list(ASKED.patients(600))
    sites = [site_of(p, 3) for p in patients]
    table = [
        [sum(s == site and p.genotype.idh_mutant is m for s, p in zip(sites, patients, strict=True))
         for site in sorted(set(sites))]
        for m in (True, False)
    ]  # fmt: skip
    assert len(set(sites)) == 3
    assert min(map(sum, zip(*table, strict=True))) > 150
    assert stats.chi2_contingency(table).pvalue > 0.001


def test_a_cohort_as_bids_is_one_data_set(tmp_path: Path) -> None:
    folder = write_cohort(
        tmp_path / "c", ASKED, 1, spacing_mm=SPACING_MM, modalities=("t1c",), form="bids",
        visits=("postoperative",), workers=0,
    )  # fmt: skip
    row, visit = _rows(folder / "participants.tsv")[0], _rows(folder / "visits.tsv")[0]
    for line, session in ((row, "ses-01"), (visit, "ses-02")):
        name = f"sub-000000_{session}_ce-gadolinium_T1w.nii.gz"
        assert (folder / line["study"] / name).is_file()
        assert (folder / line["seg"]).is_file()
    assert (folder / "bids" / "dataset_description.json").is_file()
    assert len(read_cohort(folder).patients) == 1


def test_a_patient_that_cannot_be_made_is_named_and_the_others_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = "gliokit.phantom.population.cohort"

    def write(folder: Path, *_: object, **__: object) -> None:
        if folder.name == "sub-000001":
            raise ValueError("too odd")
        folder.mkdir()
        (folder / "patient.json").write_text("{}")

    monkeypatch.setattr(f"{module}.write_scans", write)
    with pytest.raises(RuntimeError, match=r"1 of 3 patients.*sub-000001: ValueError: too odd"):
        write_cohort(tmp_path / "c", ASKED, 3, workers=0)
    names = {p.name for p in (tmp_path / "c").iterdir()}
    assert names == {"cohort.json", "sub-000000", "sub-000002"}


def test_a_dask_cluster_makes_the_same_voxels(made: Path, tmp_path: Path) -> None:
    pytest.importorskip("distributed")
    asked = {"spacing_mm": SPACING_MM, "modalities": ("t1c",)}
    folder = write_cohort(tmp_path / "c", ASKED, 1, workers=1, cluster="local", **asked)  # type: ignore[arg-type]
    assert len(read_cohort(folder).patients) == 1
    name = "sub-000000/sub-000000-t1c.nii.gz"
    theirs, ours = (nibabel.load(f / name).get_fdata() for f in (folder, made))  # type: ignore[attr-defined]
    np.testing.assert_array_equal(theirs, ours)


def test_visits_as_dicom_are_studies_of_one_patient(tmp_path: Path) -> None:
    pydicom = pytest.importorskip("pydicom")
    folder = write_population_patient(
        tmp_path / "p", ASKED.patient(0), spacing_mm=SPACING_MM, modalities=("t1c",),
        form="dicom", visits=("postoperative",),
    )  # fmt: skip
    places = (folder / "dicom", folder / "visits" / "1" / "dicom")
    heads = [pydicom.dcmread(next(p.rglob("0001.dcm"))) for p in places]
    assert len({h.PatientID for h in heads}) == 1
    assert len({h.StudyInstanceUID for h in heads}) == 2
    assert heads[0].StudyDate < heads[1].StudyDate


def test_a_series_has_noise_of_its_own_at_each_visit(tmp_path: Path) -> None:
    folder = write_population_patient(
        tmp_path / "p", ASKED.patient(0), spacing_mm=SPACING_MM, modalities=("ct",),
        visits=("postoperative",),
    )  # fmt: skip
    names = ("series/sub-000000_ct.nii.gz", "visits/1/series/sub-000000_visit-1_ct.nii.gz")
    before, after = (nibabel.load(folder / name).get_fdata() for name in names)  # type: ignore[attr-defined]
    assert (before != after).mean() > 0.9 * (before != before[0, 0, 0]).mean()
