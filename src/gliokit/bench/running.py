"""Every system on every fold; one that fails does not stop the rest."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gliokit import __version__
from gliokit.batch import Job, Outcome, digest_of_array, digest_of_text, run_batch
from gliokit.batch import Task as BatchTask
from gliokit.bench.admission import Admitted, admit
from gliokit.bench.automatic import Automatic, automatic
from gliokit.bench.code_digest import code_of
from gliokit.bench.cohort import BenchCohort, with_identities
from gliokit.bench.measured import columns_to_measure, measured_inputs
from gliokit.bench.place_cases import place_cases
from gliokit.bench.protocol import Fold, Protocol, tested_rows
from gliokit.inference import ModelCard
from gliokit.study import Identities
from gliokit.systems import (
    Answer,
    Budget,
    ClassProbabilities,
    ClassTarget,
    Fitted,
    Images,
    Inputs,
    MaskTarget,
    Risk,
    SurvivalCurves,
    SurvivalTarget,
    TrainingSet,
    find_system,
)
from gliokit.systems.card import Task
from gliokit.systems.measured_signs import MEASURED_FOR
from gliokit.systems.target import AnyTarget

__all__ = ["Prediction", "Run", "run_systems"]

DIGITS = 6
"""Of a probability of survival that are kept."""


@dataclass(frozen=True, slots=True)
class Prediction:
    """What a system said of a patient it had not seen.

    Args:
        score: Probability of the positive class, or risk.
        threshold: Of the training fold; of a risk the median of its training patients.
        probabilities: Of each class, where there are more than two; `score` is the last one's.
        case: Figures of what was found in the image, as of `place_cases`; the score is then NaN.
        curve: Days and the probability of being alive by then, as of `SurvivalCurves`, where the
            system answers them.
    """

    system: str
    subject: str
    row: int
    repeat: int
    fold: str
    score: float
    threshold: float
    probabilities: tuple[float, ...] = ()
    case: Mapping[str, Any] = field(default_factory=dict)
    curve: tuple[tuple[float, ...], tuple[float, ...]] = ((), ())


@dataclass(frozen=True, slots=True, eq=False)
class Run:
    """All that the systems said, and what went wrong.

    Args:
        cohort: With each patient's person.
        predictions: Of systems that answered on every fold.
        findings: By system and fold.
        failures: Why a system has no predictions.
        not_run: Baselines that the cohort has no columns or images for, with what is missing.
        processor_seconds: To fit and answer, all folds, by system.
        task: What is judged.
        allowed: Inputs that may tell the target by themselves, and how well they do (AUC, rank
            correlation), 0 where they don't.
        identified: Whether tables of who is who were given.
        models: Whose masks or features the cohort holds.
        harmonised: Columns whose differences of sites are taken out within each fold.
    """

    cohort: BenchCohort
    target: str
    protocol: Protocol
    budget: Budget
    folds: tuple[Fold, ...]
    predictions: tuple[Prediction, ...]
    findings: dict[str, dict[str, Any]] = field(default_factory=dict)
    failures: dict[str, str] = field(default_factory=dict)
    not_run: dict[str, str] = field(default_factory=dict)
    processor_seconds: dict[str, float] = field(default_factory=dict)
    task: Task = "classification"
    allowed: dict[str, float] = field(default_factory=dict)
    identified: bool = False
    models: tuple[Automatic, ...] = ()
    harmonised: tuple[str, ...] = ()

    @property
    def systems(self) -> tuple[str, ...]:
        """Those that answered, in the order asked."""
        return tuple(dict.fromkeys(p.system for p in self.predictions))

    @property
    def ranks_models_together(self) -> bool:
        """Whether the headline ranks patients by scores of different models."""
        return self.protocol.pooled and not isinstance(self.cohort.target(self.target), MaskTarget)

    @property
    def judged(self) -> NDArray[np.bool_]:
        """(patients of the cohort,), who is in a test fold; the others are only learnt from."""
        return tested_rows(self.folds, len(self.cohort.inputs))


@dataclass(frozen=True, slots=True)
class _Work:
    """One system on one fold. `truth` is for the judge alone: a system is handed `training` and
    `test`, and nothing of the test patients but their inputs."""

    system: str
    training: TrainingSet
    test: Inputs
    budget: Budget
    seed: int
    truth: MaskTarget | None = None


def _silent(_: str) -> None:
    return


def run_systems(
    cohort: BenchCohort,
    target: str,
    systems: Sequence[str],
    protocol: Protocol,
    *,
    budget: Budget = "small",
    identities: Identities | None = None,
    allowed: Sequence[str] = (),
    masks_by: Sequence[ModelCard] = (),
    harmonise: Sequence[str] = (),
    workers: int = 0,
    cluster: str | None = None,
    kept: Path | None = None,
    progress: Callable[[str], None] = _silent,
) -> Run:
    """Fit and ask each system, and every baseline that the cohort has columns or images for.

    Before anything runs: no input tells the target by itself, every patient has what each
    system needs, no patient is on two sides of a split under any name.

    Args:
        cohort: Patients.
        target: One of its targets.
        systems: Names; the baselines come by themselves.
        protocol: How patients are split.
        budget: Of each fit.
        identities: Tables of who is who; without them names of one collection are compared.
        allowed: Inputs that may tell the target by themselves.
        masks_by: Cards of models whose masks or features the cohort holds: nobody is judged whom
            one of them learnt from.
        harmonise: Patterns of columns whose differences of sites are taken out by ComBat, fitted
            in each training fold, before any system sees them; every patient has a site.
        workers, cluster, kept, progress: As of `gliokit.batch.run_batch`.

    Raises:
        StudyError: one of these does not hold.
        UsageError: a system that is not there or of another task.
    """
    tables = identities or Identities()
    models = tuple(automatic(card, cohort, tables) for card in masks_by)
    cohort = with_identities(cohort, tables)
    measured = None
    if columns_to_measure(cohort, target):
        # What can be refused without a look into images is refused first.
        admit(cohort, target, [s for s in systems if s not in MEASURED_FOR], protocol,
              allowed=allowed, identities=tables, models=models, harmonise=harmonise)  # fmt: skip
        measured = measured_inputs(cohort, target, workers=workers, cluster=cluster, kept=kept,
                                   progress=progress)  # fmt: skip
    admitted = admit(cohort, target, systems, protocol, allowed=allowed, measured=measured,
                     identities=tables, models=models, harmonise=harmonise)  # fmt: skip
    work = BatchTask(_answer, fingerprint=_fingerprint, settings=digest_of_text(target, budget),
                     version=__version__)  # fmt: skip
    jobs = _jobs(admitted, cohort.target(target), budget, protocol.seed)
    outcomes = run_batch(work, jobs, workers=workers, cluster=cluster, kept=kept, progress=progress,
                         counted="fits")  # fmt: skip
    answered, failures = _told_apart(admitted, outcomes)
    folds = admitted.folds
    return Run(
        cohort,
        target,
        protocol,
        budget,
        folds,
        tuple(
            prediction
            for name, mine in answered.items()
            for fold, outcome in zip(folds, mine, strict=True)
            for prediction in _predictions(name, fold, outcome.value)
        ),
        {
            name: {f.name: o.value["findings"] for f, o in zip(folds, mine, strict=True)}
            for name, mine in answered.items()
        },
        failures,
        admitted.not_run,
        {name: round(sum(o.processor_seconds for o in mine), 2) for name, mine in answered.items()},
        admitted.task,
        admitted.allowed,
        identities is not None,
        models,
        admitted.harmonised,
    )


def _jobs(admitted: Admitted, target: AnyTarget, budget: Budget, seed: int) -> list[Job]:
    """Every system on every fold, by system."""
    return [
        Job(
            f"{name}, {fold.name}",
            _Work(name, fold.training, _asked(name, fold), budget, seed,
                  target.take(fold.test_rows) if isinstance(target, MaskTarget) else None),
        )
        for name in admitted.systems
        for fold in admitted.folds_of(name)
    ]  # fmt: skip


def _asked(system: str, fold: Fold) -> Inputs:
    """The patients tested as a system sees them: what is drawn in them only if it needs that."""
    return fold.test if find_system(system).needs.regions else fold.test.without_regions()


def _told_apart(
    admitted: Admitted, outcomes: Sequence[Outcome]
) -> tuple[dict[str, Sequence[Outcome]], dict[str, str]]:
    """Outcomes of systems that answered on every fold, and why the others did not."""
    answered, failures, folds = {}, {}, len(admitted.folds)
    for i, name in enumerate(admitted.systems):
        mine = outcomes[i * folds : (i + 1) * folds]
        failed = next((o.failure for o in mine if o.failure is not None), None)
        if failed is None:
            answered[name] = mine
        else:
            failures[name] = f"{failed.name}: {failed.kind}: {failed.reason}"
    return answered, failures


def _answer(work: _Work) -> dict[str, Any]:
    fitted = find_system(work.system).fit(work.training, budget=work.budget, seed=work.seed)
    said = fitted.answer(work.test)
    if said.subjects != work.test.subjects:
        raise ValueError("a system answers for the patients asked about, in their order")
    judged = _judged(said, work)
    if isinstance(said, Risk):
        judged["threshold"] = _median_risk(fitted, work)
    return {**judged, "findings": dict(fitted.findings)}


def _median_risk(fitted: Fitted, work: _Work) -> float:
    """Of the training patients whose survival is known, seen as those tested are."""
    known = work.training.labelled.inputs
    sees_regions = find_system(work.system).needs.regions
    said = fitted.answer(known if sees_regions else known.without_regions())
    if not isinstance(said, Risk):
        raise ValueError(f"a system that answers risks answers them of everybody; got "
                         f"{type(said).__name__}")  # fmt: skip
    return float(np.median(said.risk))


def _judged(said: Answer, work: _Work) -> dict[str, Any]:
    """What is kept of an answer: scores, or figures of what was found in each image."""
    if work.truth is not None:
        return {"cases": place_cases(said, work.truth, work.test)}
    if isinstance(said, Risk):
        kept = {"scores": said.risk.tolist(), "probabilities": None, "threshold": None}
        if isinstance(said, SurvivalCurves):
            kept |= {"days": said.days.tolist(), "survival": said.survival.round(DIGITS).tolist()}
        return kept
    if not isinstance(said, ClassProbabilities):
        raise ValueError(f"this target asks for classes or risks; the answer is "
                         f"{type(said).__name__}")  # fmt: skip
    return {
        "scores": said.probabilities[:, -1].tolist(),
        "probabilities": said.probabilities.tolist() if len(said.classes) > 2 else None,
        "threshold": said.threshold,
    }


def _fingerprint(work: _Work) -> str:
    known = work.training
    return digest_of_text(
        work.system,
        code_of(work.system),
        str(work.seed),
        *_target_marks(known.target),
        *(() if work.truth is None else _target_marks(work.truth)),
        *(part for side in (known.inputs, work.test) for part in _input_marks(side)),
    )


def _target_marks(target: AnyTarget) -> list[str]:
    if isinstance(target, ClassTarget):
        return [digest_of_array(target.codes), *target.classes]
    if isinstance(target, SurvivalTarget):
        # Answers that were kept before they held curves are asked for again.
        return [digest_of_array(target.days), digest_of_array(target.died), "curves"]
    drawn = [target.label_map(i).region(target.region) if k else np.zeros(0)
             for i, k in enumerate(target.known)]  # fmt: skip
    return [target.region, *(digest_of_array(d) for d in drawn)]


def _input_marks(side: Inputs) -> list[str]:
    """All of patients that a system may learn from or answer by; what is not there adds nothing."""
    return [
        digest_of_array(side.values), *side.columns, *side.subjects, *side.persons,
        *("" if i is None else _mark(i) for i in side.images),
        *(("sites", *side.sites) if any(side.sites) else ()),
    ]  # fmt: skip


def _mark(images: Images) -> str:
    """The content, which tells images from any others by itself; else what is known of them."""
    if images.content:
        return images.content
    head = ["whole head"] if images.whole_head else []
    return digest_of_text(*sorted(images.sequences), "/", *sorted(images.regions), *head)


def _predictions(name: str, fold: Fold, value: dict[str, Any]) -> list[Prediction]:
    asked = list(zip(fold.test.subjects, fold.test_rows, strict=True))
    if "cases" in value:
        return [
            Prediction(name, subject, int(row), fold.repeat, fold.name, math.nan, math.nan, (), c)
            for (subject, row), c in zip(asked, value["cases"], strict=True)
        ]
    threshold = math.nan if value["threshold"] is None else float(value["threshold"])
    each = value.get("probabilities") or [()] * len(asked)
    days, alive = tuple(value.get("days", ())), value.get("survival") or [()] * len(asked)
    return [
        Prediction(
            name, subject, int(row), fold.repeat, fold.name, float(score), threshold, tuple(p),
            curve=(days, tuple(curve)),
        )
        for (subject, row), score, p, curve in zip(asked, value["scores"], each, alive, strict=True)
    ]  # fmt: skip
