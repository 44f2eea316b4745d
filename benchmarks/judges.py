"""Do the judges of evaluation/ keep their promises, on cohorts whose truth is known?

    python benchmarks/judges.py

Writes results/evaluation/statistics.json: how often a cross-validation without a signal
excludes chance, by three kinds of interval; how often a planted signal is found; how often
other intervals hold the truth; what the checker says of published figures.
"""

from __future__ import annotations

import argparse
import math
import time
from collections.abc import Callable, Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray
from record import figure, store

from gliokit.evaluation.calibration import calibration_line
from gliokit.evaluation.classification import Confusion, rates
from gliokit.evaluation.consistency import check_rates
from gliokit.evaluation.cox import fit_cox
from gliokit.evaluation.delong import delong_auc
from gliokit.evaluation.fold_auc import cross_validated_auc, cross_validated_gain
from gliokit.evaluation.proportion import wilson_interval
from gliokit.evaluation.survival_curve import kaplan_meier

Array = NDArray[np.float64]
Rule = Callable[[Array, Array, Array], Array]
DRAWS = 400

# Sensitivity, specificity and accuracy as quoted; those of zhuge2020 and gao2020 not read again.
PUBLISHED = (
    ("zhuge2020", (".947", ".968", ".971"), {}),
    ("zhuge2020, slices", (".935", ".972", ".963"), {}),
    ("bae2020", ("90.6 %", "88.0 %", "89.0 %"), {"n": 82, "positives": 32}),
    ("gao2020", (".947", ".817", ".903"), {"n": 146, "positives": 96}),
    ("ying2025", (".78", ".94", ".91"), {"n": 234, "positives": 192}),
)


def centroid(seen: Array, labels: Array, unseen: Array) -> Array:
    """Along the line between the means of the classes."""
    return unseen @ (seen[labels == 1].mean(0) - seen[labels == 0].mean(0))


def ridge(seen: Array, labels: Array, unseen: Array) -> Array:
    """Linear regression with a penalty of 1."""
    gram = seen.T @ seen + np.eye(seen.shape[1])
    return unseen @ np.linalg.solve(gram, seen.T @ (labels - labels.mean()))


def neighbours(seen: Array, labels: Array, unseen: Array) -> Array:
    """The share of positives among the five nearest."""
    distance = ((unseen[:, None] - seen) ** 2).sum(-1)
    nearest: Array = labels[np.argsort(distance, axis=1)[:, :5]].mean(1)
    return nearest


def best_feature(seen: Array, labels: Array, unseen: Array) -> Array:
    """The one feature that separates the training classes most."""
    gap = seen[labels == 1].mean(0) - seen[labels == 0].mean(0)
    best = int(np.argmax(np.abs(gap)))
    return unseen[:, best] * np.sign(gap[best])


RULES: dict[str, Rule] = {
    "centroid": centroid,
    "ridge": ridge,
    "neighbours": neighbours,
    "best feature": best_feature,
}
# Patients, share of positives, features, folds.
DESIGNS = ((40, 0.3, 5, 5), (100, 0.4, 5, 5), (100, 0.4, 50, 5), (100, 0.4, 50, 10))


def cohorts(
    design: tuple[int, float, int, int], *, effect: float, count: int, seed: int
) -> Iterator[tuple[Array, Array, NDArray[np.int64]]]:
    """Labels, features and stratified folds; the first feature holds the effect."""
    n, share, features, folds = design
    generator = np.random.default_rng(seed)
    for _ in range(count):
        labels = generator.permutation(np.arange(n) < round(n * share)).astype(float)
        table = generator.normal(size=(n, features))
        table[:, 0] += effect * labels
        fold = np.empty(n, np.int64)
        for value in (0, 1):
            rows = generator.permutation(np.flatnonzero(labels == value))
            fold[rows] = np.arange(rows.size) % folds
        yield labels, table, fold


def held_out_scores(rule: Rule, labels: Array, table: Array, fold: NDArray[np.int64]) -> Array:
    """Scores of each patient by the rule of the other folds."""
    scores = np.empty(labels.size)
    for k in np.unique(fold):
        scores[fold == k] = rule(table[fold != k], labels[fold != k], table[fold == k])
    return scores


def share(count: int, n: int) -> dict[str, Any]:
    """A share of cohorts with Wilson's interval."""
    low, high = wilson_interval(count, n)
    return figure(count / n, low=low, high=high, n=n, unit="share of cohorts")


def chance(count: int, seed: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """How often chance is excluded without a signal, by rule and design."""
    rows = []
    for design in DESIGNS:
        for name, rule in RULES.items():
            excluded, means = np.zeros(3, int), []
            for labels, table, fold in cohorts(design, effect=0, count=count, seed=seed):
                scores = held_out_scores(rule, labels, table, fold)
                found = cross_validated_auc(labels, scores, fold, seed=seed, draws=DRAWS).mean
                independent = found.value - (found.value - found.low) / math.sqrt(2)
                pooled = delong_auc(labels, scores)
                excluded += [found.low > 0.5, independent > 0.5, pooled.excludes(0.5)]
                means.append(found.value)
            variance = np.var(means) / null_variance(labels, fold)
            row = {"check": "no signal", "rule": name, "patients": design[0]}
            row |= {"positives": design[1], "features": design[2], "folds": design[3]}
            kinds = ("widened", "independent_folds", "pooled_delong_either_side")
            row |= {k: round(int(e) / count, 4) for k, e in zip(kinds, excluded, strict=True)}
            rows.append(row | {"variance_ratio": round(float(variance), 3), "cohorts": count})
            print(rows[-1], flush=True)
    total = count * len(rows)
    figures = {
        f"no_signal_{kind}": share(round(sum(r[kind] for r in rows) * count), total)
        for kind in ("widened", "independent_folds", "pooled_delong_either_side")
    }
    worst = max(rows, key=lambda r: float(r["widened"]))
    figures["no_signal_widened_worst"] = share(round(worst["widened"] * count), count)
    ratios = [r["variance_ratio"] for r in rows]
    figures["variance_ratio"] = figure(
        float(np.mean(ratios)), low=min(ratios), high=max(ratios), n=len(rows), unit="ratio"
    )
    return figures, rows


def null_variance(labels: Array, fold: NDArray[np.int64]) -> float:
    """Of the mean of AUCs within folds, were these independent and without a signal."""
    sizes = [(int((labels[fold == k] == 1).sum()), int((fold == k).sum())) for k in set(fold)]
    return sum((n + 1) / (12 * m * (n - m)) for m, n in sizes) / len(sizes) ** 2


def signal(count: int, seed: int) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """How often a planted signal excludes chance and a gain over a baseline is claimed."""
    figures, rows = {}, []
    for n in (60, 100, 200):
        design, aucs, intervals = (n, 0.4, 5, 5), [], []
        for labels, table, fold in cohorts(design, effect=1, count=count, seed=seed):
            scores = held_out_scores(ridge, labels, table, fold)
            found = cross_validated_auc(labels, scores, fold, seed=seed, draws=DRAWS)
            aucs.append(found.mean.value)
            intervals.append(found)
        truth = float(np.mean(aucs))
        excluded = sum(i.excludes_chance for i in intervals)
        held = sum(not i.mean.excludes(truth) for i in intervals)
        figures[f"signal_found_at_{n}_patients"] = share(excluded, count)
        figures[f"signal_interval_holds_at_{n}_patients"] = share(held, count)
        rows.append({"check": "signal", "patients": n, "mean_auc": round(truth, 4)})
    for name, effect in (("gain_claimed_without_one", 0.0), ("gain_found", 2.0)):
        better = 0
        for labels, table, fold in cohorts((100, 0.4, 5, 5), effect=effect, count=count, seed=1):
            table[:, 1] += 0.8 * labels
            scores = held_out_scores(ridge, labels, table, fold)
            baseline = held_out_scores(ridge, labels, table[:, 1:2], fold)
            better += cross_validated_gain(
                labels, scores, {"second feature": baseline}, fold, seed=seed, draws=DRAWS
            ).better
        figures[name] = share(better, count)
    return figures, rows


def coverage(count: int, seed: int) -> dict[str, Any]:
    """How often 95 % intervals hold the truth."""
    generator = np.random.default_rng(seed)
    held = dict.fromkeys(("delong", "mcc", "f1", "calibration_slope", "kaplan_meier", "cox"), 0)
    shares = np.array([0.3, 0.1, 0.5, 0.1])
    large = rates(Confusion(*(int(s * 1_000_000) for s in shares)))
    labels = np.repeat([1, 0], [30, 50])
    for _ in range(count):
        scores = generator.normal(size=80) + labels
        held["delong"] += not delong_auc(labels, scores).excludes(0.7602499)
        found = rates(Confusion(*generator.multinomial(60, shares).tolist()))
        held["mcc"] += not found.mcc.excludes(large.mcc.value)
        held["f1"] += not found.f1.excludes(large.f1.value)
        logit = generator.normal(0, 1.5, 200)
        outcome = generator.random(200) < 1 / (1 + np.exp(-logit))
        line = calibration_line(outcome, 1 / (1 + np.exp(-2 * logit)))
        held["calibration_slope"] += not line.slope.excludes(0.5)
        group = generator.integers(0, 2, 100)
        time_of = generator.exponential(np.where(group, 0.5, 1.0))
        end = generator.uniform(0.2, 3, 100)
        seen, event = np.minimum(time_of, end), time_of <= end
        curve = kaplan_meier(seen, event)
        at = int(np.searchsorted(curve.time, 0.5, side="right")) - 1
        truth = (math.exp(-0.5) + math.exp(-1)) / 2
        held["kaplan_meier"] += bool(curve.low[at] <= truth <= curve.high[at])
        held["cox"] += not fit_cox(seen, event, group).hazard_ratios()[0].excludes(2)
    return {f"{name}_interval_holds": share(h, count) for name, h in held.items()}


def published() -> list[dict[str, Any]]:
    """What the checker says of figures as they are quoted."""
    rows = []
    for name, triple, sizes in PUBLISHED:
        found = check_rates(*triple, **sizes)
        span = None if found.prevalence is None else [round(p, 4) for p in found.prevalence]
        rows.append({"check": "published", "system": name, "printed": list(triple)} | sizes)
        rows[-1] |= {"verdict": found.verdict, "positives_that_fit": span}
        rows[-1]["tables"] = len(found.tables)
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--cohorts", type=int, default=400)
    parser.add_argument("--seed", type=int, default=0)
    arguments = parser.parse_args()
    began = time.monotonic()
    figures, rows = chance(arguments.cohorts, arguments.seed)
    more, others = signal(arguments.cohorts, arguments.seed)
    figures |= more | coverage(arguments.cohorts, arguments.seed)
    figures["seconds"] = figure(time.monotonic() - began, n=1, unit="s")
    path = store(
        "evaluation/statistics",
        command=f"python benchmarks/judges.py --cohorts {arguments.cohorts}",
        data=f"simulated cohorts, {arguments.cohorts} a design; published figures",
        seed=arguments.seed,
        figures=figures,
        rows=[*rows, *others, *published()],
    )
    print(f"stored {path}")


if __name__ == "__main__":
    main()
