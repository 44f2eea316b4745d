"""What a run leaves: results.json, predictions.parquet, comparison.html."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gliokit.bench.checklist import checklists_of
from gliokit.bench.critical import critical_reading
from gliokit.bench.methods import methods_of
from gliokit.bench.page import render_comparison, words_of
from gliokit.bench.running import Run
from gliokit.reporting import Lang
from gliokit.study import MissingExtraError, OutputError, output_folder
from gliokit.systems import ClassTarget, MaskTarget

__all__ = ["check_place", "with_texts", "write_bench"]

RESULTS, PREDICTIONS, PAGE = "results.json", "predictions.parquet", "comparison.html"


def write_bench(
    folder: str | Path,
    run: Run,
    content: Mapping[str, Any],
    *,
    lang: Lang = "en",
    overwrite: bool = False,
) -> Path:
    """Write a run to a folder, whole or not at all.

    Args:
        folder: New or empty, or with an earlier result.
        run: For the predictions of each patient.
        content: Of the run, as of `content_of`.
        lang: Of the page, 'en' or 'zh'; results.json is in English.
        overwrite: Whether an earlier result may be replaced.

    Raises:
        OutputError: the folder holds something else or can't be written to.
        MissingExtraError: pyarrow is not installed.
        UsageError: there is no such language.
    """
    page = render_comparison(content, lang=lang)
    text = json.dumps(with_texts(content), indent=1, allow_nan=False) + "\n"
    with output_folder(folder, overwrite=overwrite) as aside:
        (aside / RESULTS).write_text(text, encoding="utf-8")
        _write_predictions(aside / PREDICTIONS, run)
        (aside / PAGE).write_text(page, encoding="utf-8")
    return Path(folder)


def with_texts(content: Mapping[str, Any]) -> dict[str, Any]:
    """A result with its critical reading, methods, sources and checklists, in English."""
    words = words_of("en")
    methods = methods_of(content, words)
    return {
        **content,
        "critical_reading": list(critical_reading(content, words)),
        "methods": list(methods.paragraphs),
        "sources": list(methods.sources),
        "checklists": {
            name: [{"item": n, "about": about, "answer": answer} for n, about, answer in rows]
            for name, rows in checklists_of(content, words).items()
        },
    }


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
    columns["site"] = [run.cohort.inputs.sites[r] or None for r in rows]
    if run.cohort.strata:
        columns["stratum"] = [run.cohort.strata[r] or None for r in rows]
    if isinstance(target, ClassTarget):
        if len(target.classes) > 2:
            for k, name in enumerate(target.classes):
                columns[f"probability_{name}"] = [p.probabilities[k] for p in run.predictions]
        columns["truth"] = [target.classes[target.codes[r]] for r in rows]
    elif isinstance(target, MaskTarget):
        del columns["score"], columns["threshold"]
        for name in run.predictions[0].case:
            columns[name] = [p.case[name] for p in run.predictions]
    else:
        columns["days"] = [float(target.days[r]) for r in rows]
        columns["died"] = [bool(target.died[r]) for r in rows]
        if any(days for (days, _) in (p.curve for p in run.predictions)):
            columns["curve_days"] = [list(p.curve[0]) or None for p in run.predictions]
            columns["curve_alive"] = [list(p.curve[1]) or None for p in run.predictions]
    parquet.write_table(pyarrow.table(columns), path)
