"""Folds of a system that learns from slices: taught, stopped, gone on with, judged once a fold."""

from __future__ import annotations

import argparse
import json
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Protocol

import numpy as np
from record import figure

from gliokit.evaluation import bootstrap_mean
from gliokit.learning.curve import read_curve
from gliokit.systems import TrainingSet, dealt_folds
from gliokit.systems.fitted_networks import FittedNetworks
from gliokit.systems.slice_teaching import Course

FOLDS = 5
SEED = 0

Row = dict[str, Any]


class Learns(Protocol):
    """The method `learn` of a system with its recipe."""

    def __call__(self, training: TrainingSet, *, course: Course) -> FittedNetworks:
        """Teach in a folder that goes on."""
        ...


@dataclass(frozen=True)
class Trial:
    """A system that is taught and judged.

    Args:
        learn: Of the system, with its recipe.
        judge: Gives a row a patient.
        wanted: Steps of a whole training.
        batch: Slices a step.
    """

    learn: Learns
    judge: Callable[[FittedNetworks, TrainingSet], list[Row]]
    wanted: Callable[[FittedNetworks], int]
    batch: int


def add_fold_options(parser: argparse.ArgumentParser, *, paper: str) -> None:
    """Where folds are kept, which are trained, and for how long.

    Args:
        parser: Of the benchmark.
        paper: What the paper's training is.
    """
    parser.add_argument("runs", type=Path)
    parser.add_argument("--only", type=int, nargs="*", help="Numbers of the folds to train.")
    parser.add_argument("--minutes", type=float, default=float("inf"), help="Of a fold, now.")
    parser.add_argument("--paper", action="store_true", help=paper)
    parser.add_argument("--judge-only", action="store_true", help="Gather what is there.")


def run_folds(
    runs: Path, trial: Trial, everyone: TrainingSet, *, only: Sequence[int] | None, minutes: float
) -> None:
    """The folds that are asked for, by person, each site as evenly as it goes.

    Args:
        runs: Gets fold1, fold2 ...
        trial: Of the system.
        everyone: Patients with what is drawn.
        only: Numbers of the folds; None for all.
        minutes: Of learning a fold.
    """
    sites = np.unique(everyone.inputs.sites, return_inverse=True)[1]
    place = dealt_folds(everyone.inputs.persons, sites, FOLDS, seed=SEED)
    for number in only or range(1, FOLDS + 1):
        learnt, unseen = (
            everyone.take(np.flatnonzero(m)) for m in (place != number - 1, place == number - 1)
        )
        run_fold(runs / f"fold{number}", trial, (learnt, unseen), minutes=minutes)


def run_fold(
    path: Path, trial: Trial, sides: tuple[TrainingSet, TrainingSet], *, minutes: float
) -> None:
    """Teach one fold, or go on with it, and write what it says of patients it never saw.

    Args:
        path: PATH.json holds the figures, the folder PATH checkpoint and curve.
        trial: Of the system.
        sides: Whom it learns from, and whom it is judged by.
        minutes: Of learning, from now on; then it is judged as it is.
    """
    written = path.with_suffix(".json")
    before = json.loads(written.read_text()) if written.exists() else {}
    if before.get("finished"):
        print(f"{path.name} is finished")
        return
    state: dict[str, Any] = {
        "steps": _steps(path),
        "processor_seconds_a_step": before.get("processor_seconds_a_step"),
    }
    end: list[float] = []
    began: list[float] = []

    def progress(step: int, loss: float, seconds: float) -> None:
        state["steps"] = step
        began.append(time.process_time())
        if len(began) > 1:
            a_step = (began[-1] - began[0]) / (len(began) - 1)
            state["processor_seconds_a_step"] = round(a_step, 2)
        if step % 10 == 0:
            print(f"{path.name}: step {step}, loss {loss:.3f}, {seconds:.1f} s", flush=True)

    def enough() -> bool:
        # Reading the patients comes before the first step and is not counted.
        end[:] = end or [time.monotonic() + 60 * minutes]
        return time.monotonic() >= end[0]

    fitted = trial.learn(sides[0], course=Course(path, progress, enough))
    steps = trial.wanted(fitted)
    rows = _judged(path / "judged.jsonl", state["steps"], trial.judge, fitted, sides[1])
    content = {
        **state,
        "finished": state["steps"] >= steps,
        "steps_wanted": steps,
        "batch": trial.batch,
        "learnt_from": len(sides[0].inputs),
        "rows": rows,
    }
    aside = written.with_suffix(".part")
    aside.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
    os.replace(aside, written)


def _steps(folder: Path) -> int:
    """Done by a run that was killed: those up to its last checkpoint."""
    curve = folder / "curve.jsonl"
    return 1 + max(read_curve(curve)[0], default=-1) if curve.exists() else 0


def _judged(
    path: Path,
    steps: float,
    judge: Callable[[FittedNetworks, TrainingSet], list[Row]],
    fitted: FittedNetworks,
    unseen: TrainingSet,
) -> list[Row]:
    """A row a patient; those that were judged after as many steps before a kill are kept."""
    kept: dict[str, Row] = {}
    for line in path.read_text().splitlines() if path.exists() else []:
        before = json.loads(line)
        if before["steps"] == steps:
            kept[before["patient"]] = before["row"]
    with path.open("a") as judged:
        for n, subject in enumerate(unseen.inputs.subjects):
            if subject not in kept:
                kept[subject] = judge(fitted, unseen.take([n]))[0]
                line = {"steps": steps, "patient": subject, "row": kept[subject]}
                judged.write(json.dumps(line) + "\n")
                judged.flush()
    return [kept[s] for s in unseen.inputs.subjects]


def read_folds(runs: Path) -> list[Row]:
    """What the folds that are there have found, each with its number."""
    paths = {n: runs / f"fold{n}.json" for n in range(1, FOLDS + 1)}
    return [{"fold": n, **json.loads(p.read_text())} for n, p in paths.items() if p.exists()]


def training_figures(folds: Sequence[Row], n: int) -> dict[str, Any]:
    """How much of the training was done, and what a step costs."""
    done, wanted = (sum(f[k] for f in folds) for k in ("steps", "steps_wanted"))
    share = figure(100 * done / wanted, n=n, unit="%")
    found = {"part of the training of these folds that was done": share}
    costs = [c for f in folds if (c := f.get("processor_seconds_a_step")) is not None]
    if costs:
        found["processor time of a step"] = figure(
            sum(costs) / len(costs), n=len(costs), unit="s, mean over folds"
        )
    return found


def mean_figure(values: Sequence[float], unit: str) -> dict[str, Any]:
    """Mean over patients with its bootstrap interval."""
    mean, low, high = bootstrap_mean(values, seed=SEED)
    return figure(mean, low=low, high=high, n=len(values), unit=unit)


def folds_said(folds: Sequence[Row]) -> list[str]:
    """Which folds are there, which are not, and whether any is cut short."""
    there = ", ".join(f"{f['fold']} ({f['steps']} of {f['steps_wanted']} steps)" for f in folds)
    missing = [str(n) for n in range(1, FOLDS + 1) if n not in {f["fold"] for f in folds}]
    said = [f"folds {there}"]
    if missing:
        said.append(f"folds {', '.join(missing)} are not trained yet")
    if not all(f["finished"] for f in folds):
        said.append(
            "CUT SHORT: this shows that the program runs, and speaks neither for nor against "
            "the paper"
        )
    return said
