"""Features of a whole cohort, patient by patient, in parallel."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gliokit import __version__
from gliokit.batch import Failure, Job, Outcome, Task, run_batch
from gliokit.features.case import fingerprint, open_case
from gliokit.features.patient import CaseFeatures, case_features
from gliokit.features.settings import FeatureSettings
from gliokit.study import Cohort, Patient

__all__ = ["CohortFeatures", "cohort_features"]


def _silent(_: str) -> None:
    return


@dataclass(frozen=True, slots=True)
class CohortFeatures:
    """Features of the patients that have them, in the cohort's order, and who failed, why.

    `seconds` and `processor_seconds` are the sums of all patients', when they were measured;
    `reused` counts the patients of an earlier run.
    """

    patients: tuple[CaseFeatures, ...]
    failures: tuple[Failure, ...]
    seconds: float
    processor_seconds: float
    reused: int


def cohort_features(
    cohort: Cohort,
    settings: FeatureSettings,
    *,
    workers: int = 1,
    cluster: str | None = None,
    kept: Path | None = None,
    progress: Callable[[str], None] = _silent,
) -> CohortFeatures:
    """Features of every patient; one whose images can't be used is listed, the rest goes on.

    Args:
        cohort: Of `read_cohort`.
        settings: Which features.
        workers: As in `run_batch`; so are the next three.
        cluster: A Dask scheduler.
        kept: Folder of patients that are done.
        progress: Told how far it is.

    Raises:
        UsageError: settings that can't be; no such cluster or model.
        OutputError: a value can't be kept.
    """
    settings.check()
    outcomes = run_batch(
        Task(_measured, _content, settings.digest(), __version__),
        [Job(p.subject, (p, settings)) for p in cohort.patients],
        workers=workers,
        cluster=cluster,
        kept=kept,
        progress=progress,
    )
    return CohortFeatures(
        tuple(_again(o) for o in outcomes if o.failure is None),
        tuple(o.failure for o in outcomes if o.failure is not None),
        sum(o.seconds for o in outcomes),
        sum(o.processor_seconds for o in outcomes),
        sum(o.reused for o in outcomes),
    )


def _measured(argument: tuple[Patient, FeatureSettings]) -> dict[str, Any]:
    patient, settings = argument
    return asdict(case_features(open_case(patient, settings), settings))


def _content(argument: tuple[Patient, FeatureSettings]) -> str:
    return fingerprint(argument[0])


def _again(outcome: Outcome) -> CaseFeatures:
    value = outcome.value
    return CaseFeatures(
        outcome.name,
        value["values"],
        value["reasons"],
        tuple(value["absent"]),
        tuple(value["notices"]),
    )
