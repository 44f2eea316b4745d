"""Who is kept apart from those that a network learns from: held out, or watched to stop early."""

from __future__ import annotations

from collections.abc import Sequence

from gliokit.inference import DIGITAL, TrainingPatient
from gliokit.learning.settings import TrainingSettings
from gliokit.learning.split import hold_out
from gliokit.study import Patient, UsageError

__all__ = ["check_held_out", "check_shares", "watched_patients"]


def check_held_out(
    kept: Sequence[str], patients: Sequence[Patient], seen: Sequence[TrainingPatient]
) -> None:
    """Hold that nobody who is held out is seen, under the name of another scan either.

    Args:
        kept: Names of the patients who are held out.
        patients: Of the cohort.
        seen: Everybody that the run and the networks that it builds on learn from.

    Raises:
        UsageError: somebody is in both.
    """
    names = _names(seen)
    other_names = {p.subject: _known_as(p) for p in patients}
    known = sorted(subject for subject in kept if other_names.get(subject, {subject}) & names)
    if known:
        raise UsageError(
            "a patient that is held out has been seen by no network that the run builds on, "
            "nor by the run under another name",
            found=", ".join(known),
            way_out="Start from a run with the same patients held out; hold out all scans of "
            "a patient (column 'patient').",
        )


def check_shares(learners: Sequence[Patient], settings: TrainingSettings) -> None:
    """Hold that there are patients of both kinds where digital ones have a share of the examples.

    Raises:
        UsageError: there are only digital patients, or none.
    """
    if settings.digital_share is None:
        return
    digital = sum(_is_digital(p) for p in learners)
    if not 0 < digital < len(learners):
        raise UsageError(
            "digital patients have a share of the examples beside real ones",
            source="digital_share",
            found=f"{digital} digital of {len(learners)} patients",
            way_out=f"Name digital patients in the table (column 'collection': '{DIGITAL}'), or "
            "leave 'digital_share' out.",
        )


def watched_patients(
    learners: Sequence[Patient], settings: TrainingSettings, seen: Sequence[TrainingPatient]
) -> tuple[str, ...]:
    """The patients, of those to learn from, who end the run when they no longer gain.

    Drawn of those whom the start of the run hasn't seen: the others would look learnt from
    the first step on, and never get better. Where digital patients have a share of the
    examples, real ones alone are watched.

    Args:
        learners: Everybody that the run has.
        settings: Of the run; nobody is watched unless it stops early.
        seen: Whom the network that it starts from has learnt from.

    Raises:
        UsageError: nobody is left to watch, or nobody to learn from.
    """
    if settings.stop_early is None:
        return ()
    names = _names(seen)
    real_alone = settings.digital_share is not None
    learners = [p for p in learners if not (real_alone and _is_digital(p))]
    strangers = [p for p in learners if not _known_as(p) & names]
    count = max(1, round(settings.stop_early.share * len(learners)))
    if len(strangers) < count or len(learners) <= count:
        raise UsageError(
            "a run that stops early keeps back patients whom the network that it starts from "
            f"has not seen, {count} here, and learns from others",
            source="stop_early",
            found=f"{len(strangers)} of {len(learners)} patients",
            way_out="Start without --init or from a network that hasn't seen all, set a smaller "
            "share, or train without --stop-early.",
        )
    strata = [p.attributes.get("collection", "") for p in strangers]
    subjects = [p.subject for p in strangers]
    if len(strangers) == count:
        return tuple(sorted(subjects))
    return hold_out(subjects, strata, count=count, seed=settings.seed)


def _is_digital(patient: Patient) -> bool:
    return patient.attributes.get("collection") == DIGITAL


def _known_as(patient: Patient) -> set[str]:
    return {patient.subject, patient.attributes.get("patient", "")} - {""}


def _names(seen: Sequence[TrainingPatient]) -> set[str]:
    return {name for p in seen for name in (p.subject, p.patient)} - {""}
