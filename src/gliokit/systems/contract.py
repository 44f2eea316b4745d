"""What every system must hold, checked on patients at hand."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gliokit.study import StudyError, UsageError
from gliokit.systems.answer import ClassProbabilities, Risk, SurvivalCurves
from gliokit.systems.folding import dealt_folds
from gliokit.systems.inputs import Inputs
from gliokit.systems.needs import check_needs, check_training_needs
from gliokit.systems.system import Fitted, System
from gliokit.systems.target import UNKNOWN, ClassTarget, SurvivalTarget, Target
from gliokit.systems.training_set import TrainingSet

__all__ = ["check_contract"]

CLOSE = 1e-6


def check_contract(system: System, patients: TrainingSet, folder: Path, *, seed: int = 0) -> None:
    """Fit on half of the patients with the budget 'smoke', ask about the rest, and compare.

    Held is: every patient has what it needs; it answers where nothing is drawn, unless it needs
    regions of the patients asked about; it learns too where a target is not known; its
    answer is of the patients asked about, in their order; the same seed gives the same; what
    was saved answers the same; nobody's answer depends on who else is asked; findings are JSON.
    Of survival curves the days and probabilities are held to this as the risks are; that they are
    0 to 1 and do not rise is checked by `SurvivalCurves` itself.

    Args:
        system: Of classes or survival.
        patients: With a known target, twice what the system needs of a class or more.
        folder: New; the fitted system is saved there.
        seed: Of the fits.

    Raises:
        StudyError: the rule that does not hold.
        UsageError: a system of another kind of answer.
    """
    name = system.card.id
    fold = dealt_folds(patients.inputs.persons, patients.target.strata, 2, seed=seed)
    half = fold == 0
    learn = patients.take(np.flatnonzero(half))
    asked = patients.inputs.take(np.flatnonzero(~half))
    if not system.needs.regions:
        asked = asked.without_regions()
    check_needs(name, system.needs, learn.inputs, learn.target)
    check_training_needs(name, system.needs, learn.inputs)
    fitted = system.fit(learn, budget="smoke", seed=seed)
    said = _numbers(name, fitted, asked)
    again = system.fit(learn, budget="smoke", seed=seed)
    _hold(name, "the same seed gives the same", said, _numbers(name, again, asked))
    alone = np.concatenate([_numbers(name, fitted, asked.take([k])) for k in range(3)])
    _hold(name, "an answer does not depend on who else is asked", said[:3], alone)
    _numbers(name, system.fit(_one_unknown(learn), budget="smoke", seed=seed), asked)
    try:
        json.dumps(dict(fitted.findings), allow_nan=False)
    except (TypeError, ValueError) as error:
        raise StudyError("findings are JSON", source=name, found=error) from error
    fitted.save(folder)
    loaded = _numbers(name, system.load(folder), asked)
    _hold(name, "what was saved answers the same", said, loaded)


def _numbers(name: str, fitted: Fitted, asked: Inputs) -> NDArray[np.float64]:
    answer = fitted.answer(asked)
    if not isinstance(answer, ClassProbabilities | Risk):
        raise UsageError("the contract of classes and of risks is checked here", source=name,
                         found=type(answer).__name__)  # fmt: skip
    if answer.subjects != asked.subjects:
        raise StudyError("a system answers for the patients asked about, in their order",
                         source=name, found=", ".join(answer.subjects[:3]))  # fmt: skip
    if isinstance(answer, ClassProbabilities):
        return answer.probabilities
    if not isinstance(answer, SurvivalCurves):
        return answer.risk
    days = np.broadcast_to(answer.days, answer.survival.shape)
    return np.column_stack([answer.risk, days, answer.survival])


def _hold(name: str, rule: str, one: NDArray[np.float64], other: NDArray[np.float64]) -> None:
    if one.shape != other.shape:
        raise StudyError(rule, source=name, found=f"answers of {one.shape} and {other.shape}")
    if not np.allclose(one, other, rtol=CLOSE, atol=CLOSE):
        gap = float(np.abs(one - other).max())
        raise StudyError(rule, source=name, found=f"answers that are {gap:.3g} apart")


def _one_unknown(learn: TrainingSet) -> TrainingSet:
    found = learn.classes if isinstance(learn.target, ClassTarget) else learn.survival
    if isinstance(found, ClassTarget):
        codes = found.codes.copy()
        codes[-1] = UNKNOWN
        target: Target = ClassTarget(found.name, found.classes, codes)
    else:
        days = found.days.copy()
        days[-1] = np.nan
        target = SurvivalTarget(found.name, days, found.died)
    return TrainingSet(learn.inputs, target)
