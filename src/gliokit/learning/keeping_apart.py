"""Who is kept apart from those that a network learns from: held out, or watched to stop early."""

from __future__ import annotations

from collections.abc import Sequence

from gliokit.inference import DIGITAL, TrainingPatient
from gliokit.learning.persons import is_digital, names_of, scans_by_person
from gliokit.learning.settings import TrainingSettings
from gliokit.learning.split import hold_out
from gliokit.study import Patient, People, UsageError

__all__ = ["check_held_out", "check_shares", "watched_patients"]


def check_held_out(
    kept: Sequence[str], patients: Sequence[Patient], seen: Sequence[TrainingPatient]
) -> None:
    """Hold that nobody who is held out is seen, under the name of another scan either.

    Who is who is told by `gliokit.study.person`, as in the bench. Digital patients are nobody:
    they are compared among themselves alone.

    Args:
        kept: Names of the patients who are held out.
        patients: Of the cohort.
        seen: Everybody that the run and the networks that it builds on learn from.

    Raises:
        UsageError: somebody is in both.
    """
    there = _Seen(seen)
    names = {p.subject: names_of(p) for p in patients}
    known = sorted(s for s in kept if there.holds(names.get(s, [(s, "")])))
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
    digital = sum(is_digital(p) for p in learners)
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
    """The scans, of those to learn from, that end the run when they no longer gain.

    Drawn by patient, all scans of one together, of those whom the start of the run hasn't seen:
    the others would look learnt from the first step on, and never get better. Where digital
    patients have a share of the examples, real ones alone are watched.

    Args:
        learners: Everybody that the run has.
        settings: Of the run; nobody is watched unless it stops early.
        seen: Whom the network that it starts from has learnt from.

    Raises:
        UsageError: nobody is left to watch, or nobody to learn from.
    """
    if settings.stop_early is None:
        return ()
    there = _Seen(seen)
    real_alone = settings.digital_share is not None
    scans = scans_by_person([p for p in learners if not (real_alone and is_digital(p))])
    strangers = {
        mine[0].subject: mine
        for mine in scans
        if not any(there.holds(names_of(scan)) for scan in mine)
    }
    count = max(1, round(settings.stop_early.share * len(scans)))
    if len(strangers) < count or len(scans) <= count:
        raise UsageError(
            "a run that stops early keeps back patients whom the network that it starts from "
            f"has not seen, {count} here, and learns from others",
            source="stop_early",
            found=f"{len(strangers)} of {len(scans)} patients",
            way_out="Start without --init or from a network that hasn't seen all, set a smaller "
            "share, or train without --stop-early.",
        )
    drawn: Sequence[str] = list(strangers)
    if len(strangers) > count:
        strata = [mine[0].attributes.get("collection", "") for mine in strangers.values()]
        drawn = hold_out(drawn, strata, count=count, seed=settings.seed)
    return tuple(sorted(scan.subject for first in drawn for scan in strangers[first]))


class _Seen:
    """Everybody that networks have seen; digital patients are known among themselves alone."""

    def __init__(self, seen: Sequence[TrainingPatient]) -> None:
        self._real = _people([p for p in seen if p.collection != DIGITAL])
        self._digital = _people([p for p in seen if p.collection == DIGITAL])

    def holds(self, names: Sequence[tuple[str, str]]) -> bool:
        """Whether one of a patient's names, with their collections, is known."""
        return any(
            (self._digital if collection == DIGITAL else self._real).hold(name, collection)
            for name, collection in names
        )


def _people(seen: Sequence[TrainingPatient]) -> People:
    return People.of((name, p.collection) for p in seen for name in (p.subject, p.patient))
