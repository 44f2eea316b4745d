"""Models whose masks or features a cohort holds, and which of its patients they learnt from."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gliokit.bench.cohort import BenchCohort
from gliokit.inference import ModelCard
from gliokit.study import Identities, People, StudyError

__all__ = ["Automatic", "automatic", "check_unseen"]

SHOWN = 8


@dataclass(frozen=True, slots=True, eq=False)
class Automatic:
    """A model whose masks or features the cohort holds.

    Args:
        model: Name and version.
        known: Whether its card says whom it learnt from.
        learnt_from: (n,) of the cohort, whom it learnt from.
        persons: All whom it learnt from, of the cohort or not.
    """

    model: str
    known: bool
    learnt_from: NDArray[np.bool_]
    persons: tuple[str, ...]


def automatic(card: ModelCard, cohort: BenchCohort, identities: Identities) -> Automatic:
    """A model and whom of a cohort it learnt from, by the rule of `gliokit.study.person`.

    Args:
        card: Of the model.
        cohort: With the names and collections of its table.
        identities: Tables of who is who.
    """
    named = [(identities.person(name), p.collection)
             for p in card.patients for name in (p.subject, p.patient) if name]  # fmt: skip
    people = People.of(named)
    rows = zip(cohort.inputs.subjects, cohort.inputs.persons, cohort.collections, strict=True)
    learnt_from = np.array(
        [
            any(people.hold(identities.person(name), collection) for name in (subject, person))
            for subject, person, collection in rows
        ],
        dtype=np.bool_,
    )
    persons = tuple(name for name, _ in named)
    return Automatic(f"{card.name} {card.version}", card.trained_on_known, learnt_from, persons)


def check_unseen(found: Automatic, subjects: Sequence[str], tested: NDArray[np.bool_]) -> None:
    """Refuse masks or features of a model that has learnt from a patient who is tested.

    Args:
        found: The model.
        subjects: (n,) names.
        tested: (n,), who is in a test fold.

    Raises:
        StudyError: with the names.
    """
    both = [s for s, seen in zip(subjects, found.learnt_from & tested, strict=True) if seen]
    if both:
        raise StudyError(
            "a model whose masks or features are used has not learnt from a patient who is judged",
            source=found.model,
            found=f"{len(both)} whom it has: {', '.join(both[:SHOWN])}",
            way_out="Leave them out, or only learn from them (a site that is not judged); or take "
            "masks of a model that was trained without them.",
        )
