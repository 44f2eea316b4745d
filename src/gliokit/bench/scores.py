"""Scores of a run as arrays, and by what they are judged."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from gliokit.bench.running import Run
from gliokit.evaluation import Estimate, Gain
from gliokit.systems import ClassTarget, MaskTarget

__all__ = ["Headline", "Scores", "Yardstick", "scores_by_system"]


@dataclass(frozen=True, slots=True, eq=False)
class Scores:
    """Scores, folds (repeats, n) and thresholds of one system for the rows tested.

    `probabilities` (repeats, n, k) is there where a target has more than two classes. Where a
    system can't rank patients (`ranks` is false), its scores say how likely a class is and no more.
    Of a place in the image there are no scores but `cases` (repeats, n), as of `place_cases`.
    `curves` (repeats, n), of days and survival each, is there where a system answers survival
    curves on every fold.
    """

    rows: NDArray[np.intp]
    scores: NDArray[np.float64]
    folds: NDArray[np.int64]
    thresholds: NDArray[np.float64]
    probabilities: NDArray[np.float64] | None = None
    ranks: bool = True
    cases: NDArray[np.object_] | None = None
    curves: NDArray[np.object_] | None = None

    @property
    def ranked(self) -> NDArray[np.float64]:
        """The scores, or as many equal ones: what patients are ranked by."""
        return self.scores if self.ranks else np.zeros_like(self.scores)

    @property
    def known_cases(self) -> NDArray[np.object_]:
        """The cases, of one patient or more.

        Raises:
            ValueError: there is none.
        """
        if self.cases is None or not self.cases.size:
            raise ValueError("a patient or more must be judged; got none")
        return self.cases

    def within(self, kept: NDArray[np.bool_]) -> Scores:
        """Of some of the rows of the cohort.

        Args:
            kept: (patients of the cohort,).
        """
        mine = kept[self.rows]
        return Scores(
            self.rows[mine],
            self.scores[:, mine],
            self.folds[:, mine],
            self.thresholds[:, mine],
            None if self.probabilities is None else self.probabilities[:, mine],
            self.ranks,
            None if self.cases is None else self.cases[:, mine],
            None if self.curves is None else self.curves[:, mine],
        )

    def alive_at(self, days: NDArray[np.float64]) -> NDArray[np.float64] | None:
        """Predicted survival, (repeats, n, k), straight between the days that a system states; NaN
        beyond the last of them; None where there are no curves.

        Args:
            days: (k,).
        """
        if self.curves is None:
            return None
        found = [
            [np.interp(days, (0.0, *at), (1.0, *alive), right=np.nan) for at, alive in repeat]
            for repeat in self.curves
        ]
        return np.array(found, dtype=np.float64)


@dataclass(frozen=True, slots=True)
class Headline:
    """The figure that a system is named by.

    Args:
        estimate: With its interval.
        per_fold: Of every fold.
        parts: Figures that were found with it, by name.
    """

    estimate: Estimate
    per_fold: tuple[float, ...] = ()
    parts: Mapping[str, Estimate] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, eq=False)
class Yardstick:
    """How a target is judged: a system's headline, its gain over others, its other figures."""

    headline: Callable[[Scores], Headline]
    gain: Callable[[Scores, Mapping[str, Scores]], Gain]
    figures: Callable[[Scores], dict[str, Estimate]]


def scores_by_system(run: Run) -> dict[str, Scores]:
    """Of every system that answered; all have the same rows and folds."""
    names = [f.name for f in run.folds]
    repeats = 1 + max(f.repeat for f in run.folds)
    rows = np.unique(np.concatenate([f.test_rows for f in run.folds]))
    place = {int(row): i for i, row in enumerate(rows)}
    target, found = run.cohort.target(run.target), {}
    several = len(target.classes) if isinstance(target, ClassTarget) else 0
    for system in run.systems:
        score, threshold = np.full((2, repeats, rows.size), np.nan)
        fold = np.zeros((repeats, rows.size), dtype=np.int64)
        each = np.full((repeats, rows.size, several), np.nan) if several > 2 else None
        cases = np.empty(fold.shape, dtype=object) if isinstance(target, MaskTarget) else None
        curves = np.empty(fold.shape, dtype=object)
        for p in run.predictions:
            if p.system == system:
                at = (p.repeat, place[p.row])
                score[at], threshold[at], fold[at] = p.score, p.threshold, names.index(p.fold)
                if each is not None:
                    each[at] = p.probabilities
                if cases is not None:
                    cases[at] = p.case
                curves[at] = p.curve
        if run.protocol.pooled:
            fold[:] = 0
        # A share that each left-out patient lowers ranks them the wrong way round.
        ranks = not (run.protocol.pooled and system == "majority")
        stated = all(days for days, _ in curves.flat)
        found[system] = Scores(rows, score, fold, threshold, each, ranks, cases,
                               curves if stated else None)  # fmt: skip
    return found
