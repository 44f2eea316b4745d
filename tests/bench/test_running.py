"""Running and judging: failures apart, needs first, words by the rule, results resumed."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gliokit.bench import (
    BenchCohort,
    Protocol,
    content_of,
    judge,
    judge_subgroups,
    run_systems,
)
from gliokit.bench.critical import critical_reading
from gliokit.bench.methods import methods_of
from gliokit.bench.page import render_comparison, words_of
from gliokit.bench.survival_figures import drawn_counts
from gliokit.bench.survival_judge import _drawn_means, cross_validated_c
from gliokit.bench.writing import write_bench
from gliokit.evaluation import auc, harrell_c
from gliokit.study import StudyError, UsageError
from gliokit.systems import ClassProbabilities, ClassTarget, Inputs
from tests.bench.spies import Broken, Spy, installed
from tests.systems.patients import numbers_patients, volume_patients


def cohort(n: int = 120, *, age: bool, first: float = 0.0) -> BenchCohort:
    """Baselines' columns after one of the spy's, which carries `first`; age tells or does not."""
    made = numbers_patients(n)
    values = made.inputs.values.copy()
    codes = np.asarray(made.target.strata)
    if not age:
        values[:, 0] = np.random.default_rng(5).normal(60, 10, n)
    planted = np.random.default_rng(6).normal(size=n) + first * codes
    inputs = Inputs(
        made.inputs.subjects, ("planted", *made.inputs.columns), np.column_stack([planted, values])
    )
    return BenchCohort("c", inputs, {"idh": made.target}, tuple("ab"[i // 2 % 2] for i in range(n)))


def test_a_planted_signal_makes_the_words_disappear(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, spy=Spy())
    words = {}
    for name, whole in (
        ("planted", cohort(age=False, first=2.5)),
        ("nothing", cohort(age=False)),
        ("age tells as much", cohort(age=True, first=1.5)),
    ):
        run = run_systems(whole, "idh", ["spy"], Protocol(), budget="smoke")
        judged, pairs = judge(run, draws=400)
        words[name] = judged[0].words
        assert {j.system for j in judged} == {"spy", "majority", "age_sex", "volume", "signs"}
        assert judged[1].headline.value == 0.5
        reading = " ".join(critical_reading(content_of(run, judged, pairs), words_of("en")))
        assert ("Not better than the best baseline" in reading) == bool(judged[0].words)
    assert words == {
        "planted": "",
        "nothing": "not better than baseline",
        "age tells as much": "not better than baseline",
    }


def test_the_headline_is_the_mean_of_aucs_within_folds(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, spy=Spy())
    whole = cohort(age=False, first=1.0)
    run = run_systems(whole, "idh", ["spy"], Protocol(folds=3, repeats=2), budget="smoke")
    (spy, *_), _ = judge(run, draws=200)
    codes, first = np.asarray(whole.target("idh").strata), whole.inputs.values[:, 0]
    expected = [auc(codes[f.test_rows], first[f.test_rows]) for f in run.folds]
    np.testing.assert_allclose(spy.per_fold, expected)
    assert spy.headline.value == pytest.approx(np.mean(expected))
    hold_out = run_systems(whole, "idh", ["spy"], Protocol("hold-out"), budget="smoke")
    assert judge(hold_out, draws=200)[0][0].headline.n == len(hold_out.folds[0].test)


def test_a_perfect_system_is_judged_though_its_calibration_has_no_slope(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    installed(monkeypatch, spy=Spy())
    whole = cohort(60, age=False, first=9.0)
    run = run_systems(
        whole, "idh", ["spy"], Protocol(folds=3), budget="smoke", allowed=("planted",)
    )
    (spy, *_), _ = judge(run, draws=200)
    assert spy.headline.value == 1.0
    assert "calibration_slope" not in spy.figures


def test_one_patient_left_out_at_a_time_does_not_rank_the_majority(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    installed(monkeypatch, spy=Spy())
    run = run_systems(
        cohort(24, age=True), "idh", ["spy"], Protocol("leave-one-out"), budget="smoke"
    )
    found, pairs = judge(run, draws=200)
    judged = {j.system: j for j in found}
    assert judged["majority"].headline.value == 0.5
    assert judged["age_sex"].headline.value > 0.7
    # Scores of different models ranked together: a value, and nothing said by it.
    assert all(np.isnan(j.headline.low) and j.gain is None and not j.words for j in found)
    assert not pairs
    assert np.isnan(judged["spy"].figures["auprc"].low)
    content = content_of(run, found, pairs, subgroups=judge_subgroups(run, draws=200))
    reading = " ".join(critical_reading(content, words_of("en")))
    assert "whether a system is better is not decided here" in reading
    assert "every draw of patients gives the same" not in reading
    methods = " ".join(methods_of(content, words_of("en")).paragraphs)
    assert "neither gains over baselines nor differences" in methods
    assert "95 % interval is a bootstrap" not in methods
    assert "neither gains" not in render_comparison(content, lang="zh")


def test_risks_of_patients_left_out_one_by_one_have_no_interval_either() -> None:
    made = volume_patients(24, log_ratio=6.0)
    whole = BenchCohort("c", made.inputs, {"survival": made.target})
    run = run_systems(whole, "survival", ["volume"], Protocol("leave-one-out"), budget="smoke")
    found, pairs = judge(run, draws=200)
    assert all(np.isnan(j.headline.low) and j.gain is None for j in found)
    methods = methods_of(content_of(run, found, pairs), words_of("en"))
    assert "of the risks of all left-out patients" in " ".join(methods.paragraphs)


def test_progress_counts_what_is_run_and_not_patients(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, spy=Spy())
    said: list[str] = []
    run_systems(cohort(24, age=True), "idh", ["spy"], Protocol(folds=2), budget="smoke",
                progress=said.append)  # fmt: skip
    assert said[-1] == "10 of 10 fits"


def test_a_class_over_several_grades_is_said_to_be_confounded(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    installed(monkeypatch, spy=Spy())
    whole = cohort(40, age=True)
    mixed = tuple("234"[i % 3] for i in range(40))
    for grades, confounded in ((mixed, "grade"), (("4",) * 40, None), ((), None)):
        run = run_systems(replace(whole, grades=grades), "idh", ["spy"], Protocol(folds=2),
                          budget="smoke")  # fmt: skip
        content = content_of(run, *judge(run, draws=100))
        assert content["confounded_by"] == confounded
        reading = " ".join(critical_reading(content, words_of("en")))
        assert ("confounded by grade" in reading) == bool(confounded)
        for lang, mark in (("en", "confounded by grade"), ("zh", "受级别混杂")):
            page = render_comparison(content, lang=lang)  # type: ignore[arg-type]
            assert page.count(f'<span class="words">{mark}') == (5 if confounded else 0)


def test_one_patient_left_out_at_a_time_the_majority_says_the_commonest_class(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    installed(monkeypatch, spy=Spy())
    patients = cohort(24, age=True)
    codes = patients.target("idh").codes.copy()
    codes[np.flatnonzero(codes == 1)[6:]] = 0
    few = replace(patients, targets={"idh": ClassTarget("idh", ("0", "1"), codes)})
    run = run_systems(few, "idh", ["spy"], Protocol("leave-one-out"), budget="smoke")
    figures = {j.system: j for j in judge(run, draws=200)[0]}["majority"].figures
    assert figures["accuracy"].value == pytest.approx(18 / 24)
    assert figures["sensitivity"].value == 0
    assert figures["brier"].value < 0.21


def test_a_stratum_is_judged_alone(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, spy=Spy())
    run = run_systems(cohort(age=True), "idh", ["spy"], Protocol(), budget="smoke")
    judged, _ = judge(run, draws=200, stratum="a")
    assert judged[0].headline.n == 60


def test_a_system_that_fails_does_not_stop_the_rest(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, broken=Broken(), spy=Spy())
    run = run_systems(cohort(age=True), "idh", ["broken", "spy"], Protocol(), budget="smoke")
    assert "no good" in run.failures["broken"]
    assert "broken" not in run.systems
    assert "spy" in run.systems
    assert judge(run, draws=200)[0]


def test_baselines_without_their_columns_are_named(monkeypatch: pytest.MonkeyPatch) -> None:
    installed(monkeypatch, spy=Spy())
    whole = cohort(age=True)
    inputs = Inputs(whole.inputs.subjects, ("planted",), whole.inputs.matrix(["planted"]))
    bare = BenchCohort("c", inputs, whole.targets)
    run = run_systems(bare, "idh", ["spy"], Protocol(), budget="smoke")
    assert set(run.not_run) == {"age_sex", "volume", "signs"}
    judged, pairs = judge(run, draws=200)
    assert "Baselines not run" in " ".join(
        critical_reading(content_of(run, judged, pairs), words_of("en"))
    )


def test_needs_are_checked_before_anything_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    spy = Spy()
    installed(monkeypatch, spy=spy)
    with pytest.raises(UsageError, match="systems of classification"):
        run_systems(cohort(age=True), "idh", ["spy", "wan2020"], Protocol())
    survival = volume_patients(100)
    values = survival.inputs.values.copy()
    values[3, 2] = np.nan
    gap = Inputs(survival.inputs.subjects, survival.inputs.columns, values)
    whole = BenchCohort("c", gap, {"survival": survival.target})
    with pytest.raises(StudyError, match="p003: enhancing_ml"):
        run_systems(whole, "survival", ["wan2020"], Protocol())
    assert not spy.seen


def test_folds_too_small_to_be_judged_are_refused_before_anything_runs(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spy = Spy()
    installed(monkeypatch, spy=spy)
    with pytest.raises(UsageError, match="fewer folds"):
        run_systems(cohort(20, age=True), "idh", ["spy"], Protocol(folds=8))
    assert not spy.seen


def test_three_classes_are_judged_each_against_the_rest(tmp_path: Path) -> None:
    made, codes = cohort(age=False), np.arange(120) % 3
    values = made.inputs.values.copy()
    values[:, made.inputs.columns.index("age_years")] += 12 * (codes == 2)
    noise = np.random.default_rng(8).normal(size=(120, 4))
    inputs = Inputs(
        made.inputs.subjects, (*made.inputs.columns, *"wxyz"), np.column_stack([values, noise])
    )
    whole = BenchCohort("c", inputs, {"t": ClassTarget("t", ("a", "b", "c"), codes)})
    run = run_systems(whole, "t", ["qian2019:lasso-svm"], Protocol(folds=3), budget="smoke")
    assert "two classes" in run.failures["qian2019:lasso-svm"]
    judged, pairs = judge(run, draws=200)
    found = {j.system: j for j in judged}
    assert found["majority"].headline.value == 0.5
    assert found["age_sex"].figures["auc of c"].low > 0.6
    assert found["age_sex"].figures["auc of c"].value > found["age_sex"].figures["auc of a"].value
    each = [found["age_sex"].figures[f"auc of {c}"].value for c in "abc"]
    assert found["age_sex"].headline.value == pytest.approx(np.mean(each))
    content = content_of(run, judged, pairs, subgroups=judge_subgroups(run, draws=200))
    assert content["patients"]["classes"] == {"a": 40, "b": 40, "c": 40}
    for lang in ("en", "zh"):
        page = render_comparison(content, lang=lang)  # type: ignore[arg-type]
        assert f"{each[2]:.3f}" in page
    assert "Hand DJ" in page
    parquet = pytest.importorskip("pyarrow.parquet")
    folder = write_bench(tmp_path / "out", run, content)
    table = parquet.read_table(folder / "predictions.parquet").to_pydict()
    each_row = zip(*(table[f"probability_{c}"] for c in "abc"), strict=True)
    np.testing.assert_allclose([sum(row) for row in each_row], 1)
    assert table["probability_c"] == table["score"]


def test_a_rival_of_three_classes_is_said_to_be_better_only_if_it_is(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    class Three(Spy):
        def answer(self, patients: Inputs) -> ClassProbabilities:
            assert self.training is not None
            target, logits = self.training.classes, patients.values[:, :3]
            p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
            return ClassProbabilities(patients.subjects, target.name, target.classes, p, 0.5)

    installed(monkeypatch, three=Three())
    codes, words = np.arange(90) % 3, {}
    for signal in (0.0, 2.0):
        values = np.random.default_rng(1).normal(size=(90, 3)) + signal * np.eye(3)[codes]
        inputs = Inputs(tuple(f"p{i}" for i in range(90)), ("x", "y", "z"), values)
        whole = BenchCohort("c", inputs, {"t": ClassTarget("t", ("a", "b", "c"), codes)})
        run = run_systems(whole, "t", ["three"], Protocol(folds=3), budget="smoke")
        words[signal] = judge(run, draws=200)[0][0].words
    assert words == {0.0: "not better than baseline", 2.0: ""}


def test_finished_folds_are_taken_up_again_and_only_while_nothing_changed(tmp_path: Path) -> None:
    whole, said = cohort(60, age=True), []

    def run(seed: int = 0) -> tuple[float, ...]:
        found = run_systems(
            whole, "idh", ["age_sex"], Protocol(folds=3, seed=seed), budget="smoke",
            kept=tmp_path, progress=said.append,
        )  # fmt: skip
        return tuple(p.score for p in found.predictions)

    first = run()
    assert "earlier run" not in said[-1]
    assert run() == first
    assert "12 of them from an earlier run" in said[-1]
    assert run(seed=1) != first
    assert "earlier run" not in said[-1]


def test_worker_processes_give_the_same() -> None:
    whole = cohort(40, age=True)
    found = [
        [p.score for p in run_systems(whole, "idh", [], Protocol(folds=2), budget="smoke",
                                      workers=w).predictions]
        for w in (0, 1)
    ]  # fmt: skip
    np.testing.assert_array_equal(*found)


def test_survival_is_judged_by_c_within_folds() -> None:
    made = volume_patients(240, log_ratio=6.0)
    whole = BenchCohort("c", made.inputs, {"survival": made.target})
    run = run_systems(whole, "survival", ["wan2020"], Protocol(folds=3), budget="smoke")
    judged = {j.system: j for j in judge(run, draws=400)[0]}
    assert judged["majority"].headline.value == 0.5
    assert judged["wan2020"].headline.low > 0.55
    assert judged["wan2020"].words == ""
    none = volume_patients(240, log_ratio=0.0, seed=1)
    run = run_systems(
        BenchCohort("c", none.inputs, {"survival": none.target}), "survival", ["wan2020"],
        Protocol(folds=3), budget="smoke",
    )  # fmt: skip
    assert judge(run, draws=400)[0][0].words == "not better than baseline"


def test_c_of_one_fold_is_harrell_c() -> None:
    made = volume_patients(80)
    target, risk = made.survival, made.inputs.column("age_years")
    found, per_fold = cross_validated_c(
        target.days, target.died, risk[None], np.zeros((1, 80), np.int64), seed=0, draws=100,
        shared_training=False,
    )  # fmt: skip
    assert found.value == harrell_c(target.days, target.died, risk) == per_fold[0]
    assert found.low < found.value < found.high


def test_c_of_drawn_patients_is_that_of_drawing_them_one_sample_after_another() -> None:
    generator = np.random.default_rng(1)
    n = 90
    days, died = generator.integers(1, 30, n).astype(float), generator.random(n) < 0.7
    scores = generator.integers(0, 9, (2, n)).astype(float)
    folds = np.stack([generator.permutation(n) % 3 for _ in range(2)])
    counts = drawn_counts((died, ~died), folds[0], seed=3, draws=20)
    slow = []
    for count in counts:
        rows = np.repeat(np.arange(n), count)
        slow.append(np.mean([
            harrell_c(days[mine], died[mine], score[mine])
            for score, fold in zip(scores, folds, strict=True)
            for mine in (rows[fold[rows] == k] for k in range(3))
        ]))  # fmt: skip
    np.testing.assert_allclose(
        _drawn_means(days, died, scores, folds, counts), slow, rtol=0, atol=1e-12
    )
