"""How strongly each target shows: from nothing over what is published to more."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from itertools import pairwise
from math import isfinite

from gliokit.phantom.population.classes import GliomaClass, class_shares
from gliokit.phantom.population.draws import Draws
from gliokit.study import UsageError

__all__ = ["MOST_EFFECT", "TARGETS", "EffectScale", "latent_place", "shown_class"]

MOST_EFFECT = 5.0


@dataclass(frozen=True, slots=True)
class EffectScale:
    """Strength of each target's link to what a system sees; 1 as published.

    What is seen of a patient (image, age, sex, performance, treatment) is that of a class
    of glioma. Up to 1 a scale is the share of patients who show their own class; the
    others show one drawn at random, so that differences between groups are as many times
    the published ones, and at 0 there are none whatever, while the whole cohort looks as
    before. Above 1 all show their own, and the distance between the classes grows by the
    scale, on the scale of each sign (probit, log, logit).

    Classes form a chain: IDH, then codeletion within IDH, then histological grade within
    both. Where an upper one does not show, what is below it can't either.

    Args:
        idh: Of IDH mutation, and of all that goes with it.
        codeletion: Of 1p/19q codeletion among IDH-mutant tumours.
        grade: Of the histological grade among tumours of the same IDH and 1p/19q.
        mgmt: Of MGMT methylation, which only goes with IDH: no image effect at any scale.
        survival: Of all that the hazard of death depends on, times their log hazard ratio.

    Raises:
        UsageError: a scale below 0 or above 5; one above 0 below one that is 0.
    """

    idh: float = 1.0
    codeletion: float = 1.0
    grade: float = 1.0
    mgmt: float = 1.0
    survival: float = 1.0

    def __post_init__(self) -> None:
        for field in fields(self):
            value = getattr(self, field.name)
            if not (isfinite(value) and 0 <= value <= MOST_EFFECT):
                raise UsageError(
                    f"an effect lies between 0 (none) and {MOST_EFFECT:g}; 1 is as published",
                    source=f"effect {field.name}",
                    found=value,
                )
        chain = ("idh", "codeletion", "grade")
        for upper, lower in pairwise(chain):
            if getattr(self, upper) == 0 and getattr(self, lower) > 0:
                raise UsageError(
                    f"what does not show {upper} can't show {lower}, which tells of it",
                    source=f"effect {lower}",
                    found=f"{getattr(self, lower):g} with {upper} 0",
                    way_out=f"Leave {lower} out, or set it to 0 too.",
                )

    @classmethod
    def of(cls, given: Mapping[str, float]) -> EffectScale:
        """From some of the names; the rest is 1, or 0 below one that is given as 0.

        Raises:
            UsageError: an unknown name; else as the class.
        """
        unknown = sorted(set(given) - set(TARGETS))
        if unknown:
            raise UsageError(
                f"an effect is one of {', '.join(TARGETS)}",
                source="effect",
                found=", ".join(unknown),
                way_out="Other markers go with their class alone: scale that.",
            )
        values = {name: float(value) for name, value in given.items()}
        if values.get("idh") == 0:
            values.setdefault("codeletion", 0.0)
        if values.get("codeletion") == 0:
            values.setdefault("grade", 0.0)
        return cls(**values)


TARGETS = tuple(f.name for f in fields(EffectScale))


def shown_class(own: GliomaClass, draws: Draws, effect: EffectScale) -> GliomaClass:
    """The class that the images and the person of a patient are those of."""
    if not draws.happens("shows_idh", effect.idh):
        return _other(draws, lambda _: True)
    if own.idh_mutant and not draws.happens("shows_codeletion", effect.codeletion):
        return _other(draws, lambda c: c.idh_mutant == own.idh_mutant)
    if not draws.happens("shows_grade", effect.grade):
        return _other(draws, lambda c: c.lineage == own.lineage)
    return own


def _other(draws: Draws, may_be: Callable[[GliomaClass], bool]) -> GliomaClass:
    shares = {c: s for c, s in class_shares().items() if may_be(c)}
    return list(shares)[draws.choice("shown_class", list(shares.values()))]


def latent_place(
    shown: GliomaClass, effect: EffectScale, place: Callable[[GliomaClass], float]
) -> float:
    """Where a class lies on the scale of a sign, distances above the published ones scaled.

    Definition: m + max(1, e_idh) (m_idh - m) + max(1, e_codeletion) (m_lineage - m_idh) +
    max(1, e_grade) (m_class - m_lineage), each m a mean over the classes by their share.

    Args:
        shown: The class.
        effect: Its scales up to 1 change nothing here.
        place: Published place of each class.
    """
    if max(effect.idh, effect.codeletion, effect.grade) <= 1:
        return place(shown)

    def mean(may_be: Callable[[GliomaClass], bool]) -> float:
        shares = {c: s for c, s in class_shares().items() if may_be(c)}
        return sum(place(c) * s for c, s in shares.items()) / sum(shares.values())

    all_classes = mean(lambda _: True)
    same_idh = mean(lambda c: c.idh_mutant == shown.idh_mutant)
    same_lineage = mean(lambda c: c.lineage == shown.lineage)
    return (
        all_classes
        + max(1.0, effect.idh) * (same_idh - all_classes)
        + max(1.0, effect.codeletion) * (same_lineage - same_idh)
        + max(1.0, effect.grade) * (place(shown) - same_lineage)
    )
