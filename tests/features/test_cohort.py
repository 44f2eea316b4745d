"""A cohort's table: long and wide, whole on disk, with who failed beside it."""

from __future__ import annotations

import csv
import json
import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gliokit.features import (
    CaseFeatures,
    FeatureSettings,
    cohort_features,
    feature_table,
    write_features,
)
from gliokit.features.writing import check_output
from gliokit.study import MissingExtraError, OutputError, UsageError, read_cohort

PATIENTS = (
    CaseFeatures(
        "a",
        {
            "WT": {"mask": {"morph_volume": 2.0}, "flair": {"stat_kurt": 1.0}},
            "ET": {"mask": {"morph_volume": math.nan}},
        },
        {"ET": {"mask": {"morph_volume": "the region is empty"}}},
    ),
    CaseFeatures("b", {"WT": {"mask": {"morph_volume": 3.0}}}, absent=("ET",)),
)


def test_a_bad_case_is_listed_and_the_rest_has_features(
    cohort_table: Path, settings: FeatureSettings, tmp_path: Path
) -> None:
    said: list[str] = []
    cohort = read_cohort(cohort_table)
    found = cohort_features(
        cohort, settings, workers=0, kept=tmp_path / "kept", progress=said.append
    )
    assert [p.subject for p in found.patients] == ["s0", "s2"]
    (failure,) = found.failures
    assert failure.name == "s1"
    assert "t2f.nii.gz" in failure.reason
    assert said[-1] == "3 of 3 patients, 1 failed"
    assert not any("s0" in line for line in said)
    again = cohort_features(cohort, settings, workers=0, kept=tmp_path / "kept")
    assert again.reused == 2
    tables = [feature_table(c.patients, settings="x") for c in (found, again)]
    assert tables[0].columns == tables[1].columns


def test_a_wide_table_has_a_row_a_patient_and_says_what_is_absent_or_empty() -> None:
    table = feature_table(PATIENTS, settings="abc", form="wide")
    assert table.columns["subject_id"] == ["a", "b"]
    assert table.columns["WT_mask_morph_volume"] == [2.0, 3.0]
    assert table.columns["ET_mask_morph_volume"] == [None, None]
    assert table.columns["WT_flair_stat_kurt"] == [1.0, None]
    assert table.columns["absent"] == [None, "ET"]
    assert table.columns["empty"] == ["ET", None]
    assert set(table.columns["settings"]) == {"abc"}


def test_a_long_table_has_a_row_a_value_with_its_reason() -> None:
    table = feature_table(PATIENTS, settings="abc", form="long")
    assert table.length == 4
    assert table.columns["reason"] == [None, None, "the region is empty", None]
    assert table.columns["value"][2] is None


def test_names_of_pyradiomics_go_with_its_definitions() -> None:
    table = feature_table(PATIENTS, settings="abc", names="pyradiomics")
    assert table.columns["WT_mask_original_shape_MeshVolume"] == [2.0, 3.0]
    assert table.columns["WT_flair_original_firstorder_Kurtosis"] == [4.0, None]


@pytest.mark.parametrize("ending", [".tsv", ".csv", ".parquet"])
def test_a_file_holds_the_table_and_its_neighbour_all_that_it_was_made_with(
    ending: str, tmp_path: Path, settings: FeatureSettings
) -> None:
    table = feature_table(PATIENTS, settings=settings.digest(), form="wide")
    path = tmp_path / "out" / f"features{ending}"
    if ending == ".parquet":
        parquet = pytest.importorskip("pyarrow.parquet", reason="comes with [parquet]")
    write_features(path, table, settings)
    record = json.loads(path.with_suffix(".json").read_text())
    assert record["settings_digest"] == settings.digest()
    assert FeatureSettings.model_validate(record["settings"]) == settings
    if ending == ".parquet":
        read = parquet.read_table(path).to_pydict()
        assert read == table.columns
        kinds = {f.name: str(f.type) for f in parquet.read_schema(path)}
        assert kinds["ET_mask_morph_volume"] == "double"
        return
    with path.open(newline="") as stream:
        rows = list(csv.DictReader(stream, delimiter="\t" if ending == ".tsv" else ","))
    assert rows[0]["WT_mask_morph_volume"] == "2.0"
    assert rows[1]["absent"] == "ET"
    assert rows[0]["ET_mask_morph_volume"] == "n/a"
    assert rows[0]["settings"] == settings.digest()


def test_what_can_not_be_written_is_refused_before_any_work(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    with pytest.raises(UsageError, match="ends in"):
        check_output(tmp_path / "a.xlsx", overwrite=False)
    (tmp_path / "a.tsv").write_text("mine")
    with pytest.raises(OutputError, match="new file"):
        check_output(tmp_path / "a.tsv", overwrite=False)
    check_output(tmp_path / "a.tsv", overwrite=True)
    monkeypatch.setitem(__import__("sys").modules, "pyarrow", None)
    with pytest.raises(MissingExtraError, match=r"gliokit\[parquet\]"):
        check_output(tmp_path / "a.parquet", overwrite=False)


def test_processes_give_what_one_process_gives(
    write_patient: Callable[..., Path], settings: FeatureSettings, tmp_path: Path
) -> None:
    lines = [f"s{n}\t{write_patient(f'0000{n}', seed=n).name}" for n in range(2)]
    (tmp_path / "c.tsv").write_text("\n".join(["subject_id\tstudy", *lines]) + "\n")
    cohort = read_cohort(tmp_path / "c.tsv")
    here, there = (cohort_features(cohort, settings, workers=w) for w in (0, 1))
    columns = [feature_table(c.patients, settings="x").columns for c in (here, there)]
    assert columns[0].keys() == columns[1].keys()
    for name, cells in columns[0].items():
        if isinstance(cells[0], float):
            assert np.allclose(cells, columns[1][name], rtol=1e-9), name
