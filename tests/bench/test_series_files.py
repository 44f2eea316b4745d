"""Series of a cohort's folder reach the systems that need them."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from gliokit.bench import BenchCohort, Columns, images_of, read_bench_cohort, with_images
from gliokit.bench.series_files import find_series
from gliokit.study import read_cohort, write_label_map, write_series, write_volume
from gliokit.systems import (
    Images,
    Inputs,
    Needs,
    TrainingSet,
    check_needs,
    find_system,
    missing_inputs,
)
from gliokit.systems.choiks2019 import region_curves
from gliokit.systems.metz2020 import NEEDS
from gliokit.systems.native_images import native_images
from tests.systems.digital import ENDINGS
from tests.systems.digital_series import patients

WORDS = {"dsc": "dsc", "dwi": "dti", "bold": "bold"}
"""As the simulator of cohorts names its files."""


def written(root: Path, made: TrainingSet) -> Path:
    """The patients as `gliokit phantom cohort --modalities ...,dti,dsc,bold` lays them out."""
    lines = ["subject_id\tstudy\tidh\tage_years"]
    for i, subject in enumerate(made.inputs.subjects):
        images, place = made.inputs.images_of(i), root / subject
        for modality, volume in images.open_study().volumes.items():
            write_volume(place / f"{subject}-{ENDINGS[modality]}.nii.gz", volume)
        assert images.open_label_map is not None
        write_label_map(place / f"{subject}-seg.nii.gz", images.open_label_map())
        for name, opened in images.open_series.items():
            write_series(place / "series" / f"{subject}_{WORDS[name]}.nii.gz", opened())
        lines.append(f"{subject}\t{subject}\t{made.classes.codes[i]}\t{40 + i}")
    (root / "participants.tsv").write_text("\n".join(lines) + "\n", encoding="utf-8")
    return root


@pytest.fixture(scope="module")
def made() -> TrainingSet:
    return patients(("t1c",), series=tuple(WORDS), n=4)


@pytest.fixture(scope="module")
def cohort(tmp_path_factory: pytest.TempPathFactory, made: TrainingSet) -> Path:
    return written(tmp_path_factory.mktemp("series"), made)


@pytest.fixture
def one(tmp_path: Path, cohort: Path) -> Path:
    """The first patient alone, in a folder that may be spoilt."""
    shutil.copytree(cohort / "s00", tmp_path / "s00")
    lines = (cohort / "participants.tsv").read_text().splitlines()[:2]
    (tmp_path / "participants.tsv").write_text("\n".join(lines) + "\n")
    return tmp_path


def read(folder: Path) -> BenchCohort:
    return with_images(read_bench_cohort(folder, Columns("idh", ("age_years",))), folder)


def first_of(folder: Path) -> Images:
    cohort = read_cohort(folder)
    return images_of(cohort.patients[0], root=cohort.root)


def test_a_folder_of_the_simulator_gives_its_series_with_their_tables(
    cohort: Path, made: TrainingSet
) -> None:
    found = read(cohort).inputs
    for row in range(len(found)):
        images, true = found.images_of(row), made.inputs.images_of(row)
        assert images.sequences == true.sequences == {"t1c", *WORDS}
        assert set(images.open_series) == set(WORDS)
    there, true_dwi = found.images_of(0).open_series["dwi"](), true.open_series["dwi"]()
    np.testing.assert_allclose(there.bvecs, true_dwi.bvecs, atol=1e-5)
    np.testing.assert_allclose(
        there.data, made.inputs.images_of(0).open_series["dwi"]().data, rtol=1e-6
    )
    np.testing.assert_allclose(
        region_curves(native_images(found, 1), 24),
        region_curves(native_images(made.inputs, 1), 24),
        rtol=1e-5,
    )


def test_a_system_of_perfusion_learns_and_answers_from_disk_as_from_memory(
    cohort: Path, made: TrainingSet
) -> None:
    pytest.importorskip("torch", reason="torch is not installed (extra 'train')")
    whole, system = read(cohort), find_system("choiks2019")
    check_needs("choiks2019", system.needs, whole.inputs, whole.target("idh"))
    fitted = system.fit(TrainingSet(whole.inputs, made.target), budget="smoke", seed=0)
    np.testing.assert_allclose(
        fitted.answer(whole.inputs).probabilities,  # type: ignore[union-attr]
        fitted.answer(made.inputs).probabilities,  # type: ignore[union-attr]
        atol=1e-5,
    )


def test_a_patient_without_the_series_is_named(one: Path) -> None:
    shutil.rmtree(one / "s00" / "series")
    images = first_of(one)
    assert images.open_series == {}
    inputs = Inputs(("s00",), (), np.zeros((1, 0)), images=(images,))
    assert missing_inputs(NEEDS, inputs) == {"s00": ("dwi",)}


def test_a_changed_series_or_table_is_another_content(one: Path) -> None:
    before = first_of(one).content
    assert first_of(one).content == before
    sidecar = one / "s00" / "series" / "s00_dsc.json"
    said = json.loads(sidecar.read_text())
    sidecar.write_text(json.dumps(said | {"EchoTime": 0.031}))
    assert first_of(one).content != before


def lacking(images: Images, needs: Needs) -> str:
    """What a system is told that the patient lacks; '' for nothing."""
    inputs = Inputs(("s00",), (), np.zeros((1, 0)), images=(images,))
    return ", ".join(missing_inputs(needs, inputs).get("s00", ()))


def test_a_series_whose_directions_are_lost_stops_those_alone_who_need_it(one: Path) -> None:
    (one / "s00" / "series" / "s00_dti.bvec").unlink()
    images = first_of(one)
    assert set(images.open_series) == {"dsc", "bold"}
    assert "b-vectors" in lacking(images, NEEDS)
    assert lacking(images, Needs(sequences=("t1c", "dsc"))) == ""


def test_two_files_of_one_series_are_named_to_those_alone_who_need_it(one: Path) -> None:
    series = one / "s00" / "series"
    for ending in (".nii.gz", ".bval", ".bvec"):
        shutil.copy(series / f"s00_dti{ending}", series / f"s00_dwi{ending}")
    images = first_of(one)
    assert images.sequences == {"t1c", "dsc", "bold"}
    assert lacking(images, NEEDS) == (
        "dwi (s00_dti.nii.gz and s00_dwi.nii.gz: name the right one in a column 'dwi' of the table)"
    )
    assert lacking(images, Needs(sequences=("t1c",))) == ""
    (one / "participants.tsv").write_text(
        "subject_id\tstudy\tdwi\ns00\ts00\ts00/series/s00_dwi.nii.gz\n"
    )
    cohort = read_cohort(one)
    found = find_series(cohort.patients[0], cohort.patients[0].open_study(), root=one)
    assert found.files["dwi"] == series / "s00_dwi.nii.gz"
    assert found.files["bold"] == series / "s00_bold.nii.gz"
    assert found.faults == {}


def test_a_column_of_flags_stops_those_alone_who_need_the_series(one: Path) -> None:
    (one / "participants.tsv").write_text("subject_id\tstudy\tdwi\ns00\ts00\t1\n")
    images = first_of(one)
    assert "column 'dwi' names" in lacking(images, NEEDS)
    assert "which is no file" in lacking(images, NEEDS)
    assert lacking(images, Needs(sequences=("t1c", "dsc"))) == ""
