"""Patients with the network of the fold that never saw them."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from gliokit.analysis.segmentation_evaluation import was_seen
from gliokit.inference import Model, load_model
from gliokit.learning.split import keep_back
from gliokit.study import Cohort, Patient

__all__ = ["HeldOut", "chosen", "held_out", "said"]


@dataclass(frozen=True, slots=True)
class HeldOut:
    """A patient, the fold that he was held out of, and its network."""

    fold: int
    patient: Patient
    model: Model


def held_out(cohort: Cohort, runs: Path, folds: int) -> Iterator[HeldOut]:
    """Every patient of the folds whose network is there, fold by fold.

    RUNS/fold1_fine/model ... are what `train_folds.py` leaves.
    """
    for number in range(1, folds + 1):
        folder = runs / f"fold{number}_fine" / "model"
        if not (folder / "card.json").exists():
            continue
        model = load_model(folder)
        kept = keep_back(cohort, fold=(number, folds))
        for patient in cohort.patients:
            if patient.subject in kept:
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


def said(cases: Sequence[HeldOut], folds: int) -> str:
    """Who they are, in words."""
    there = sorted({c.fold for c in cases})
    missing = [n for n in range(1, folds + 1) if n not in there]
    absent = f"; folds {missing} are not trained yet" if missing else ""
    return (
        f"{len(cases)} patients of BraTS and BraTS-Africa, each by a network that had not seen "
        f"him, of {len(there)} of {folds} folds{absent}"
    )
