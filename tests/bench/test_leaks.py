"""Leaks planted one by one, and each of them caught."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from gliokit.bench import (
    BenchCohort,
    Fold,
    Identities,
    Protocol,
    check_aliases,
    check_resolved,
    content_of,
    joined,
    judge,
    run_systems,
    split,
    with_identities,
)
from gliokit.bench.critical import critical_reading
from gliokit.bench.leaks import unlooked_inputs
from gliokit.bench.methods import methods_of
from gliokit.bench.page import words_of
from gliokit.inference import ModelCard, TrainingPatient
from gliokit.study import StudyError
from gliokit.systems import ClassTarget, Inputs, MaskTarget, SurvivalTarget
from tests.bench.spies import Spy, installed
from tests.systems.patients import feature_patients, volume_patients


def cohort(
    n: int = 60, *, signal: float = 1.0, persons: tuple[str, ...] = (), columns: int = 6
) -> BenchCohort:
    made = feature_patients(n, columns, signal=signal)
    inputs = Inputs(made.inputs.subjects, made.inputs.columns, made.inputs.values, persons)
    return BenchCohort("c", inputs, {"kind": made.target})


def with_column(values: np.ndarray, name: str = "extra") -> Inputs:
    inputs = cohort(values.size).inputs
    both = np.column_stack([inputs.values, values])
    return Inputs(inputs.subjects, (*inputs.columns, name), both)


CODES = np.arange(60) % 2
GENERATOR = np.random.default_rng(0)


@pytest.mark.parametrize(
    "alias",
    [
        CODES * 2.0 + 5,
        1.0 - CODES,
        CODES + GENERATOR.normal(0, 0.1, 60),
        np.where(CODES == 1, np.nan, GENERATOR.normal(size=60)),
    ],
    ids=["recoded", "turned round", "with noise", "known for one class alone"],
)
def test_an_alias_of_the_target_among_the_inputs_is_caught(alias: np.ndarray) -> None:
    target = ClassTarget("kind", ("no", "yes"), CODES)
    with pytest.raises(StudyError, match="'extra'"):
        check_aliases(with_column(alias), target)
    check_aliases(with_column(alias), target, allowed=("extra",))


def test_a_strong_true_signal_is_no_alias() -> None:
    target = ClassTarget("kind", ("no", "yes"), CODES)
    check_aliases(with_column(CODES + GENERATOR.normal(0, 0.7, 60)), target)


def test_an_alias_of_survival_is_caught() -> None:
    patients = volume_patients(100)
    target = patients.target
    assert isinstance(target, SurvivalTarget)
    columns = np.column_stack([np.log(target.days), target.died, GENERATOR.normal(size=100)])
    inputs = Inputs(patients.inputs.subjects, ("log_days", "dead", "noise"), columns)
    with pytest.raises(StudyError, match=r"'log_days'.*'dead'") as caught:
        check_aliases(inputs, target)
    assert "noise" not in str(caught.value)


def test_a_target_of_the_cohort_is_no_input_of_another() -> None:
    made = feature_patients(20, 4)
    with pytest.raises(StudyError, match="never among the inputs"):
        BenchCohort("c", made.inputs, {"f1": ClassTarget("f1", ("0", "1"), CODES[:20])})


def test_the_bench_refuses_an_alias_before_anything_runs(monkeypatch: pytest.MonkeyPatch) -> None:
    spy = Spy()
    installed(monkeypatch, spy=spy)
    leaky = BenchCohort("c", with_column(CODES * 1.0), {"kind": cohort().target("kind")})
    with pytest.raises(StudyError, match="tells the target"):
        run_systems(leaky, "kind", ["spy"], Protocol(), budget="smoke")
    assert not spy.seen


def test_a_fold_with_a_patient_on_both_sides_can_not_be_made() -> None:
    made = feature_patients(10, 4)
    with pytest.raises(StudyError, match=r"training and test.*p003"):
        Fold("f", 0, made.take(range(6)), made.inputs.take([3, 7]), np.array([3, 7]))


def test_two_scans_of_one_patient_never_part(monkeypatch: pytest.MonkeyPatch) -> None:
    persons = tuple(f"person{i // 3}" for i in range(60))
    for fold in split(cohort(persons=persons), "kind", Protocol(folds=4, repeats=2)):
        assert not set(fold.training.inputs.persons) & set(fold.test.persons)


def test_one_patient_under_two_names_in_two_cohorts_is_refused_by_name() -> None:
    identities = Identities.of([("BraTS2021_00097", "UCSF-PDGM-004")])
    parts = []
    for name, first in (("brats", "BraTS-GLI-00097-000"), ("ucsf", "UCSF-PDGM-0004")):
        inputs = cohort(20).inputs
        subjects = (first, *(f"{name}{s}" for s in inputs.subjects[1:]))
        renamed = Inputs(subjects, inputs.columns, inputs.values)
        parts.append(BenchCohort(name, renamed, {"kind": cohort(20).target("kind")}))
    both = joined(parts, "both")
    protocol = Protocol("leave-site-out")
    assert len(split(both, "kind", protocol)) == 2
    with pytest.raises(StudyError, match="1 who are: BraTS2021-97"):
        split(with_identities(both, identities), "kind", protocol)
    across = Protocol("cross-dataset", test_cohorts=("ucsf",))
    with pytest.raises(StudyError, match="1 who are: BraTS2021-97"):
        split(with_identities(both, identities), "kind", across)
    together = split(with_identities(both, identities), "kind", Protocol(folds=4))
    assert all(("BraTS2021-97" in f.test.persons) != ("BraTS2021-97" in
               f.training.inputs.persons) for f in together)  # fmt: skip


def test_two_patients_of_one_name_in_two_collections_are_told_apart() -> None:
    parts = []
    for name in ("north", "south"):
        inputs = cohort(20).inputs
        subjects = tuple(f"{name}{s}" for s in inputs.subjects)
        persons = ("001", *subjects[1:])
        renamed = Inputs(subjects, inputs.columns, inputs.values, persons)
        targets = {"kind": cohort(20).target("kind")}
        parts.append(BenchCohort(name, renamed, targets, collections=(name,) * 20))
    both, protocol = joined(parts, "both"), Protocol("leave-site-out")
    apart = with_identities(both, Identities())
    assert len(split(apart, "kind", protocol)) == 2
    assert with_identities(apart, Identities()).inputs.persons == apart.inputs.persons
    blind = joined([replace(c, collections=()) for c in parts], "both")
    with pytest.raises(StudyError, match="1 who are: 001"):
        split(with_identities(blind, Identities()), "kind", protocol)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("BraTS-CBICA_AAB_1", "UPENN-GBM-11"),
        ("BraTS20_Training_001", "TCGA-HT-A61A"),
        ("BraTS20_Training_001", "UCSF-PDGM-0004"),
        ("BraTS20_Training_001", "BraTS19_CBICA_AAB_1"),
        ("BraTS2021_00097", "UCSF-PDGM-0004"),
        ("BraTS-GLI-00097-000", "TCGA_HT_A61A_19990101"),
        ("BraTS2021_00097", "UPENN-GBM-00011_11"),
        ("BraTS2021_00097", "BraTS20_Training_001"),
        ("BraTS19_TCIA13_634_1", "TCGA-HT-A61A"),
    ],
)
def test_collections_that_share_patients_under_unknown_names_are_refused(
    one: str, other: str
) -> None:
    for sides in ((one,), (other,)), ((other,), (one,)):
        with pytest.raises(StudyError, match="under another name"):
            check_resolved(*sides, fold="f")
    check_resolved((one,), (one + "2",), fold="f")
    check_resolved((other,), ("LUMIERE-1", "001"), fold="f")


def test_a_table_of_both_collections_tells_their_patients_apart() -> None:
    rows = [("UCSF-PDGM-004", "BraTS2021_00097"), ("UCSF-PDGM-0005", ""), ("", "BraTS2021_00098")]
    tables = Identities.of(rows)
    check_resolved(("BraTS2021-99",), ("UCSF-PDGM-0005",), fold="f", identities=tables)
    check_resolved(("BraTS2021-98",), ("UCSF-PDGM-0077",), fold="f", identities=tables)
    for training, test in (
        ("BraTS2021-99", "UCSF-PDGM-0077"),  # neither is listed
        ("BraTS2021-98", "TCGA-HT-A61A"),  # listed, in a table that knows no TCGA
    ):
        with pytest.raises(StudyError, match="no table says"):
            check_resolved((training,), (test,), fold="f", identities=tables)


def test_collections_that_share_patients_are_put_on_two_sides_by_a_table_alone(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    installed(monkeypatch, spy=Spy())
    parts = []
    for name in ("BraTS2021_0000", "UCSF-PDGM-000"):
        inputs = replace(cohort(8).inputs, subjects=tuple(f"{name}{i}" for i in range(1, 9)),
                         persons=())  # fmt: skip
        parts.append(BenchCohort(name, inputs, {"kind": cohort(8).target("kind")}))
    ask = partial(run_systems, joined(parts, "both"), "kind", ["spy"],
                  Protocol("leave-site-out"), budget="smoke")  # fmt: skip
    with pytest.raises(StudyError, match=r"UCSF-PDGM-1 and BraTS2021-1.*--identities"):
        ask()
    with pytest.raises(StudyError, match="under another name"):
        run_systems(joined(parts, "both"), "kind", ["spy"], Protocol(folds=2), budget="smoke")
    with pytest.raises(StudyError, match=r"on UCSF-PDGM-000: no patient can be .* another name"):
        run_systems(joined(parts, "both"), "kind", ["spy"], budget="smoke",
                    protocol=Protocol("cross-dataset", test_cohorts=(parts[1].name,)))  # fmt: skip
    rows = [(f"UCSF-PDGM-{i}", f"BraTS2021_{i + 50}") for i in range(1, 9)]
    run = ask(identities=Identities.of(rows))
    told = methods_of(content_of(run, *judge(run, draws=100)), words_of("en"))
    assert "were united by tables" in told.paragraphs[0]


def test_an_input_with_too_few_known_values_is_said_not_to_have_been_looked_at(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    installed(monkeypatch, spy=Spy())
    few = with_column(np.where(np.arange(60) < 18, CODES, np.nan))
    assert unlooked_inputs(few, ClassTarget("kind", ("no", "yes"), CODES)) == ("extra",)
    assert not unlooked_inputs(few.take(range(60)), MaskTarget("place", "WT", (None,) * 60))
    run = run_systems(cohort(16), "kind", ["spy"], Protocol(folds=2), budget="smoke")
    content = content_of(run, *judge(run, draws=100))
    said = " ".join(critical_reading(content, words_of("en")))
    assert "Too few to look: 6 inputs" in said
    assert "No table of names" in methods_of(content, words_of("en")).paragraphs[0]


def card(*learnt_from: tuple[str, str], known: bool = True) -> ModelCard:
    patients = tuple(TrainingPatient(subject=s, collection=c) for s, c in learnt_from)
    return ModelCard(
        name="m", version="1", task="t", channels=("t1",), regions=("WT",), labels="brats2023",
        stages=(), trained_on=patients, trained_on_known=known, training={}, held_out={},
        limits=(), licence="", date="2026-11-24",
    )  # fmt: skip


def test_masks_of_a_model_that_learnt_from_a_test_patient_are_refused(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spy, whole = Spy(), cohort(40)
    installed(monkeypatch, spy=spy)
    subjects = ("TCGA-HT-A61A", *whole.inputs.subjects[1:])
    whole = replace(whole, inputs=replace(whole.inputs, subjects=subjects, persons=()))
    identities = Identities.of([("BraTS19_TCIA13_634_1", "TCGA-HT-A61A")])
    ask = partial(run_systems, whole, "kind", ["spy"], Protocol(folds=2), budget="smoke")
    seen = card(("Brats18_TCIA13_634_1", "BraTS"), ("p002", ""), ("p900", ""))
    with pytest.raises(StudyError, match="2 whom it has: TCGA-HT-A61A, p002"):
        ask(identities=identities, masks_by=[card(("p900", "")), seen])
    with pytest.raises(StudyError, match=r"masks by m 1: no patient can be .* another name"):
        ask(masks_by=[card(("Brats18_TCIA13_635_1", "BraTS"))])
    # Digital patients are nobody, and another collection's p002 is somebody else.
    other = replace(whole, collections=("North",) * 40)
    assert not spy.seen
    harmless = card(("p002", "digital"), ("p003", "South"))
    run_systems(other, "kind", ["spy"], Protocol(folds=2), budget="smoke", masks_by=[harmless])
    assert spy.seen


def test_whom_a_model_of_masks_learnt_from_may_be_learnt_from_and_the_page_names_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    installed(monkeypatch, spy=Spy())
    whole, codes = cohort(40), np.arange(40) % 2
    codes[3] = -1
    unjudged = replace(whole, targets={"kind": ClassTarget("kind", ("no", "yes"), codes)})
    run = run_systems(unjudged, "kind", ["spy"], Protocol(folds=2), budget="smoke",
                      masks_by=[card(("p003", "")), card(known=False)])  # fmt: skip
    content = content_of(run, *judge(run, draws=100))
    assert (
        "nobody whom it learnt from is judged" in methods_of(content, words_of("en")).paragraphs[0]
    )
    assert "nobody says whom it learnt from" in " ".join(critical_reading(content, words_of("en")))


def test_a_system_is_handed_no_test_patient_and_no_target_of_one(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spy, whole = Spy(), cohort()
    installed(monkeypatch, spy=spy)
    run = run_systems(whole, "kind", ["spy"], Protocol(folds=3, repeats=2), budget="smoke")
    assert len(spy.seen) == 6
    for training, test in spy.seen:
        assert not set(training.inputs.subjects) & set(test.subjects)
        assert set(training.inputs.subjects) | set(test.subjects) == set(whole.inputs.subjects)
        assert not hasattr(test, "target")
        assert "kind" not in (*training.inputs.columns, *test.columns)
    assert {p.subject for p in run.predictions if p.system == "spy"} == set(whole.inputs.subjects)


def test_selection_before_the_split_shows_a_signal_that_is_not_there_and_the_bench_none() -> None:
    # The twelve of 500 noise columns that go best with the target, chosen on everybody,
    # against the same choice made within the folds by a system that is handed all columns.
    from gliokit.systems.selectors import select_features

    noise = cohort(80, signal=0.0, columns=500)
    filled = np.nan_to_num(noise.inputs.values)
    first = select_features("anova", filled, np.asarray(noise.target("kind").strata), 12, seed=0)
    columns = [noise.inputs.columns[i] for i in first]
    chosen = Inputs(noise.inputs.subjects, tuple(columns), noise.inputs.matrix(columns))
    before = BenchCohort("c", chosen, noise.targets)
    found = []
    for one in (before, noise):
        run = run_systems(one, "kind", ["qian2019:lasso-svm"], Protocol(), budget="smoke")
        found.append(judge(run, draws=200)[0][0].headline)
    assert found[0].low > 0.7
    assert found[1].low < 0.5 < found[1].high
