"""What a system needs of every patient, checked before anything runs."""

from __future__ import annotations

import fnmatch
from dataclasses import dataclass

import numpy as np

from gliokit.study import StudyError
from gliokit.systems.inputs import Inputs
from gliokit.systems.mask_target import MaskTarget
from gliokit.systems.target import AnyTarget, ClassTarget

__all__ = ["Needs", "check_needs", "check_training_needs", "missing_inputs"]

SHOWN = 20


@dataclass(frozen=True, slots=True)
class Needs:
    """What must be there.

    Args:
        columns: Names of numbers that every patient has.
        features: Pattern of the columns of a feature table, such as '*'; '' for none.
        least_features: How many columns must fit the pattern.
        gaps_allowed: Whether a number may be unknown (the system fills it in, from the
            training fold).
        sequences: All of these.
        any_sequence: At least one of these.
        regions: Drawn or predicted, all of these, of the patients asked about too.
        training_regions: All of these of the patients learnt from alone. Unless `regions` names
            one, a system is asked about patients in whom it sees no region.
        least_per_class: Patients with a known target, in each class; or deaths seen.
    """

    columns: tuple[str, ...] = ()
    features: str = ""
    least_features: int = 1
    gaps_allowed: bool = False
    sequences: tuple[str, ...] = ()
    any_sequence: tuple[str, ...] = ()
    regions: tuple[str, ...] = ()
    training_regions: tuple[str, ...] = ()
    least_per_class: int = 5

    def feature_columns(self, inputs: Inputs) -> tuple[str, ...]:
        """Columns that fit the pattern of features, in the order of the table."""
        if not self.features:
            return ()
        return tuple(c for c in inputs.columns if fnmatch.fnmatchcase(c, self.features))


def missing_inputs(needs: Needs, inputs: Inputs) -> dict[str, tuple[str, ...]]:
    """What each patient lacks, by subject; patients who lack nothing are not named.

    A column that the whole table lacks is named for every patient.
    """
    absent = [f"column '{c}'" for c in needs.columns if c not in inputs.columns]
    if needs.features and len(needs.feature_columns(inputs)) < needs.least_features:
        absent.append(f"{needs.least_features} columns '{needs.features}'")
    present = [c for c in needs.columns if c in inputs.columns]
    gaps = np.isnan(inputs.matrix(present)) if not needs.gaps_allowed else None
    found = {}
    for i, subject in enumerate(inputs.subjects):
        lacks = list(absent)
        if gaps is not None:
            lacks += [f"{c}" for c, gap in zip(present, gaps[i], strict=True) if gap]
        lacks += _missing_images(needs, inputs, i)
        if lacks:
            found[subject] = tuple(lacks)
    return found


def _missing_images(needs: Needs, inputs: Inputs, row: int) -> list[str]:
    images = inputs.images[row]
    there = frozenset() if images is None else images.sequences
    drawn = frozenset() if images is None else images.regions
    faults = {} if images is None else images.faults
    lacks = [
        f"{name} ({faults[name]})" if name in faults else name
        for name in needs.sequences
        if name not in there
    ]
    if needs.any_sequence and not there & set(needs.any_sequence):
        lacks.append(f"one of {', '.join(needs.any_sequence)}")
    return lacks + [f"region {name}" for name in needs.regions if name not in drawn]


def check_needs(system: str, needs: Needs, inputs: Inputs, target: AnyTarget) -> None:
    """Refuse patients that a system can't be given.

    Raises:
        StudyError: something is missing, listed patient by patient; or a class is too small.
    """
    _refuse_missing(system, missing_inputs(needs, inputs), len(inputs))
    codes = target.strata
    if isinstance(target, MaskTarget):
        sizes = {"drawn": int(target.known.sum())}
    elif isinstance(target, ClassTarget):
        sizes = {name: int((codes == k).sum()) for k, name in enumerate(target.classes)}
    else:
        sizes = {"died": int((codes == 1).sum())}
    small = [f"{name} {size}" for name, size in sizes.items() if size < needs.least_per_class]
    if small:
        raise StudyError(
            f"system '{system}' learns from {needs.least_per_class} patients or more of a class",
            source=target.name,
            found=", ".join(small),
        )


def check_training_needs(system: str, needs: Needs, learnt_from: Inputs) -> None:
    """Refuse patients to learn from who lack a region that is drawn for training.

    Raises:
        StudyError: listed patient by patient.
    """
    drawn = Needs(regions=needs.training_regions)
    _refuse_missing(system, missing_inputs(drawn, learnt_from), len(learnt_from))


def _refuse_missing(system: str, missing: dict[str, tuple[str, ...]], patients: int) -> None:
    if missing:
        lines = [f"{s}: {', '.join(what)}" for s, what in list(missing.items())[:SHOWN]]
        if len(missing) > SHOWN:
            lines.append(f"and {len(missing) - SHOWN} more")
        raise StudyError(
            f"every patient has what system '{system}' needs",
            found=f"{len(missing)} of {patients} who lack something ({'; '.join(lines)})",
            way_out="Leave these patients out or fill in what they lack.",
        )
