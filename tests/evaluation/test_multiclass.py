"""AUCs of several classes: against scikit-learn, against two classes, at chance."""

from __future__ import annotations

import numpy as np
import pytest
from sklearn.metrics import roc_auc_score

from gliokit.bench.many_classes import many_class_yardstick
from gliokit.bench.scores import Scores
from gliokit.evaluation import cross_validated_auc, multiclass
from gliokit.evaluation.folds import drawn_weights
from gliokit.evaluation.multiclass import multiclass_auc, multiclass_gain
from gliokit.systems import ClassTarget


def patients(n: int = 90, signal: float = 1.0, seed: int = 0) -> tuple[np.ndarray, ...]:
    generator = np.random.default_rng(seed)
    codes = np.arange(n) % 3
    logits = generator.normal(size=(n, 3)) + signal * np.eye(3)[codes]
    p = np.exp(logits) / np.exp(logits).sum(axis=1, keepdims=True)
    return codes, p, np.arange(n) // 3 % 3


def test_macro_auc_of_one_fold_is_that_of_scikit_learn() -> None:
    codes, p, _ = patients()
    found = multiclass_auc(codes, p, np.zeros(90), seed=0, draws=200)
    expected = roc_auc_score(codes, p, multi_class="ovr", average="macro")
    assert found.macro.value == pytest.approx(expected)
    for c, estimate in enumerate(found.per_class):
        assert estimate.value == pytest.approx(roc_auc_score(codes == c, p[:, c]))
        assert estimate.low < estimate.value < estimate.high


def test_folds_are_never_ranked_together() -> None:
    codes, p, folds = patients()
    shifted = p + 10.0 * folds[:, None]
    one, other = (multiclass_auc(codes, s, folds, seed=0, draws=200) for s in (p, shifted))
    assert one.macro.value == pytest.approx(other.macro.value)
    expected = np.mean([
        roc_auc_score(codes[folds == k], p[folds == k], multi_class="ovr") for k in range(3)
    ])  # fmt: skip
    assert one.macro.value == pytest.approx(expected)
    assert one.per_fold.shape == (3,)


def test_of_two_classes_it_is_the_auc_with_about_its_interval() -> None:
    codes, p, folds = patients(80)
    codes = codes % 2
    scores = p[:, 1]
    both = np.stack([1 - scores, scores], axis=1)
    found = multiclass_auc(codes, both, folds, seed=0, draws=4000)
    expected = cross_validated_auc(codes, scores, folds, seed=1, draws=4000).mean
    assert found.macro.value == pytest.approx(expected.value)
    assert found.macro.low == pytest.approx(expected.low, abs=0.02)
    assert found.macro.high == pytest.approx(expected.high, abs=0.02)


def test_intervals_hold_chance_without_a_signal_and_a_gain_is_found_with_one() -> None:
    held = 0
    for seed in range(40):
        codes, p, folds = patients(60, signal=0.0, seed=seed)
        held += not multiclass_auc(codes, p, folds, seed=0, draws=300).macro.excludes(0.5)
    assert held >= 36
    codes, good, folds = patients(90, signal=2.0)
    _, blind, _ = patients(90, signal=0.0, seed=7)
    assert multiclass_gain(codes, good, {"other": blind}, folds, seed=0, draws=300).better
    assert not multiclass_gain(codes, blind, {"other": good}, folds, seed=0, draws=300).better
    same = multiclass_gain(codes, good, {"other": good}, folds, seed=0, draws=300)
    assert same.difference.value == 0
    assert not same.better


def test_repeats_are_averaged_and_ties_have_no_interval() -> None:
    codes, p, folds = patients()
    twice = multiclass_auc(codes, np.stack([p, p]), np.stack([folds, folds]), seed=0, draws=200)
    once = multiclass_auc(codes, p, folds, seed=0, draws=200)
    assert twice.macro.value == pytest.approx(once.macro.value)
    assert twice.macro.low == pytest.approx(once.macro.low)
    tied = multiclass_auc(codes, np.full_like(p, 1 / 3), folds, seed=0, draws=200)
    assert tied.macro.value == 0.5
    assert np.isnan(tied.macro.low)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"codes": np.arange(90) % 4}, "0 to 2"),
        ({"folds": np.arange(90)}, "at least 2 of each class"),
        ({"folds": np.zeros(3)}, "must agree"),
        ({"draws": 5}, "at least 100"),
    ],
)
def test_what_can_not_be_judged_is_refused(change: dict[str, object], said: str) -> None:
    codes, p, folds = patients()
    given = {"codes": codes, "folds": folds, "draws": 200} | change
    with pytest.raises(ValueError, match=said):
        multiclass_auc(given["codes"], p, given["folds"], seed=0, draws=given["draws"])  # type: ignore[arg-type]


def test_patients_are_drawn_once_for_all_that_is_told_of_a_system(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    drawn: list[int] = []

    def counted(*args: object, draws: int, **more: object) -> object:
        drawn.append(draws)
        return drawn_weights(*args, draws=draws, **more)  # type: ignore[arg-type]

    monkeypatch.setattr(multiclass, "drawn_weights", counted)
    codes, p, folds = patients()
    target = ClassTarget("t", ("a", "b", "c"), codes)
    yardstick = many_class_yardstick(target, shared=True, seed=0, draws=150)
    scores = Scores(np.arange(90), p[None, :, 2], folds[None], np.full((1, 90), 0.5), p[None])
    found = yardstick.headline(scores)
    assert {"auc of a", "auc of b", "auc of c"} == set(found.parts)
    assert {"accuracy", "brier"} == set(yardstick.figures(scores))
    assert drawn == [150]
    yardstick.gain(scores, {"one": scores, "other": scores})
    assert drawn == [150, 150]
