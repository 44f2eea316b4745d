"""How many patients a study needs."""

from __future__ import annotations

import json
import math
from pathlib import Path

import numpy as np
import pytest
import typer
from sklearn.isotonic import IsotonicRegression
from typer.testing import CliRunner

from gliokit.batch import Outcome
from gliokit.bench.digital import DIGITAL_TARGETS, digital_cohort
from gliokit.bench.needed import _rising, needed_patients
from gliokit.bench.power import (
    PowerPlan,
    SizePower,
    _of_size,
    power_of,
    share_of,
    study_power,
)
from gliokit.cli.power import _percent, power
from gliokit.study import OutputError, UsageError
from gliokit.systems import ClassTarget, SurvivalTarget

SIZES = (50, 100, 200, 400)
SMALL = {"sizes": (30, 120), "cohorts": 5, "folds": 3, "budget": "smoke"}


def test_isotonic_power_is_that_of_scikit_learn() -> None:
    generator = np.random.default_rng(0)
    shares, weights = generator.random((20, 6)), generator.integers(1, 9, 6).astype(float)
    for row, found in zip(shares, _rising(shares, weights), strict=True):
        oracle = IsotonicRegression().fit_transform(np.arange(6), row, sample_weight=weights)
        np.testing.assert_allclose(found, oracle, atol=1e-12)


def test_the_number_is_read_off_between_sizes_on_a_logarithmic_scale() -> None:
    found = needed_patients((50, 200), (6, 10), (10, 10), wanted=0.8)
    assert found.patients == pytest.approx(100)
    assert found.low < 100 < found.high


def test_ends_of_the_range_are_said_and_not_extrapolated() -> None:
    all_show = needed_patients(SIZES, (40, 40, 40, 40), (40,) * 4)
    assert (all_show.patients, all_show.low, all_show.high) == (0.0, 0.0, 0.0)
    assert str(all_show) == "50 or fewer"
    none_show = needed_patients(SIZES, (0, 1, 0, 1), (20,) * 4)
    assert math.isinf(none_show.patients)
    assert str(none_show) == "more than 400"
    assert str(needed_patients(SIZES, (5, 10, 17, 20), (20,) * 4)).endswith(")")


def test_the_interval_holds_the_true_number_about_as_often_as_it_says() -> None:
    generator = np.random.default_rng(1)
    true_patients, steepness = 150.0, 1.6
    z80 = math.log(0.8 / 0.2)
    chance = 1 / (1 + np.exp(-(z80 + steepness * np.log(np.array(SIZES) / true_patients))))
    held = 0
    for _ in range(200):
        shown = generator.binomial(40, chance)
        found = needed_patients(SIZES, shown.tolist(), (40,) * 4)
        held += found.low <= true_patients <= found.high
    assert held >= 180


@pytest.mark.parametrize("target", DIGITAL_TARGETS)
def test_a_digital_cohort_asks_its_question_of_those_it_is_about(target: str) -> None:
    cohort = digital_cohort(target, 60, effect=1.0, seed=3)
    assert len(cohort.inputs) == 60
    found = cohort.target(target)
    assert found.known.all()
    if isinstance(found, ClassTarget):
        assert min(np.bincount(found.codes, minlength=2)) >= 3
    else:
        assert isinstance(found, SurvivalTarget)
        assert found.died.sum() > 10
    larger = digital_cohort(target, 80, effect=1.0, seed=3)
    assert larger.inputs.subjects[:60] == cohort.inputs.subjects


def test_studies_that_were_run_are_counted_and_a_stopped_run_goes_on(tmp_path: Path) -> None:
    plan = PowerPlan("age_sex", "idh", effect=1.0, **SMALL)  # type: ignore[arg-type]
    kept = tmp_path / "kept"
    found = study_power(plan, kept=kept)
    small, large = found.sizes
    assert (large.chance.value, large.unjudged) == (1.0, 0)
    assert small.unjudged > 0
    assert small.chance.n == 5 - small.unjudged
    assert small.baseline is None
    assert found.baseline is None
    assert found.chance.low <= found.chance.patients <= found.chance.high
    files = {p: p.stat().st_mtime_ns for p in kept.rglob("*") if p.is_file()}
    assert len(files) >= 10
    more = PowerPlan("age_sex", "idh", effect=1.0, **{**SMALL, "cohorts": 6})  # type: ignore[arg-type]
    again = study_power(more, kept=kept)
    assert {p: p.stat().st_mtime_ns for p in files} == files
    assert again.sizes[0].chance.n == 6 - again.sizes[0].unjudged
    assert abs(again.sizes[0].headline - small.headline) < 0.2


def test_nothing_planted_is_not_found() -> None:
    plan = PowerPlan("age_sex", "idh", effect=0.0, **SMALL)  # type: ignore[arg-type]
    found = study_power(plan)
    assert found.sizes[1].chance.value <= 0.2
    assert math.isinf(found.chance.patients)


def test_sizes_that_are_too_small_to_be_run_say_nothing_of_power() -> None:
    plan = PowerPlan("qian2019:lasso-svm", "idh", sizes=(20, 30), cohorts=5, budget="smoke")
    found = study_power(plan)
    assert [s.unjudged for s in found.sizes] == [5, 5]
    assert "20 patients or more of a class" in found.sizes[0].why
    assert math.isnan(found.sizes[0].headline)
    assert found.sizes[0].chance.n == 0
    assert not found.sizes[0].was_run
    assert str(found.chance) == str(found.baseline) == "can't be computed"


@pytest.mark.parametrize(
    ("plan", "says"),
    [
        ({"system": "nobody1999", "target": "idh"}, "nobody1999"),
        ({"system": "wan2020", "target": "idh"}, "asks for systems of classification"),
        ({"system": "age_sex", "target": "tert"}, "idh, codeletion"),
        ({"system": "age_sex", "target": "idh", "effect": 9.0}, "effect"),
        ({"system": "age_sex", "target": "idh", "sizes": (100, 50)}, "ascending"),
        ({"system": "age_sex", "target": "idh", "cohorts": 1}, "5 cohorts"),
        ({"system": "age_sex", "target": "idh", "folds": 1}, "2 folds"),
    ],
)
def test_a_plan_that_can_not_be_is_refused(plan: dict[str, object], says: str) -> None:
    with pytest.raises(UsageError, match=says):
        study_power(PowerPlan(**plan))  # type: ignore[arg-type]


def test_the_command_prints_and_stores_what_it_found(tmp_path: Path) -> None:
    app = typer.Typer()
    app.command()(power)
    out = tmp_path / "power.json"
    call = ["--system", "signs", "--target", "idh", "--sizes", "30,60", "--cohorts", "5",
            "--folds", "3", "-o", str(out)]  # fmt: skip
    ending = CliRunner().invoke(app, call)
    assert ending.exit_code == 0, ending.output + repr(ending.exception)
    assert "Patients for 80% power to exclude chance" in ending.output
    stored = json.loads(out.read_text())
    figure = stored["figures"]["60 patients, exclude chance"]
    assert figure["low"] <= figure["value"] <= figure["high"]
    assert figure["n"] == 5
    assert "--sizes 30,60" in stored["command"]
    assert isinstance(CliRunner().invoke(app, call).exception, OutputError)
    wrong = CliRunner().invoke(app, [*call[:4], "--sizes", "ten"])
    assert isinstance(wrong.exception, UsageError)


def test_a_study_without_an_interval_is_not_one_that_shows_nothing() -> None:
    def study(low: float, gain_low: float) -> Outcome:
        return Outcome("c", {"value": 0.9, "low": low, "gain_low": gain_low})

    nan = math.nan
    found = _of_size(50, [study(0.6, 0.1), study(0.4, nan), study(nan, nan)], rival=True)
    assert (found.chance.value, found.chance.n) == (0.5, 2)
    assert found.baseline is not None
    assert (found.baseline.value, found.baseline.n) == (1.0, 1)
    assert (found.no_interval, found.unjudged) == (2, 0)
    none = _of_size(50, [study(nan, nan)], rival=False)
    assert (none.chance.n, none.baseline, none.no_interval) == (0, None, 1)
    assert math.isnan(none.chance.value)
    assert _percent(none.chance) == "a share that can't be computed"
    blind = Outcome("c", {"unjudged": "too few"})
    refused = _of_size(50, [blind, study(0.6, nan)], rival=False)
    assert (refused.chance.value, refused.chance.n, refused.unjudged) == (1.0, 1, 1)
    tied = Outcome("c", {"value": 0.5, "low": nan, "gain_low": None})
    told = _of_size(50, [tied, study(0.6, nan)], rival=False)
    assert (told.chance.value, told.chance.n, told.no_interval) == (0.5, 2, 0)


def test_needed_patients_are_read_off_the_sizes_that_were_run() -> None:
    plan = PowerPlan("age_sex", "idh", sizes=(40, 80, 160))
    run = {40: None, 80: (10, 20), 160: (20, 20)}
    sizes = [
        SizePower(n, share_of(*(s or (0, 0))), None, 0.8 if s else math.nan, 0 if s else 20)
        for n, s in run.items()
    ]
    found = power_of(plan, sizes)
    assert found.chance == needed_patients((80, 160), (10, 20), (20, 20))
    assert 80 < found.chance.patients < 160


def test_a_size_of_which_no_study_tells_is_passed_over() -> None:
    assert needed_patients((50, 100, 200), (0, 6, 10), (0, 10, 10)) == needed_patients(
        (100, 200), (6, 10), (10, 10)
    )
    assert str(needed_patients((50, 100), (0, 0), (0, 0))) == "can't be computed"
