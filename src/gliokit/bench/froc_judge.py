"""How detections are judged: by lesion, at a number of false alarms per patient."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from gliokit.bench.scores import Headline, Scores, Yardstick
from gliokit.evaluation import Estimate, Froc, Gain, drawn_interval, froc_curve, gain_interval

__all__ = ["fold_frocs", "froc_yardstick"]

Numbers = NDArray[np.float64]
Rows = NDArray[np.intp]
Statistic = Callable[[Rows], float]

ONE_ALARM = 1.0
"""False alarms per patient, at which a sensitivity is told too."""

LEAST = 2


def froc_yardstick(persons: Sequence[str], seed: int, draws: int) -> Yardstick:
    """Of detections: mean sensitivity by lesion at 1/4 to 8 false alarms a patient.

    The FROC curve is that of a fold, whose scores come from one model; figures are means over
    folds. Patients are drawn again within folds, those with a lesion and the others apart.

    Args:
        persons: (patients of the cohort,) who it is.
        seed, draws: Of the bootstrap.
    """

    def interval(s: Scores, statistic: Statistic) -> tuple[float, Numbers, int]:
        units, strata = _units(s, persons)
        drawn = [statistic(rows) for rows in _draws(units, strata, seed, draws)]
        return statistic(np.concatenate(units)), np.array(drawn), len(units)

    def estimate(s: Scores, of: Callable[[Froc], float]) -> Estimate:
        return drawn_interval(*interval(s, lambda rows: _mean_of(s, rows, of)),
                              shared_training=False)  # fmt: skip

    def headline(s: Scores) -> Headline:
        whole = fold_frocs(s, np.arange(s.rows.size))
        return Headline(estimate(s, Froc.mean_sensitivity),
                        tuple(f.mean_sensitivity() for f in whole))  # fmt: skip

    def gain(s: Scores, others: Mapping[str, Scores]) -> Gain:
        every = np.arange(s.rows.size)
        means = {n: _mean_of(o, every, Froc.mean_sensitivity) for n, o in others.items()}
        best = max(means, key=lambda name: means[name])

        def apart(rows: Rows) -> float:
            return _mean_of(s, rows, Froc.mean_sensitivity) - _mean_of(
                others[best], rows, Froc.mean_sensitivity
            )

        return Gain(gain_interval(*interval(s, apart), shared_training=False), best)

    def figures(s: Scores) -> dict[str, Estimate]:
        return {
            "sensitivity_at_one": estimate(s, lambda f: f.sensitivity_at(ONE_ALARM)),
            "sensitivity_of_all": estimate(s, lambda f: float(f.sensitivity[-1])),
            "false_alarms": estimate(s, lambda f: float(f.false_alarms[-1])),
        }

    return Yardstick(headline, gain, figures)


def fold_frocs(s: Scores, rows: Rows) -> list[Froc]:
    """The FROC curve of each repeat and fold, of some of the rows; none of one without a lesion.

    Args:
        s: With cases.
        rows: Places in `s`, which may stand there more than once.
    """
    found = []
    for cases, fold in zip(s.known_cases, s.folds, strict=True):
        for k in np.unique(fold):
            mine = cases[rows[fold[rows] == k]]
            lesions = sum(c["lesions"] for c in mine)
            if lesions:
                scores, matched = (
                    [v for c in mine for v in c[key]] for key in ("scores", "matched")
                )
                found.append(froc_curve(scores, matched, lesions=lesions, patients=len(mine)))
    return found


def _mean_of(s: Scores, rows: Rows, of: Callable[[Froc], float]) -> float:
    found = fold_frocs(s, rows)
    if not found:
        raise ValueError("a patient with a lesion must be judged; got none")
    return float(np.mean([of(f) for f in found]))


def _units(s: Scores, persons: Sequence[str]) -> tuple[list[Rows], NDArray[np.int64]]:
    """Rows of each person, and what persons are drawn within: fold, and whether there is a lesion.

    Of repeats the first one says the folds.

    Raises:
        ValueError: a fold with fewer than two patients who have a lesion.
    """
    ill = np.array([c["lesions"] > 0 for c in s.known_cases[0]])
    who = np.unique([persons[row] for row in s.rows], return_inverse=True)[1]
    units = [np.flatnonzero(who == k) for k in range(int(who.max()) + 1)]
    fold, sick = s.folds[0, [u[0] for u in units]], np.array([ill[u].any() for u in units])
    for k in np.unique(fold):
        if sick[fold == k].sum() < LEAST:
            raise ValueError(
                f"each fold must hold at least {LEAST} patients with a lesion; one holds "
                f"{sick[fold == k].sum()}"
            )
    return units, 2 * fold + sick


def _draws(
    units: Sequence[Rows], strata: NDArray[np.int64], seed: int, draws: int
) -> Iterator[Rows]:
    generator = np.random.default_rng(seed)
    groups = [np.flatnonzero(strata == k) for k in np.unique(strata)]
    for _ in range(draws):
        chosen = np.concatenate([generator.choice(g, g.size) for g in groups])
        yield np.concatenate([units[u] for u in chosen])
