"""Tests beside the intervals: could an AUC be chance, and do two systems err alike?"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gliokit.bench.judging import Judgement, Pair
from gliokit.bench.running import Run
from gliokit.bench.scores import Scores, scores_by_system
from gliokit.evaluation import (
    Estimate,
    adjusted_p,
    delong_auc,
    delong_test,
    mcnemar_counts,
    permuted_fold_auc,
)
from gliokit.systems import ClassTarget

__all__ = ["SHUFFLES", "significance_of"]

SHUFFLES = 2000
DIGITS = 3
"""Of a p value that are told."""


def significance_of(
    run: Run,
    judged: Sequence[Judgement],
    pairs: Sequence[Pair],
    *,
    stratum: str = "",
    seed: int = 0,
) -> dict[str, Any]:
    """p values of the answers of the first repeat, in which each patient counts once.

    Of a patient with several scans the first one that is judged counts.

    Args:
        run: What the systems said.
        judged, pairs: What that is worth, in the stratum.
        stratum: The patients of this stratum alone.
        seed: Of the shuffles.

    Returns:
        Of two classes 'permutation': of every system that ranks patients its AUC within folds and
        the one-sided p among `SHUFFLES` shuffles of labels within folds, corrected over the
        systems by Holm. Of classes 'mcnemar': of every pair, and of every system with its best
        baseline, whom one alone gets right at thresholds fixed on training data, and the p
        of McNemar's test, corrected over the pairs by Holm. Empty where the target is no class,
        and where scores of different models are ranked together.

        Of two classes, where one fitted model is judged on one test set, 'delong' besides: its
        'aucs' with DeLong's intervals (Newcombe's where the classes are apart), and the 'pairs' of
        McNemar's with the difference in AUC, its interval and the p of DeLong's paired test,
        corrected over the pairs by Holm. Systems that give all patients one score have no AUC
        there, and a pair is left out where DeLong's variance is 0, as of two perfect ones.
    """
    target = run.cohort.target(run.target)
    if not isinstance(target, ClassTarget) or run.ranks_models_together:
        return {}
    found = {name: s.within(_kept(run, s, stratum)) for name, s in scores_by_system(run).items()}
    beside = [(j.system, j.best_baseline) for j in judged if j.best_baseline]
    beside += [(p.one, p.other) for p in pairs]
    right = {name: _right(target, s) for name, s in found.items()}
    shared = not run.protocol.one_model
    tests = {"mcnemar": _holm([_mcnemar(one, other, right, shared) for one, other in beside])}
    if len(target.classes) > 2:
        return tests
    return {
        "shuffles": SHUFFLES,
        "shared_training": shared,
        "permutation": _holm(_permutations(target, found, shared, seed)),
        **tests,
        **({} if shared else {"delong": _delong(target, found, beside)}),
    }


def _kept(run: Run, s: Scores, stratum: str) -> NDArray[np.bool_]:
    """(patients of the cohort,), the first judged scan of each person of a stratum."""
    kept, seen = np.zeros(len(run.cohort.inputs), dtype=np.bool_), set()
    for row in s.rows:
        person = run.cohort.inputs.persons[row]
        inside = not stratum or run.cohort.strata[row] == stratum
        kept[row] = inside and person not in seen
        if inside:
            seen.add(person)
    return kept


def _right(target: ClassTarget, s: Scores) -> NDArray[np.bool_]:
    """(n,), whom a system's answer names rightly."""
    codes = target.codes[s.rows]
    if s.probabilities is not None:
        return np.asarray(s.probabilities[0].argmax(axis=1) == codes)
    return np.asarray((s.scores[0] >= s.thresholds[0]) == (codes == 1))


def _mcnemar(
    one: str, other: str, right: Mapping[str, NDArray[np.bool_]], shared: bool
) -> dict[str, Any]:
    """The exact p of one model each; where models share training, of chi square halved.

    Without a signal folds that share training err alike more often than independent ones, which
    the exact p takes for a difference.
    """
    from scipy.stats import chi2

    a, b = right[one], right[other]
    found = mcnemar_counts(int((a & ~b).sum()), int((~a & b).sum()))
    p = found.p_exact
    if shared and math.isfinite(found.chi2_corrected):
        p = float(chi2.sf(found.chi2_corrected / 2, 1))
    return {
        "one": one,
        "other": other,
        "n": int(a.size),
        "only_one": found.only_first,
        "only_other": found.only_second,
        "p": p,
    }


def _permutations(
    target: ClassTarget, found: Mapping[str, Scores], shared: bool, seed: int
) -> list[dict[str, Any]]:
    """Of every system but those that give all patients of a fold one score."""
    rows = []
    for name, s in found.items():
        score, fold = s.ranked[0], s.folds[0]
        if not any(np.ptp(score[fold == k]) > 0 for k in np.unique(fold)):
            continue
        # A fold that lacks a class, once each person counts once, has no AUC: no p is told.
        with suppress(ValueError):
            tested = permuted_fold_auc(target.codes[s.rows], score, fold, seed=seed,
                                       permutations=SHUFFLES, shared_training=shared)  # fmt: skip
            rows.append({"system": name, "n": int(s.rows.size), "auc": round(tested.value, 6),
                         "p": tested.p})  # fmt: skip
    return rows


def _delong(
    target: ClassTarget, found: Mapping[str, Scores], beside: Sequence[tuple[str, str]]
) -> dict[str, Any]:
    """Of the test set of one model; empty where it holds fewer than two of a class."""
    labels = {name: target.codes[s.rows] for name, s in found.items()}
    aucs, pairs = [], []
    with suppress(ValueError):
        for name, s in found.items():
            if np.ptp(s.ranked[0]) > 0:
                auc = delong_auc(labels[name], s.ranked[0])
                aucs.append({"system": name, "auc": _rounded(auc)})
        for one, other in beside:
            tested = delong_test(labels[one], found[one].ranked[0], found[other].ranked[0])
            if np.isfinite(tested.p):
                pairs.append({"one": one, "other": other, "p": tested.p,
                              "difference": _rounded(tested.difference)})  # fmt: skip
    return {"aucs": aucs, "pairs": _holm(pairs)}


def _rounded(found: Estimate) -> dict[str, Any]:
    content = asdict(found)
    return content | {k: round(content[k], 6) for k in ("value", "low", "high")}


def _holm(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """With p values corrected for the number of rows."""
    if not rows:
        return []
    corrected = adjusted_p([r["p"] for r in rows], "holm")
    return [
        {**row, "p": _told(row["p"]), "p_holm": _told(float(p))}
        for row, p in zip(rows, corrected, strict=True)
    ]


def _told(p: float) -> float:
    return float(f"{p:.{DIGITS}g}")
