"""Columns that baselines lack, measured from the images: inputs of those baselines alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np

from gliokit import __version__
from gliokit.batch import Job, Outcome, Task, digest_of_text, run_batch
from gliokit.bench.cohort import BenchCohort
from gliokit.systems import Images, Inputs, MaskTarget
from gliokit.systems.measured_signs import CORE, LOOKED_FOR, MEASURED, MEASURED_FOR, measured_signs

__all__ = ["Measured", "columns_to_measure", "measured_inputs"]

LEAST_KNOWN = 0.5
"""Of the patients: a column that fewer have would be the median that fills its gaps."""


@dataclass(frozen=True, slots=True, eq=False)
class Measured:
    """What baselines see.

    Args:
        inputs: The cohort's, with the columns that could be measured.
        reasons: Why a column could not, by 'column NAME' as `missing_inputs` names it.
    """

    inputs: Inputs
    reasons: Mapping[str, str] = field(default_factory=dict)

    def seen_by(self, system: str, cohort: BenchCohort) -> Inputs:
        """Inputs of a system: what is measured is for some baselines alone."""
        return self.inputs if system in MEASURED_FOR else cohort.inputs

    def lacking(self, what: str) -> str:
        """What is missing, with why it could not be measured."""
        return f"{what} ({self.reasons[what]})" if what in self.reasons else what


@dataclass(frozen=True, slots=True)
class _Work:
    subject: str
    images: Images
    core_drawn: bool


def _silent(_: str) -> None:
    return


def columns_to_measure(cohort: BenchCohort, target: str) -> tuple[str, ...]:
    """Columns that the table lacks and drawn regions may give; none of a place in the image,
    since what is drawn is the answer there."""
    if isinstance(cohort.target(target), MaskTarget) or not any(_drawn(cohort.inputs)):
        return ()
    taken = {*cohort.inputs.columns, *cohort.targets}
    return tuple(c for c in MEASURED if c not in taken)


def measured_inputs(
    cohort: BenchCohort,
    target: str,
    *,
    workers: int = 0,
    cluster: str | None = None,
    kept: Path | None = None,
    progress: Callable[[str], None] = _silent,
) -> Measured:
    """The cohort's inputs with the columns that `columns_to_measure` names.

    A column is there if half of the patients or more have it; a patient whose images can't be
    measured has gaps, which baselines fill by the median of the training fold.

    Args:
        cohort: With images.
        target: Of the bench.
        workers, cluster, kept, progress: As of `gliokit.batch.run_batch`.
    """
    wanted, inputs = columns_to_measure(cohort, target), cohort.inputs
    if not wanted:
        return Measured(inputs)
    rows = [i for i, drawn in enumerate(_drawn(inputs)) if drawn]
    images = [inputs.images_of(i) for i in rows]
    core = len(rows) == len(inputs) and all(i.regions >= CORE for i in images)
    jobs = [Job(f"signs of {inputs.subjects[i]}", _Work(inputs.subjects[i], one, core))
            for i, one in zip(rows, images, strict=True)]  # fmt: skip
    promised = all(i.content for i in images)
    outcomes = run_batch(Task(_measure, fingerprint=_fingerprint, version=__version__), jobs,
                         workers=workers, cluster=cluster, kept=kept if promised else None,
                         progress=lambda text: progress(f"measuring signs: {text}"))  # fmt: skip
    values = np.full((len(inputs), len(wanted)), np.nan)
    for i, outcome in zip(rows, outcomes, strict=True):
        if outcome.failure is None:
            values[i] = [outcome.value[c] for c in wanted]
    return _with_columns(inputs, wanted, values, outcomes)


def _drawn(inputs: Inputs) -> list[bool]:
    """Who has images with the whole tumour drawn."""
    return [i is not None and "WT" in i.regions for i in inputs.images]


def _measure(work: _Work) -> dict[str, float]:
    return measured_signs(work.subject, work.images, core_drawn=work.core_drawn)


def _fingerprint(work: _Work) -> str:
    return digest_of_text(work.subject, work.images.content, str(work.core_drawn))


def _with_columns(
    inputs: Inputs, wanted: Sequence[str], values: np.ndarray, outcomes: Sequence[Outcome]
) -> Measured:
    known = np.isfinite(values).sum(axis=0)
    there = known >= max(1, LEAST_KNOWN * len(inputs))
    failure = next((f"; {o.failure.reason}" for o in outcomes if o.failure), "")
    reasons = {
        f"column '{c}'": f"measured in {k} of {len(inputs)} patients, from {LOOKED_FOR[c]}{failure}"
        for c, k, enough in zip(wanted, known, there, strict=True) if not enough
    }  # fmt: skip
    columns = (*inputs.columns, *(c for c, enough in zip(wanted, there, strict=True) if enough))
    joined = np.column_stack([inputs.values, values[:, there]])
    return Measured(replace(inputs, columns=columns, values=joined), reasons)
