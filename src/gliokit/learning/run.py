"""`gliokit train segmentation`: from a cohort to a model folder."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from gliokit.inference import Model, TrainingPatient
from gliokit.learning.curve import plot_curve
from gliokit.learning.examples import load_examples
from gliokit.learning.method import fitted
from gliokit.learning.settings import TrainingSettings
from gliokit.learning.shipping import ship
from gliokit.learning.split import hold_out
from gliokit.learning.start import Start, read_start
from gliokit.learning.training import train
from gliokit.learning.workers import Workers, joined_workers
from gliokit.study import Cohort, Patient, UsageError

__all__ = ["train_segmentation"]


def train_segmentation(
    cohort: Cohort,
    folder: Path,
    *,
    settings: TrainingSettings,
    held_out: Sequence[str] = (),
    initial: str | Path | None = None,
    coarse: Model | None = None,
    resume: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> Path:
    """Train one stage of a segmenter and export it with its card.

    Under `torchrun` its processes learn together; the first alone writes and speaks.

    Args:
        cohort: Patients with expert label maps.
        folder: Of the run: `settings.json`, `patients.json`, `checkpoint.pt`,
            `curve.jsonl`, `curve.png`, `model/`.
        settings: What the run is made of; its patch is shortened to fit `memory_gib`.
        held_out: Patients of the cohort that the network never sees (`split.keep_back`).
        initial: What the weights start from: the folder of a run, or a model by name or
            folder. Its patients count as seen by this run too.
        coarse: For a fine stage, the model whose coarse stage it follows.
        resume: Go on with a run that was cut off; else the folder must be new.
        progress: Told what happens, line by line.

    Returns:
        The model folder.

    Raises:
        UsageError: the folder holds a run and `resume` is not given, or other settings;
            a fine stage without `coarse`; a patient to hold out was seen by `initial`
            or `coarse`; `initial` is another network; too few patients to stop early.
        StudyError: a patient can't be read.
    """
    settings = fitted(settings)
    with joined_workers() as workers:
        return _train(
            cohort,
            folder,
            settings=settings,
            held_out=held_out,
            initial=initial,
            coarse=coarse,
            resume=resume,
            workers=workers,
            progress=progress if workers.first else lambda _: None,
        )


def _train(
    cohort: Cohort,
    folder: Path,
    *,
    settings: TrainingSettings,
    held_out: Sequence[str],
    initial: str | Path | None,
    coarse: Model | None,
    resume: bool,
    workers: Workers,
    progress: Callable[[str], None],
) -> Path:
    if settings.stage == "fine" and coarse is None:
        raise UsageError("a fine stage follows a coarse one", way_out="Give --coarse MODEL.")
    kept = tuple(sorted(held_out))
    learners = [p for p in cohort.patients if p.subject not in kept]
    start = None if initial is None else read_start(initial, settings)
    seen = _seen(learners, start, coarse)
    _check_held_out(kept, seen)
    watched = _watched(learners, settings)
    if workers.first:
        _open_folder(folder, settings, seen, kept, watched, resume=resume)
    workers.wait()
    examples = load_examples(learners, spacing_mm=settings.spacing_mm, progress=progress)
    began = time.monotonic()
    network = train(
        [e for e in examples if e.subject not in watched],
        settings,
        folder,
        initial=None if start is None else start.weights,
        watched=[e for e in examples if e.subject in watched],
        workers=workers,
        progress=lambda step, loss, seconds: _report(progress, settings, step, loss, seconds),
    )
    progress(f"trained for {(time.monotonic() - began) / 60:.1f} minutes in this run")
    if not workers.first:
        return folder / "model"
    plot_curve(folder / "curve.jsonl", folder / "curve.png")
    return ship(network, folder, settings, seen, start, coarse)


def _watched(learners: list[Patient], settings: TrainingSettings) -> tuple[str, ...]:
    """The patients, of those to learn from, who end the run when they no longer gain."""
    if settings.stop_early is None:
        return ()
    count = max(1, round(settings.stop_early.share * len(learners)))
    strata = [p.attributes.get("collection", "") for p in learners]
    return hold_out([p.subject for p in learners], strata, count=count, seed=settings.seed)


def _seen(
    learners: list[Patient], start: Start | None, coarse: Model | None
) -> tuple[TrainingPatient, ...]:
    """Everybody that the model has seen, through the networks that it builds on too."""
    seen = {
        p.subject: TrainingPatient(
            subject=p.subject,
            collection=p.attributes.get("collection", ""),
            patient=p.attributes.get("patient", ""),
        )
        for p in learners
    }
    earlier = list(coarse.card.trained_on) if coarse is not None else []
    if start is not None:
        earlier += start.seen
    for patient in earlier:
        seen.setdefault(patient.subject, patient)
    return tuple(seen[name] for name in sorted(seen))


def _check_held_out(kept: tuple[str, ...], seen: tuple[TrainingPatient, ...]) -> None:
    known = sorted(set(kept) & {p.subject for p in seen})
    if known:
        raise UsageError(
            "a patient that is held out has been seen by no network that the run builds on",
            found=", ".join(known),
            way_out="Start from a run with the same patients held out.",
        )


def _open_folder(
    folder: Path,
    settings: TrainingSettings,
    seen: tuple[TrainingPatient, ...],
    kept: tuple[str, ...],
    watched: tuple[str, ...],
    *,
    resume: bool,
) -> None:
    patients: dict[str, Any] = {
        "trained_on": [p.model_dump() for p in seen],
        "held_out": list(kept),
    }
    if watched:
        patients["watched"] = list(watched)
    wanted = {
        "settings.json": settings.model_dump(mode="json"),
        "patients.json": json.loads(json.dumps(patients)),
    }
    if (folder / "settings.json").exists():
        stored = {n: json.loads((folder / n).read_text(encoding="utf-8")) for n in wanted}
        if not resume:
            raise UsageError(
                "a run is written to a new folder",
                source=folder,
                way_out="Give --resume to go on with the run that is there.",
            )
        # What settings of later versions have besides is as it was.
        known = TrainingSettings.model_validate(stored["settings.json"])
        if known != settings or stored["patients.json"] != wanted["patients.json"]:
            raise UsageError(
                "a run is resumed with the settings and patients that it began with",
                source=folder,
                way_out="Start a new run in another folder.",
            )
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name, content in reversed(wanted.items()):
        (folder / name).write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")


def _report(
    progress: Callable[[str], None],
    settings: TrainingSettings,
    step: int,
    loss: float,
    seconds: float,
) -> None:
    if step % 25 == 0 or step == settings.steps:
        left = (settings.steps - step) * seconds / 60
        progress(
            f"step {step}/{settings.steps}, loss {loss:.3f}, {seconds:.2f} s a step, "
            f"about {left:.0f} minutes left"
        )
