"""Patients with the network of the fold that never saw them."""

from __future__ import annotations

import argparse
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gliokit.analysis.segmentation_evaluation import was_seen
from gliokit.inference import Model, load_model
from gliokit.learning.split import keep_back
from gliokit.study import Cohort, Patient

__all__ = [
    "HeldOut",
    "best_elsewhere",
    "chosen",
    "fold_of",
    "held_out",
    "not_trained",
    "part_of",
    "runs_parser",
    "said",
]


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A patient, the fold that he was held out of, and its network."""

    fold: int
    patient: Patient
    model: Model


def runs_parser(doc: str | None, *, folds: bool = True) -> argparse.ArgumentParser:
    """Arguments of what looks at RUNS with a cohort, described by the first line of a text."""
    parser = argparse.ArgumentParser(description=(doc or "").splitlines()[0])
    parser.add_argument("runs", type=Path)
    parser.add_argument("--cohort", type=Path, required=True)
    parser.add_argument("--root", type=Path)
    if folds:
        parser.add_argument("--folds", type=int, default=5)
    return parser


def part_of(cohort: Cohort, names: Collection[str]) -> Cohort:
    """The patients of these names."""
    return replace(cohort, patients=tuple(p for p in cohort.patients if p.subject in names))


def fold_of(cohort: Cohort, number: int, folds: int) -> Cohort:
    """The patients whom the networks of a fold never see."""
    return part_of(cohort, keep_back(cohort, fold=(number, folds)))


def held_out(cohort: Cohort, runs: Path, folds: int) -> Iterator[HeldOut]:
    """Every patient of the folds whose network is there, fold by fold.

    RUNS/fold1_fine/model ... are what `train_folds.py` leaves.
    """
    for number in range(1, folds + 1):
        folder = runs / f"fold{number}_fine" / "model"
        if not (folder / "card.json").exists():
            continue
        model = load_model(folder)
        for patient in fold_of(cohort, number, folds).patients:
            assert was_seen(patient, model.card) is False
            yield HeldOut(number, patient, model)


def chosen(cases: Sequence[HeldOut], count: int) -> list[HeldOut]:
    """So many of them, from all folds and collections alike: evenly spread in that order."""
    ordered = sorted(
        cases, key=lambda c: (c.patient.attributes["collection"], c.fold, c.patient.subject)
    )
    if len(ordered) <= count:
        return ordered
    return [ordered[round(n * (len(ordered) - 1) / (count - 1))] for n in range(count)]


def said(cases: Sequence[HeldOut], folds: int, *, of: Sequence[HeldOut] | None = None) -> str:
    """Who they are, in words; if they were chosen, of whom."""
    there = {c.fold for c in of or cases}
    return (
        f"{len(cases)} patients of BraTS and BraTS-Africa, each by a network that had not seen "
        f"him, of {len({c.fold for c in cases})} of {folds} folds{not_trained(there, folds)}"
    )


def not_trained(there: Collection[int], folds: int) -> str:
    """Folds that are missing, in words; '' of none."""
    missing = [n for n in range(1, folds + 1) if n not in there]
    return f"; folds {missing} are not trained yet" if missing else ""


def best_elsewhere(scores: NDArray[np.float64], folds: Sequence[int]) -> dict[int, int]:
    """Fold -> the choice with the best mean over the patients of all other folds.

    Args:
        scores: (patient, choice).
        folds: (patient,).
    """
    of = np.array(folds)
    return {f: int(scores[of != f].mean(axis=0).argmax()) for f in sorted(set(folds))}
