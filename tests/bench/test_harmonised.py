"""Differences of sites are taken out within the fold, and nothing of the test side is looked at."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from gliokit.bench import BenchCohort, Protocol, content_of, judge, run_systems, split
from gliokit.bench.critical import critical_reading
from gliokit.bench.harmonised import harmonised, harmonised_columns
from gliokit.bench.methods import methods_of
from gliokit.bench.page import words_of
from gliokit.study import UsageError
from gliokit.systems import ClassTarget, Inputs
from tests.bench.conftest import DRAWS
from tests.bench.spies import Spy, installed

KNOWN = 118  # of 120; the last two are only learnt from
SITES = ("north", "south", "west")


def cohort(n: int = 120, *, shift: float = 4.0) -> BenchCohort:
    """Eight features of scanners that differ, of which three tell the class; age and a sign."""
    generator = np.random.default_rng(2)
    codes = generator.integers(0, 2, n)
    sites = tuple(SITES[i % 3] for i in range(n))
    place = np.array([SITES.index(s) for s in sites])[:, None]
    features = generator.normal(size=(n, 8))
    features[:, :3] += 1.5 * codes[:, None]
    features = features * (1 + 0.5 * place) + shift * place
    age = generator.normal(50, 9, n) + 5 * place[:, 0]
    sign = generator.integers(0, 2, n)
    inputs = Inputs(
        tuple(f"p{i:03d}" for i in range(n)),
        (*(f"f{j}" for j in range(8)), "age_years", "ring"),
        np.column_stack([features, age, sign]),
        sites=sites,
    )
    target = ClassTarget("kind", ("no", "yes"), np.where(np.arange(n) < KNOWN, codes, -1))
    return BenchCohort("c", inputs, {"kind": target})


def test_rows_tested_change_nothing_of_what_is_learnt_from() -> None:
    for fold in split(cohort(), "kind", Protocol(folds=3)):
        strange = np.random.default_rng(0).normal(50, 20, fold.test.values.shape)
        other = replace(fold, test=replace(fold.test, values=strange))
        one, two = (harmonised(f, ["*"]).training.inputs.values for f in (fold, other))
        np.testing.assert_array_equal(one, two)
        assert not np.array_equal(one, fold.training.inputs.values)


def test_a_patient_tested_is_harmonised_alike_whoever_else_is() -> None:
    fold = split(cohort(), "kind", Protocol(folds=3))[0]
    whole = harmonised(fold, ["f*"]).test.values
    alone = harmonised(replace(fold, test=fold.test.take([5])), ["f*"]).test.values
    np.testing.assert_array_equal(whole[[5]], alone)


def test_no_target_is_looked_at() -> None:
    whole = cohort()
    fold = split(whole, "kind", Protocol(folds=3))[0]
    target = fold.training.target
    assert isinstance(target, ClassTarget)
    turned = replace(target, codes=np.where(target.codes < 0, -1, 1 - target.codes))
    other = replace(fold, training=replace(fold.training, target=turned))
    for side in ("training", "test"):
        one, two = (getattr(harmonised(f, ["*"]), side) for f in (fold, other))
        values = [getattr(v, "inputs", v).values for v in (one, two)]
        np.testing.assert_array_equal(*values)


def test_age_sex_and_signs_are_left_as_they_are() -> None:
    fold = split(cohort(), "kind", Protocol(folds=3))[0]
    assert harmonised_columns(fold.test, ["*"]) == tuple(f"f{j}" for j in range(8))
    for before, after in ((fold.test, harmonised(fold, ["*"]).test),):
        np.testing.assert_array_equal(before.matrix(["age_years", "ring"]),
                                      after.matrix(["age_years", "ring"]))  # fmt: skip
    for patterns in (["age_years"], ["ring"], ["nothing_*"]):
        with pytest.raises(UsageError, match="three values or more"):
            harmonised_columns(fold.test, patterns)


def test_a_signal_under_sites_is_found_better_and_the_page_says_what_was_done(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spy, found = Spy(), {}
    installed(monkeypatch, spy=spy)
    for patterns in ((), ("f*",)):
        run = run_systems(cohort(), "kind", ["spy"], Protocol(folds=3), budget="smoke",
                          harmonise=patterns)  # fmt: skip
        judged, pairs = judge(run, draws=DRAWS)
        found[patterns] = judged[0].headline.value, content_of(run, judged, pairs)
    for (training, test), fold in zip(spy.seen[-3:], split(cohort(), "kind", Protocol(folds=3)),
                                      strict=True):  # fmt: skip
        expected = harmonised(fold, ["f*"])
        np.testing.assert_array_equal(training.inputs.values, expected.training.inputs.values)
        np.testing.assert_array_equal(test.values, expected.test.values)
    assert found[("f*",)][0] > found[()][0] + 0.1
    for patterns, (_, content) in found.items():
        for lang in ("en", "zh"):
            said = methods_of(content, words_of(lang))
            assert ("ComBat [" in said.paragraphs[0]) == bool(patterns)
            assert any("kxj037" in s for s in said.sources) == bool(patterns)
        reading = " ".join(critical_reading(content, words_of("en")))
        assert ("What differs between sites was taken out" in reading) == bool(patterns)
    assert "out of 8 columns" in methods_of(found[("f*",)][1], words_of("en")).paragraphs[0]


@pytest.mark.parametrize(
    ("protocol", "sites", "said"),
    [
        (Protocol("leave-site-out"), None, r"without north, sites: .*learnt from; found north"),
        (Protocol("cross-dataset", test_cohorts=("west",)), None, "on west, sites: .*found west"),
        (Protocol(folds=3), ("",) * 120, r"every patient has one.*--site"),
        (Protocol(folds=3), ("single", *("ab" * 60)[1:]), "single"),
    ],
)
def test_what_can_not_be_harmonised_is_refused_before_anything_runs(
    monkeypatch: pytest.MonkeyPatch, protocol: Protocol, sites: tuple[str, ...] | None, said: str
) -> None:
    spy = Spy()
    installed(monkeypatch, spy=spy)
    whole = cohort()
    if sites:
        whole = replace(whole, inputs=replace(whole.inputs, sites=sites))
    with pytest.raises(UsageError, match=said):
        run_systems(whole, "kind", ["spy"], protocol, budget="smoke", harmonise=["f*"])
    assert not spy.seen
