"""Cohorts from tables: inputs are named or have their role, never guessed."""

from __future__ import annotations

import json
import lzma
from pathlib import Path

import numpy as np
import pytest

from gliokit.bench import (
    BenchCohort,
    Columns,
    Identities,
    joined,
    read_bench_cohort,
    read_table,
    with_identities,
)
from gliokit.bench.reading import withheld_columns
from gliokit.phantom.population import Population, write_cohort
from gliokit.study import StudyError, UsageError
from gliokit.systems import ClassTarget, SurvivalTarget

TEXT = (
    "subject_id,site,idh,codel,sex,f_one,f_two,grade\n"
    "p1,a,mutant,1,F,1.5,2,2\np2,b,wild,0,M,,3,3\np3,b,,0,F,2.5,4,4\n"
)


@pytest.fixture
def table(tmp_path: Path) -> Path:
    path = tmp_path / "t.csv"
    path.write_text(TEXT, encoding="utf-8")
    return path


def test_columns_are_what_they_are_named_as(table: Path) -> None:
    found = read_bench_cohort(
        table,
        Columns("idh", ("f_*", "sex"), "mutant", site="site", stratum="grade",
                rename={"f_one": "age_years"}),
    )  # fmt: skip
    assert found.inputs.columns == ("male", "age_years", "f_two")
    np.testing.assert_array_equal(found.inputs.values[:, 0], [0, 1, 0])
    assert np.isnan(found.inputs.values[1, 1])
    assert found.inputs.sites == ("a", "b", "b")
    assert found.strata == ("2", "3", "4")
    target = found.target("idh")
    assert isinstance(target, ClassTarget)
    assert target.classes == ("wild", "mutant")
    assert target.codes.tolist() == [1, 0, -1]


def test_only_rows_within_limits_are_taken(table: Path) -> None:
    found = read_bench_cohort(table, Columns("codel", ("f_*",), within={"grade": ("2", "3")}))
    assert found.inputs.subjects == ("p1", "p2")


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        (Columns("idh"), "positive|named by patterns"),
        (Columns("idh", ("f_*",)), "positive class is named"),
        (Columns("idh", ("idh",), "mutant"), "no target"),
        (Columns("idh", ("site",), "mutant"), "of numbers"),
        (Columns("mgmt", ("f_*",)), "has a column 'mgmt'"),
        (Columns("idh", ("g_*",), "mutant"), "there are inputs"),
        (Columns("idh", ("f_*",), "other"), "one of the target's"),
        (Columns("s=a", ("f_*",)), "NAME=DAYS,DIED"),
        (Columns("tumour=XX"), "one of ET, RC, TC, WT"),
        (Columns("tumour=", ("f_*",)), "NAME=REGION"),
        (Columns("codel", ("f_*",), within={"grade": ("9",)}), "none within"),
        (Columns("codel", ("f_*",), stratum="grade=2+3,3"), "each value once"),
        (Columns("codel", ("f_*",), stratum="grade=2,,3"), "each value once"),
        (Columns("codel", ("f_*",), stratum="grade=II+III,IV"), "values of strata"),
        (Columns("codel", ("f_*",), stratum="who=2"), "has a column 'who'"),
    ],
)
def test_what_is_wrong_is_said(table: Path, columns: Columns, said: str) -> None:
    with pytest.raises((UsageError, StudyError), match=said):
        read_bench_cohort(table, columns)


def test_values_of_a_column_are_joined_to_strata(table: Path) -> None:
    found = read_bench_cohort(table, Columns("codel", ("f_*",), stratum="grade=2+3"))
    assert found.strata == ("2+3", "2+3", "")
    assert found.grades == ("2", "3", "4")
    both = read_bench_cohort(table, Columns("codel", ("f_*", "g*"), stratum="grade=2+3"))
    assert both.inputs.columns == ("f_one", "f_two")


def test_a_cohort_that_is_not_there_is_said_not_to_be(tmp_path: Path) -> None:
    for name in ("nowhere", "nowhere.csv"):
        with pytest.raises(StudyError, match=r"nowhere.*is there; found nothing"):
            read_bench_cohort(tmp_path / name, Columns("codel", ("f_*",)))


def mgmt_cohort(folder: Path, name: str, coding: str = "") -> BenchCohort:
    path = folder / f"{name.strip('-_')}.csv"
    lines = [f"{name}{i:04d},{i % 2},{i}.5" for i in range(1, 9)]
    path.write_text("\n".join(["subject_id,mgmt,f_one", *lines]) + "\n", encoding="utf-8")
    if coding:
        said = {"mgmt": {"Role": "target", "Coding": coding}}
        path.with_suffix(".json").write_text(json.dumps(said), encoding="utf-8")
    return read_bench_cohort(path, Columns("mgmt", ("f_*",)))


def test_a_target_of_two_codings_is_not_joined(tmp_path: Path) -> None:
    ucsf, rsna, own = "UCSF-PDGM-", "BraTS2021_", "p"
    for codings in (("", ""), ("index of 1 or more", "index of 2 or more"), ("", "index of 2")):
        folder = tmp_path / "".join(codings)
        folder.mkdir(exist_ok=True)
        both = [mgmt_cohort(folder, n, c) for n, c in zip((ucsf, rsna), codings, strict=True)]
        with pytest.raises(StudyError, match=r"coded alike.*UCSF-PDGM: .*BraTS2021: .*'Coding'"):
            joined(both, "both")
    alike = [mgmt_cohort(tmp_path, name, "index of 2 or more") for name in (ucsf, rsna)]
    whole = joined(alike, "both").target("mgmt")
    assert isinstance(whole, ClassTarget)
    assert whole.coding == whole.take([0]).coding == "index of 2 or more"
    # Nothing is known of how a hospital's own tables tell it: they are joined as before.
    joined([mgmt_cohort(tmp_path, own), mgmt_cohort(tmp_path, "q")], "own")


def test_tables_packed_and_in_parquet_read_the_same(table: Path, tmp_path: Path) -> None:
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    packed = tmp_path / "t.csv.xz"
    packed.write_bytes(lzma.compress(TEXT.encode()))
    parquet.write_table(pyarrow.table(read_table(table)), tmp_path / "t.parquet")
    assert read_table(packed) == read_table(table) == read_table(tmp_path / "t.parquet")


@pytest.mark.parametrize("text", ["a,a\n1,2\n", "a,b\n1\n"])
def test_a_broken_table_is_refused(tmp_path: Path, text: str) -> None:
    path = tmp_path / "b.csv"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StudyError):
        read_table(path)


def test_a_digital_cohort_gives_its_inputs_by_role_and_no_outcome(tmp_path: Path) -> None:
    write_cohort(tmp_path / "c", Population(seed=3), 30, modalities=())
    found = read_bench_cohort(tmp_path / "c", Columns("survival=follow_up_days,died"))
    assert found.name == "c"
    assert isinstance(found.target("survival"), SurvivalTarget)
    assert {"age_years", "male", "kps"} <= set(found.inputs.columns)
    assert not {"idh_mutant", "died", "follow_up_days", "grade"} & set(found.inputs.columns)
    with pytest.raises(UsageError, match="codeleted"):
        read_bench_cohort(tmp_path / "c", Columns("idh_mutant", ("codeleted", "age_years")))
    # atrx_mutated fits the pattern too, and is a target.
    guarded = read_bench_cohort(tmp_path / "c", Columns("idh_mutant", ("a*", "k*")))
    assert guarded.inputs.columns == ("age_years", "kps")


def test_treatment_is_an_input_of_survival_and_of_no_diagnosis(tmp_path: Path) -> None:
    write_cohort(tmp_path / "c", Population(seed=3), 30, modalities=())
    given = {"radiotherapy", "temozolomide"}
    survival = Columns("survival=follow_up_days,died")
    assert given <= set(read_bench_cohort(tmp_path / "c", survival).inputs.columns)
    assert withheld_columns(tmp_path / "c", survival) == ()
    for idh in (Columns("idh_mutant"), Columns("idh_mutant", ("*y*",))):
        assert not given & set(read_bench_cohort(tmp_path / "c", idh).inputs.columns)
        assert withheld_columns(tmp_path / "c", idh) == (
            "resection", "radiotherapy", "temozolomide",
        )  # fmt: skip
    with pytest.raises(UsageError, match=r"survival alone a treatment.*radiotherapy"):
        read_bench_cohort(tmp_path / "c", Columns("idh_mutant", ("age_years", "radiotherapy")))


def test_a_place_in_the_images_is_asked_for_without_columns(table: Path) -> None:
    found = read_bench_cohort(table, Columns("tumour=WT"))
    assert found.targets == {}
    assert found.inputs.columns == ()
    assert len(found.inputs) == len(found.inputs.subjects) > 0


def test_who_a_person_is_comes_from_name_and_collection_and_a_gap_is_nobody_else(
    tmp_path: Path,
) -> None:
    path = tmp_path / "t.csv"
    path.write_text(
        "subject_id,patient,collection,idh,f\na,001,North,0,1\nb,001,South,1,2\nc,n/a,South,0,3\n"
    )
    found = read_bench_cohort(path, Columns("idh", ("f",), person="patient"))
    assert found.inputs.persons == ("001", "001", "c")
    assert found.collections == ("North", "South", "South")
    told = with_identities(found, Identities())
    assert told.inputs.persons == ("001 (North)", "001 (South)", "c (South)")
    assert with_identities(found.take([1]), Identities()).inputs.persons == ("001 (South)",)
