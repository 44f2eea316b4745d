"""`gliokit train segmentation`: from a cohort to a model folder."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from gliokit.inference import Model, ModelCard, Stage, TrainingPatient
from gliokit.learning.curve import plot_curve
from gliokit.learning.examples import REGIONS, load_examples
from gliokit.learning.export import export_network
from gliokit.learning.settings import TrainingSettings
from gliokit.learning.start import Start, read_start
from gliokit.learning.training import train
from gliokit.study import BRATS, STRUCTURAL, Cohort, Patient, UsageError

__all__ = ["train_segmentation"]

LIMITS = (
    "Research use only; not a medical device.",
    "Trained on brains without a skull, before any treatment, at 1 mm.",
    "No post-operative image, no child and no metastasis was seen.",
)


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
    """Train one stage of the house segmenter and export it with its card.

    Args:
        cohort: Patients with expert label maps.
        folder: Of the run: `settings.json`, `patients.json`, `checkpoint.pt`,
            `curve.jsonl`, `curve.png`, `model/`.
        settings: What the run is made of.
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
            or `coarse`.
        StudyError: a patient can't be read.
    """
    if settings.stage == "fine" and coarse is None:
        raise UsageError("a fine stage follows a coarse one", way_out="Give --coarse MODEL.")
    kept = tuple(sorted(held_out))
    learners = [p for p in cohort.patients if p.subject not in kept]
    start = None if initial is None else read_start(initial, settings.stage)
    seen = _seen(learners, start, coarse)
    _check_held_out(kept, seen)
    _open_folder(folder, settings, seen, kept, resume=resume)
    examples = load_examples(learners, spacing_mm=settings.spacing_mm, progress=progress)
    began = time.monotonic()
    network = train(
        examples,
        settings,
        folder,
        initial=None if start is None else start.weights,
        progress=lambda step, loss, seconds: _report(progress, settings, step, loss, seconds),
    )
    plot_curve(folder / "curve.jsonl", folder / "curve.png")
    progress(f"trained for {(time.monotonic() - began) / 60:.1f} minutes in this run")
    return _export(network, folder, settings, seen, start, coarse)


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
    *,
    resume: bool,
) -> None:
    patients = {"trained_on": [p.model_dump() for p in seen], "held_out": list(kept)}
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
        if stored != wanted:
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


def _export(
    network: Any,
    folder: Path,
    settings: TrainingSettings,
    seen: tuple[TrainingPatient, ...],
    start: Start | None,
    coarse: Model | None,
) -> Path:
    aside = folder / "model.part"
    shutil.rmtree(aside, ignore_errors=True)
    aside.mkdir()
    stages: list[Stage] = []
    if coarse is not None:
        first = next(s for s in coarse.card.stages if s.name == "coarse")
        shutil.copy(coarse.networks["coarse"].path, aside / first.file)
        stages.append(first)
    stages.append(
        export_network(
            network,
            aside,
            name=settings.stage,
            spacing_mm=settings.spacing_mm,
            multiple=2 ** len(settings.widths),
            margin_mm=16.0 if settings.stage == "fine" else 0.0,
        )
    )
    card = ModelCard(
        name="segmenter",
        version=_version(),
        task="segmentation of whole tumour, tumour core and enhancing tumour",
        channels=tuple(str(m) for m in STRUCTURAL),
        regions=REGIONS,
        labels=BRATS.name,
        stages=tuple(stages),
        trained_on=seen,
        training=_history(settings, start, coarse),
        held_out={},
        limits=LIMITS,
        licence="Apache-2.0",
        date=datetime.now(UTC).date().isoformat(),
    )
    (aside / "card.json").write_text(card.model_dump_json(indent=1) + "\n", encoding="utf-8")
    shutil.rmtree(folder / "model", ignore_errors=True)
    os.replace(aside, folder / "model")
    return folder / "model"


def _history(
    settings: TrainingSettings, start: Start | None, coarse: Model | None
) -> dict[str, Any]:
    """The settings of every stage, and how that which a stage started from was trained."""
    history: dict[str, Any] = {} if coarse is None else dict(coarse.card.training)
    history[settings.stage] = settings.model_dump(mode="json")
    if start is not None:
        history[settings.stage]["started_from"] = dict(start.history)
    return history


def _version() -> str:
    from gliokit import __version__

    return __version__
