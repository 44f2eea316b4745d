"""What a run leaves: results.json, predictions.parquet, comparison.html."""

from __future__ import annotations

import importlib
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from importlib import resources
from pathlib import Path
from typing import Any

from gliokit import __version__
from gliokit.bench.drawing import forest, roc_curves
from gliokit.bench.facts import critical_reading, methods_text, patients_text
from gliokit.bench.judging import Judgement, Pair, scores_by_system
from gliokit.bench.running import Run
from gliokit.evaluation import Estimate
from gliokit.study import MissingExtraError, OutputError, output_folder
from gliokit.systems import BASELINES, ClassTarget, find_system

__all__ = ["check_place", "result_of", "write_bench"]

RESULTS, PREDICTIONS, PAGE = "results.json", "predictions.parquet", "comparison.html"

Judged = Sequence[Judgement]
Strata = Mapping[str, tuple[Judged, Sequence[Pair]]]


def write_bench(
    folder: str | Path,
    run: Run,
    judged: Judged,
    pairs: Sequence[Pair],
    *,
    strata: Strata | None = None,
    overwrite: bool = False,
) -> Path:
    """Write a run to a folder, whole or not at all.

    Raises:
        OutputError: the folder holds something else or can't be written to.
        MissingExtraError: pyarrow is not installed.
    """
    result = result_of(run, judged, pairs, strata or {})
    page = _page(run, judged, pairs, strata or {})
    with output_folder(folder, overwrite=overwrite) as aside:
        text = json.dumps(result, indent=1, allow_nan=False) + "\n"
        (aside / RESULTS).write_text(text, encoding="utf-8")
        _write_predictions(aside / PREDICTIONS, run)
        (aside / PAGE).write_text(page, encoding="utf-8")
    return Path(folder)


def check_place(folder: str | Path, *, overwrite: bool = False) -> None:
    """Refuse a place for results before hours are spent.

    Raises:
        OutputError: it holds files and overwriting is not allowed, or is a file.
    """
    path = Path(folder)
    if path.exists() and not path.is_dir():
        raise OutputError("results go to a folder", source=path, found="a file")
    if path.is_dir() and any(path.iterdir()) and not overwrite:
        raise OutputError("results go to a new or empty folder", source=path,
                          way_out="Name another folder, or allow overwriting.")  # fmt: skip


def result_of(
    run: Run, judged: Judged, pairs: Sequence[Pair], strata: Strata | None = None
) -> dict[str, Any]:
    """The whole result as JSON holds it; None is a number that is not defined."""
    return {
        "made_by": f"gliokit {__version__}",
        "cohort": run.cohort.name,
        "target": run.target,
        "patients": patients_text(run),
        "protocol": asdict(run.protocol),
        "budget": run.budget,
        "folds": {f.name: list(f.test.subjects) for f in run.folds},
        "systems": [_row(run, j) for j in judged],
        "pairs": [_pair(p) for p in pairs],
        "strata": {
            name: {"systems": [_row(run, j) for j in js], "pairs": [_pair(p) for p in ps]}
            for name, (js, ps) in (strata or {}).items()
        },
        "not_run": run.not_run,
        "failures": run.failures,
        "critical_reading": list(critical_reading(run, judged, pairs)),
        "methods": methods_text(run),
        "findings": run.findings,
    }


def _row(run: Run, judgement: Judgement) -> dict[str, Any]:
    return {
        "system": judgement.system,
        "baseline": judgement.system in BASELINES,
        "headline": _estimate(judgement.headline),
        "per_fold": [_number(v) for v in judgement.per_fold],
        "gain": None if judgement.gain is None else _estimate(judgement.gain),
        "best_baseline": judgement.best_baseline,
        "words": judgement.words,
        "figures": {name: _estimate(f) for name, f in judgement.figures.items()},
        "processor_seconds": run.processor_seconds[judgement.system],
    }


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "one": pair.one,
        "other": pair.other,
        "difference": _estimate(pair.difference),
        "within_noise": pair.within_noise,
    }


def _estimate(found: Estimate) -> dict[str, Any]:
    content = asdict(found)
    return content | {k: _number(content[k]) for k in ("value", "low", "high")}


def _number(value: float) -> float | None:
    return round(value, 6) if math.isfinite(value) else None


def _write_predictions(path: Path, run: Run) -> None:
    try:
        pyarrow: Any = importlib.import_module("pyarrow")
        parquet: Any = importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise MissingExtraError("a .parquet table", "bench") from error
    target = run.cohort.target(run.target)
    columns: dict[str, list[Any]] = {
        name: [getattr(p, name) for p in run.predictions]
        for name in ("system", "subject", "repeat", "fold", "score", "threshold")
    }
    rows = [p.row for p in run.predictions]
    if isinstance(target, ClassTarget):
        columns["truth"] = [target.classes[target.codes[r]] for r in rows]
    else:
        columns["days"] = [float(target.days[r]) for r in rows]
        columns["died"] = [bool(target.died[r]) for r in rows]
    parquet.write_table(pyarrow.table(columns), path)


def _page(run: Run, judged: Judged, pairs: Sequence[Pair], strata: Strata) -> str:
    import jinja2

    environment = jinja2.Environment(
        autoescape=True, undefined=jinja2.StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    environment.filters["shown"] = _shown
    text = resources.files(__package__).joinpath("comparison.html.jinja").read_text("utf-8")
    target = run.cohort.target(run.target)
    classes = isinstance(target, ClassTarget)
    cards = {name: find_system(name).card for name in run.systems}
    return environment.from_string(text).render(
        run=run,
        judged=judged,
        pairs=pairs,
        strata=strata,
        baselines=BASELINES,
        cards=cards,
        measure="AUC" if classes else "Harrell's C",
        patients=patients_text(run),
        reading=critical_reading(run, judged, pairs),
        methods=methods_text(run),
        forest=forest(judged),
        roc=roc_curves(target, scores_by_system(run)) if isinstance(target, ClassTarget) else "",
        version=__version__,
    )


def _shown(found: Estimate | None) -> str:
    if found is None or not math.isfinite(found.value):
        return ""
    if not math.isfinite(found.low) or found.low == found.high:
        return f"{found.value:.3f}"
    return f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})"
