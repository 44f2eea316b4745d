"""How far each feature of a cohort can be trusted."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import numpy as np

from gliokit import __version__
from gliokit.batch import Failure, Job, Task, run_batch
from gliokit.evaluation import (
    Agreement,
    bland_altman,
    concordance,
    icc_agreement,
    icc_consistency,
)
from gliokit.features.case import fingerprint, open_case
from gliokit.features.settings import FeatureSettings
from gliokit.features.variants import UNCHANGED, between_masks, kind_of, under_perturbations
from gliokit.study import Cohort, Patient, UsageError

__all__ = ["EVERY", "Against", "RobustnessRow", "cohort_robustness"]

EVERY = "every"
"""The row of all perturbations together."""

FEWEST = 3
"""Patients that a coefficient needs."""

Against = Literal["perturbations", "masks"]
Place = tuple[str, str, str]


@dataclass(frozen=True, slots=True)
class RobustnessRow:
    """Agreement of one feature with itself under one kind of change.

    `icc_agreement` is ICC(2,1) and `icc_consistency` ICC(3,1) of the unchanged value and all
    changed ones; `ccc` is the concordance with the changed value that agrees least, and
    `difference` to `upper_limit` are Bland and Altman's of the same pair (unchanged minus
    changed). `n` counts the patients in whom no value is missing. NaN where the feature
    doesn't vary, or less than three patients have it.
    """

    region: str
    image: str
    feature: str
    change: str
    n: int
    icc_agreement: float
    icc_agreement_low: float
    icc_agreement_high: float
    icc_consistency: float
    icc_consistency_low: float
    icc_consistency_high: float
    ccc: float
    ccc_low: float
    ccc_high: float
    difference: float
    lower_limit: float
    upper_limit: float
    settings: str
    gliokit: str = __version__


def _silent(_: str) -> None:
    return


def cohort_robustness(
    cohort: Cohort,
    settings: FeatureSettings,
    *,
    against: Against = "perturbations",
    seed: int = 0,
    workers: int = 1,
    cluster: str | None = None,
    kept: Path | None = None,
    progress: Callable[[str], None] = _silent,
) -> tuple[tuple[RobustnessRow, ...], tuple[Failure, ...]]:
    """Agreement of every feature under perturbations, or between two masks of each patient.

    Args:
        cohort: At least three patients.
        settings: Which features; signs and those of networks are left out.
        against: 'perturbations' of images, masks and bins; or 'masks', the expert's and
            the network's.
        seed: Of perturbations.
        workers: As in `run_batch`; so are the next three.
        cluster: A Dask scheduler.
        kept: Folder of patients that are done.
        progress: Told how far it is.

    Returns:
        A row a feature and kind of change, and the patients that failed.

    Raises:
        UsageError: less than three patients; settings that can't be.
        OutputError: a value can't be kept.
    """
    if len(cohort.patients) < FEWEST:
        raise UsageError(f"agreement needs at least {FEWEST} patients", found=len(cohort.patients))
    chosen = settings.model_copy(
        update={
            "groups": tuple(g for g in settings.groups if g in ("radiomics", "margin")),
            "maps": "automatic" if against == "masks" else settings.maps,
        }
    )
    if not chosen.groups:
        raise UsageError("radiomics or margin is perturbed", found=", ".join(settings.groups))
    chosen.check()
    outcomes = run_batch(
        Task(_varied, _content, f"{chosen.digest()} {against} {seed}", __version__),
        [Job(p.subject, (p, chosen, against, seed)) for p in cohort.patients],
        workers=workers,
        cluster=cluster,
        kept=kept,
        progress=progress,
    )
    found = [o.value for o in outcomes if o.failure is None]
    failures = tuple(o.failure for o in outcomes if o.failure is not None)
    return tuple(_rows(found, chosen.digest())), failures


def _varied(argument: tuple[Patient, FeatureSettings, Against, int]) -> dict[str, Any]:
    patient, settings, against, seed = argument
    if against == "masks":
        return dict(between_masks(patient, settings))
    return dict(under_perturbations(open_case(patient, settings), settings, seed=seed))


def _content(argument: tuple[Patient, FeatureSettings, Against, int]) -> str:
    return fingerprint(argument[0])


def _rows(patients: Sequence[Mapping[str, Any]], settings: str) -> Iterable[RobustnessRow]:
    variants = list(dict.fromkeys(v for p in patients for v in p if v != UNCHANGED))
    kinds = list(dict.fromkeys(kind_of(v) for v in variants))
    places = dict.fromkeys(
        (region, image, feature)
        for p in patients
        for region, by_image in p[UNCHANGED].items()
        for image, features in by_image.items()
        for feature in features
    )
    changes = {kind: [v for v in variants if kind_of(v) == kind] for kind in kinds}
    if len(kinds) > 1:
        changes[EVERY] = variants
    for place in places:
        for change, names in changes.items():
            table = _table(patients, place, (UNCHANGED, *names))
            figures: tuple[Any, ...] = (*place, change, *_figures(table), settings)
            yield RobustnessRow(*figures)


def _table(
    patients: Sequence[Mapping[str, Any]], place: Place, variants: Sequence[str]
) -> np.ndarray[Any, np.dtype[np.float64]]:
    """(patient, variant); patients with a value that is missing are left out."""
    rows = [[_value(p, v, place) for v in variants] for p in patients]
    table = np.array(rows, dtype=np.float64).reshape(-1, len(variants))
    kept: np.ndarray[Any, np.dtype[np.float64]] = table[np.isfinite(table).all(axis=1)]
    return kept


def _value(patient: Mapping[str, Any], variant: str, place: Place) -> float:
    region, image, feature = place
    found = patient.get(variant, {}).get(region, {}).get(image, {}).get(feature, math.nan)
    return float(found)


def _figures(table: np.ndarray[Any, np.dtype[np.float64]]) -> tuple[Any, ...]:
    """From `n` to `upper_limit`."""
    n = len(table)
    if n < FEWEST:
        return (n, *[math.nan] * 12)
    unchanged, changed = table[:, 0], table[:, 1:].T
    pairs = [concordance(unchanged, other) for other in changed]
    least = min(range(len(pairs)), key=lambda p: _or_least(pairs[p].value))
    limits = bland_altman(unchanged, changed[least])
    return (
        n,
        *_three(icc_agreement(table)),
        *_three(icc_consistency(table)),
        *_three(pairs[least]),
        limits.difference,
        limits.lower,
        limits.upper,
    )


def _three(agreement: Agreement) -> tuple[float, float, float]:
    return agreement.value, agreement.low, agreement.high


def _or_least(value: float) -> float:
    return -math.inf if math.isnan(value) else value
