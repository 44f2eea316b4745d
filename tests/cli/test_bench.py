"""`gliokit bench` and `gliokit systems`: a folder of results, a list, a card."""

from __future__ import annotations

import json
import re
from pathlib import Path

import pytest
import typer
from typer.testing import CliRunner, Result

from gliokit.cli import bench, systems
from gliokit.study import OutputError, StudyError, UsageError
from tests.systems.patients import numbers_patients

app = typer.Typer()
app.command("bench")(bench.bench)
app.command("systems")(systems.systems)


def call(*arguments: object) -> Result:
    return CliRunner().invoke(app, [str(a) for a in arguments])


@pytest.fixture
def table(tmp_path: Path) -> Path:
    patients = numbers_patients(60)
    lines = ["subject_id,idh,arm," + ",".join(patients.inputs.columns)]
    for i, subject in enumerate(patients.inputs.subjects):
        row = ",".join(f"{v:.4f}" for v in patients.inputs.values[i])
        lines.append(
            f"{subject},{patients.target.strata[i]},{'xyz'[(i // 30) if i < 58 else 2]},{row}"
        )
    path = tmp_path / "cohort.csv"
    path.write_text("\n".join(lines) + "\n", encoding="utf-8")
    return path


def test_a_bench_leaves_results_predictions_and_a_page(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    arguments = (
        "bench", "--cohort", table, "--target", "idh", "--systems", "age_sex", "--inputs", "*",
        "--folds", 3, "--stratum", "arm", "--budget", "smoke", "-o", out,
    )  # fmt: skip
    ending = call(*arguments)
    assert ending.exit_code == 0, ending.output + repr(ending.exception)
    stored = json.loads((out / "results.json").read_text())
    rows = {r["system"]: r for r in stored["systems"]}
    assert set(rows) == {"age_sex", "majority", "volume", "signs"}
    assert rows["age_sex"]["headline"]["value"] > 0.7
    assert set(stored["strata"]) == {"x", "y"}
    assert "stratum z is not judged" in ending.output
    tested = [s for subjects in stored["folds"].values() for s in subjects]
    assert sorted(tested) == sorted(f"p{i:03d}" for i in range(60))
    page = (out / "comparison.html").read_text()
    assert "Research use only" in page
    assert "Nothing here is external" in page
    assert not [outside for outside in ("src=", 'href="http', "<script") if outside in page]
    parquet = pytest.importorskip("pyarrow.parquet")
    predictions = parquet.read_table(out / "predictions.parquet").to_pydict()
    assert len(predictions["subject"]) == 4 * 60
    assert set(predictions["truth"]) == {"0", "1"}
    assert f"{rows['age_sex']['headline']['value']:.3f}" in ending.output
    again = call(*arguments)
    assert isinstance(again.exception, OutputError)
    assert call(*arguments, "--overwrite").exit_code == 0


def test_cohorts_named_one_by_one_are_joined_and_the_page_speaks_chinese(
    table: Path, tmp_path: Path
) -> None:
    other = tmp_path / "other.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    other.write_text("\n".join([lines[0], *(f"q{line}" for line in lines[1:])]) + "\n")
    ending = call(
        "bench", "--cohort", table, "--cohort", other, "--target", "idh", "--systems", "age_sex",
        "--inputs", "age_years", "--inputs", "male", "--protocol", "leave-site-out",
        "--budget", "smoke", "--language", "zh", "-o", tmp_path / "out",
    )  # fmt: skip
    assert ending.exit_code == 0, ending.output + repr(ending.exception)
    stored = json.loads((tmp_path / "out" / "results.json").read_text())
    assert stored["patients"]["sites"] == {"cohort": 60, "other": 60}
    assert [s["value"] for s in stored["subgroups"] if s["trait"] == "site"] == ["cohort", "other"]
    page = (tmp_path / "out" / "comparison.html").read_text(encoding="utf-8")
    assert "每次留出一个中心" in page


def test_one_cohort_is_learnt_from_and_another_tested(table: Path, tmp_path: Path) -> None:
    other = tmp_path / "other.csv"
    lines = table.read_text(encoding="utf-8").splitlines()
    other.write_text("\n".join([lines[0], *(f"q{line}" for line in lines[1:])]) + "\n")
    common = ("bench", "--cohort", table, "--cohort", other, "--target", "idh", "--systems",
              "age_sex", "--inputs", "age_years", "--inputs", "male", "--budget", "smoke",
              "-o", tmp_path / "out")  # fmt: skip
    across = (*common, "--protocol", "cross-dataset")
    for call_, said in (
        ((*common, "--test-cohort", other), "and no other, names one test cohort"),
        (across, "and no other, names one test cohort"),
        ((*across, "--test-cohort", tmp_path / "third.csv"), "a test cohort is one of the cohorts"),
        ((*across, "--test-cohort", other, "--test-cohort", table), "some of several"),
        ((*across, "--test-cohort", other, "--harmonise", "a*"), "three values or more"),
    ):
        ending = call(*call_)
        assert isinstance(ending.exception, UsageError)
        assert re.search(said, str(ending.exception))
    ending = call(*across, "--test-cohort", other)
    assert ending.exit_code == 0, ending.output + repr(ending.exception)
    stored = json.loads((tmp_path / "out" / "results.json").read_text())
    assert stored["protocol"]["test_cohorts"] == ["other"]
    assert stored["patients"]["sites"] == {"other": 60}
    assert stored["only_trained"]["sites"] == {"cohort": 60}
    assert [len(v) for v in stored["folds"].values()] == [60]
    page = (tmp_path / "out" / "comparison.html").read_text()
    assert "External to the models: other took no part" in page


def test_cohorts_of_one_name_are_not_joined(table: Path, tmp_path: Path) -> None:
    folder = tmp_path / "more"
    folder.mkdir()
    same = folder / table.name
    same.write_text(table.read_text(encoding="utf-8").replace("\np", "\nq"), encoding="utf-8")
    ending = call("bench", "--cohort", table, "--cohort", same, "--target", "idh", "--systems",
                  "age_sex", "--inputs", "age_years", "-o", tmp_path / "out")  # fmt: skip
    assert isinstance(ending.exception, StudyError)
    assert "have a name each" in str(ending.exception)


def test_a_wrong_call_leaves_nothing(table: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    common = (
        "bench", "--cohort", table, "--target", "idh", "--inputs", "*", "--site", "arm", "-o", out,
    )  # fmt: skip
    for more, said in (
        (("--systems", "nobody1999"), "'gliokit systems' lists"),
        (("--systems", "age_sex", "--within", "arm"), "NAME=VALUE"),
        (("--systems", ""), "one system or more is named"),
        (("--systems", "park2021"), "an analysis of a whole cohort.*bench_masks.py"),
        (("--systems", "mazurowski2017"), "an analysis of a whole cohort.*bench_associations.py"),
        (("--systems", "age_sex", "--seed", -1), "seed of 0 or more"),
        (("--systems", "age_sex", "--masks-by", "nothing"), "a model is a name"),
    ):
        ending = call(*common, *more)
        assert isinstance(ending.exception, UsageError)
        assert re.search(said, str(ending.exception))
    assert not out.exists()


def test_grades_are_marked_and_joined_to_strata(table: Path, tmp_path: Path) -> None:
    text = table.read_text(encoding="utf-8").replace("idh,arm,", "idh,grade,", 1)
    table.write_text(text.replace(",x,", ",2,").replace(",y,", ",3,").replace(",z,", ",4,"))
    common = ("bench", "--cohort", table, "--target", "idh", "--systems", "age_sex", "--inputs",
              "age_years", "--inputs", "male", "--folds", 2, "--budget", "smoke")  # fmt: skip
    pooled = call(*common, "-o", tmp_path / "pooled")
    assert pooled.output.count("confounded by grade") == 2
    assert "--stratum grade=2+3,4" in pooled.output
    apart = call(*common, "--stratum", "grade=2+3,4", "-o", tmp_path / "apart")
    assert apart.exit_code == 0, apart.output + repr(apart.exception)
    stored = json.loads((tmp_path / "apart" / "results.json").read_text())
    assert set(stored["strata"]) == {"2+3"}
    assert "--stratum grade" not in apart.output


def test_systems_are_listed_by_task_and_shown_by_name() -> None:
    listed = call("systems").output
    assert {"qian2019", "wan2020", "majority"} <= {line.split()[0] for line in listed.splitlines()}
    survival = call("systems", "--task", "survival").output
    assert "wan2020" in survival
    assert "qian2019" not in survival
    assert "bae2020" in call("systems", "--target", "metastasis").output
    shown = call("systems", "bae2020").output
    assert "0.956 (0.918 to 0.99), n = 82" in shown
    assert "Doubts" in shown
    cards = json.loads(call("systems", "--json").output)
    assert cards["wan2020"]["fidelity"] == "F2"
    assert isinstance(call("systems", "nobody1999").exception, UsageError)


def test_a_bench_that_torchrun_starts_is_refused(
    table: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    out = tmp_path / "out"
    failed = call("bench", "--cohort", table, "--target", "idh", "--systems", "majority", "-o", out)
    assert isinstance(failed.exception, UsageError)
    assert "--workers" in str(failed.exception)
    assert not out.exists()
