"""Runs of the bench in the form of stored runs."""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from math import isfinite
from typing import Any

from record import figure

from gliokit.bench import Judgement, Pair, Run


def figures_of(
    run: Run, judged: Sequence[Judgement], pairs: Sequence[Pair], unit: str
) -> dict[str, Any]:
    """Headline and gain of each system, and the difference of each pair."""
    figures = {}
    for j in judged:
        h = j.headline
        figures[f"{j.system}"] = figure(h.value, low=h.low, high=h.high, n=h.n, unit=unit)
    for j in judged:
        if j.gain is not None:
            g = j.gain
            figures[f"{j.system} over {j.best_baseline}"] = figure(
                g.value, low=g.low, high=g.high, n=g.n, unit=f"{unit} gained"
            )
    for p in pairs:
        d = p.difference
        figures[f"{p.one} less {p.other}"] = figure(
            d.value, low=d.low, high=d.high, n=d.n, unit=f"{unit} apart"
        )
    return figures


def rows_of(run: Run, judged: Sequence[Judgement], pairs: Sequence[Pair]) -> list[dict[str, Any]]:
    """A row a system: words of the rule, folds, what it chose, seconds."""
    rows: list[dict[str, Any]] = []
    for j in judged:
        found = run.findings[j.system].values()
        pipelines = Counter(f["pipeline"] for f in found if "pipeline" in f)
        rows.append(
            {
                "system": j.system,
                "words": j.words,
                "per_fold": [round(v, 4) for v in j.per_fold],
                "pipelines": dict(pipelines),
                "processor_seconds": run.processor_seconds[j.system],
                **{n: round(f.value, 4) if isfinite(f.value) else None
                   for n, f in j.figures.items()},
            }
        )  # fmt: skip
    rows += [{"pair": [p.one, p.other], "within_noise": p.within_noise} for p in pairs]
    rows += [{"not_run": n, "lacks": lacks} for n, lacks in run.not_run.items()]
    rows += [{"failed": n, "why": why} for n, why in run.failures.items()]
    return rows
