"""Robustness: perturbed, compared between masks, filtered."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gliokit.evaluation import concordance, icc_agreement
from gliokit.features import (
    CaseFeatures,
    FeatureSettings,
    RobustnessRow,
    cohort_robustness,
    keep_robust,
    read_robustness,
    write_robustness,
)
from gliokit.features.robustness import EVERY, _rows
from gliokit.features.variants import kind_of
from gliokit.measurement.radiomics import RadiomicsSettings
from gliokit.study import Cohort, UsageError, read_cohort
from tests.tiny_model import write_tiny_model

SETTINGS = FeatureSettings(
    regions=("TC",),
    sequences=("flair",),
    radiomics=RadiomicsSettings(families=("statistics", "histogram")),
)


@pytest.fixture
def cohort(tmp_path: Path, write_patient: Callable[..., Path]) -> Cohort:
    lines = [f"s{n}\t{write_patient(f'0000{n}', seed=n).name}" for n in range(3)]
    (tmp_path / "c.tsv").write_text("\n".join(["subject_id\tstudy", *lines]) + "\n")
    return read_cohort(tmp_path / "c.tsv")


def test_every_kind_of_change_has_its_row(cohort: Cohort) -> None:
    rows, failures = cohort_robustness(cohort, SETTINGS, seed=1, workers=0)
    assert not failures
    changes = {r.change for r in rows}
    assert changes == {
        "rotation", "translation", "noise", "volume", "contour", "all", "bins", EVERY
    }  # fmt: skip
    assert {(r.region, r.image) for r in rows} == {("TC", i) for i in ("flair", "mask")}
    assert all(r.n == 3 for r in rows if r.image == "flair")
    bins = [r for r in rows if r.change == "bins"]
    untouched = next(r for r in bins if r.feature == "stat_mean")
    assert untouched.icc_agreement == untouched.ccc == pytest.approx(1)
    assert next(r for r in bins if r.feature == "ih_mean").ccc < 0.99


def test_two_masks_of_each_patient_are_compared(cohort: Cohort, tmp_path: Path) -> None:
    settings = SETTINGS.model_copy(
        update={"model": str(write_tiny_model(tmp_path / "tiny")), "regions": ("WT",)}
    )
    rows, failures = cohort_robustness(cohort, settings, against="masks", workers=0)
    assert not failures
    assert {r.change for r in rows} == {"automatic"}


def test_figures_are_those_of_the_coefficients_and_gaps_leave_patients_out() -> None:
    rng = np.random.default_rng(0)
    table = rng.normal(size=(6, 1)) * 3 + rng.normal(size=(6, 3))
    names = ("unchanged", "volume-10%", "volume+10%")
    patients = [
        {n: {"WT": {"t1": {"f": v}}} for n, v in zip(names, row, strict=True)} for row in table
    ]
    patients.append({"unchanged": {"WT": {"t1": {"f": math.nan}}}})
    (row,) = _rows(patients, "s")
    assert row.n == 6
    assert row.icc_agreement == pytest.approx(icc_agreement(table).value)
    assert row.ccc == pytest.approx(
        min(concordance(table[:, 0], table[:, c]).value for c in (1, 2))
    )
    assert row.lower_limit < row.difference < row.upper_limit


def test_too_few_patients_have_no_agreement(cohort: Cohort) -> None:
    (row,) = _rows([{"unchanged": {"WT": {"t1": {"f": 1.0}}}, "a-0": {}}], "s")
    assert row.n == 0
    assert math.isnan(row.icc_agreement)
    with pytest.raises(UsageError, match="at least 3"):
        cohort_robustness(Cohort(cohort.patients[:2], (), cohort.root), SETTINGS)
    with pytest.raises(UsageError, match="radiomics or margin is perturbed"):
        cohort_robustness(cohort, FeatureSettings(groups=("signs",)))


def _row(feature: str, low: float, change: str = EVERY) -> RobustnessRow:
    figures = dict.fromkeys(
        (n for n in RobustnessRow.__dataclass_fields__ if n not in ("settings", "gliokit")), 0.5
    )
    words = {"region": "WT", "image": "t1", "feature": feature, "change": change, "n": 9}
    return RobustnessRow(**{**figures, **words, "icc_agreement_low": low, "settings": "s"})


def test_only_robust_features_are_kept() -> None:
    rows = [_row("a", 0.8), _row("b", 0.7), _row("a", 0.1, "noise")]
    patient = CaseFeatures("p", {"WT": {"t1": {"a": 1.0, "b": 2.0, "c": 3.0}}})

    def kept(**options: object) -> set[str]:
        (answer,) = keep_robust([patient], rows, **options)
        return set(answer.values["WT"]["t1"])

    assert kept() == {"a"}
    assert kept(above=0.6) == {"a", "b"}
    with pytest.raises(UsageError, match="every, noise"):
        kept(change="sorcery")
    with pytest.raises(UsageError, match="--above"):
        kept(above=0.99)


def test_a_table_of_agreement_comes_back_as_it_was(tmp_path: Path) -> None:
    rows = (_row("a", 0.8), _row("b", math.nan))
    write_robustness(tmp_path / "r.tsv", rows)
    read = read_robustness(tmp_path / "r.tsv")
    assert read[0] == rows[0]
    assert math.isnan(read[1].icc_agreement_low)
    (tmp_path / "s.tsv").write_text("subject_id\na\n")
    for wrong in ("s.tsv", "gone.tsv", "r.parquet"):
        with pytest.raises(UsageError, match=wrong):
            read_robustness(tmp_path / wrong)


def test_a_kind_is_a_variant_without_its_number() -> None:
    names = ("rotation-0", "volume+10%", "bins-0.75", "automatic")
    assert [kind_of(v) for v in names] == ["rotation", "volume", "bins", "automatic"]
