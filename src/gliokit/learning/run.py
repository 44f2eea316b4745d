"""`gliokit train segmentation`: from a cohort to a model folder."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from pathlib import Path

from gliokit.inference import DIGITAL, Model, TrainingPatient
from gliokit.learning.curve import plot_curve
from gliokit.learning.examples import check_labelled, load_examples
from gliokit.learning.keeping_apart import check_held_out, check_shares, watched_patients
from gliokit.learning.method import fitted, method_of
from gliokit.learning.run_folder import check_folder, run_contents, write_contents
from gliokit.learning.settings import TrainingSettings
from gliokit.learning.shipping import ship
from gliokit.learning.start import Start, continued, read_start
from gliokit.learning.training import check_shared_out, train
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
    name: str = "",
    resume: bool = False,
    progress: Callable[[str], None] = lambda _: None,
) -> Path:
    """Train one stage of a segmenter and export it with its card.

    Under `torchrun` its processes learn together; the first alone writes and speaks.

    Args:
        cohort: Patients with expert label maps, or masks of the whole tumour alone, of which
            nothing is learnt about the core; any subset of the four sequences.
        folder: Of the run: `settings.json`, `patients.json`, `start.json`, `checkpoint.pt`,
            `curve.jsonl`, `curve.png`, `model/`.
        settings: What the run is made of; its patch is shortened to fit `memory_gib`. Unless
            given, spacing and patch are those of the same stage of `initial`.
        held_out: Patients of the cohort that the network never sees (`split.keep_back`).
        initial: What the weights start from: the folder of a run, or a model by name or
            folder. Its patients count as seen by this run too.
        coarse: For a fine stage, the model whose coarse stage it follows.
        name: Of the model; the folder's name unless given.
        resume: Go on with a run that was cut off; else the folder must be new.
        progress: Told what happens, line by line.

    Returns:
        The model folder.

    Raises:
        UsageError: the folder holds a run and `resume` is not given, or other settings;
            a fine stage without `coarse`, or `coarse` otherwise; a patient to hold out was
            seen by `initial` or `coarse`; `initial` is another network; too few patients to
            stop early whom it hasn't seen; a patch or a batch that can't be; a loss that is
            not finite.
        StudyError: a patient can't be read, or has no label map.

    Whatever is refused before the first step leaves no file behind.
    """
    with joined_workers() as workers:
        return _train(
            cohort,
            folder,
            settings=settings,
            held_out=held_out,
            initial=initial,
            coarse=coarse,
            name=name or folder.resolve().name,
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
    name: str,
    resume: bool,
    workers: Workers,
    progress: Callable[[str], None],
) -> Path:
    _check_stages(settings, coarse)
    start = None if initial is None else read_start(initial, settings)
    settings = fitted(continued(settings, start))
    method_of(settings)
    check_shared_out(settings, workers)
    kept = tuple(sorted(held_out))
    learners = [p for p in cohort.patients if p.subject not in kept]
    check_labelled(learners)
    check_shares(learners, settings)
    seen = _seen(learners, start, coarse)
    check_held_out(kept, cohort.patients, seen)
    watched = watched_patients(learners, settings, () if start is None else start.seen)
    contents = run_contents(
        settings,
        seen,
        kept,
        watched,
        started_from=None if start is None else start.history,
        coarse=None if coarse is None else coarse.stage("coarse").sha256,
    )
    if workers.first:
        check_folder(folder, contents, resume=resume)
    if watched:
        progress(
            f"{len(watched)} patients are kept back to stop early"
            + ("" if start is None else "; the network that the run starts from saw none of them")
        )
    examples = load_examples(learners, spacing_mm=settings.spacing_mm, progress=progress)
    if workers.first:
        write_contents(folder, contents)
    workers.wait()
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
    return ship(network, folder, settings, seen, start, coarse, name=name)


def _check_stages(settings: TrainingSettings, coarse: Model | None) -> None:
    if settings.stage == "fine" and coarse is None:
        raise UsageError("a fine stage follows a coarse one", way_out="Give --coarse MODEL.")
    if coarse is None:
        return
    if settings.stage != "fine":
        raise UsageError(
            "a fine stage alone follows another model's coarse one",
            source=coarse.title,
            found=f"stage '{settings.stage}'",
            way_out="Give --stage fine, or leave --coarse out.",
        )
    if coarse.card.imported is not None or "coarse" not in coarse.networks:
        raise UsageError(
            "a fine stage follows the coarse stage of a model that gliokit trained",
            source=coarse.title,
            found=", ".join(coarse.networks) + (" (imported)" if coarse.card.imported else ""),
        )


def _seen(
    learners: list[Patient], start: Start | None, coarse: Model | None
) -> tuple[TrainingPatient, ...]:
    """Everybody that the model has seen, through the networks that it builds on too."""
    now = [
        TrainingPatient(
            subject=p.subject,
            collection=p.attributes.get("collection", ""),
            patient=p.attributes.get("patient", ""),
        )
        for p in learners
    ]
    coarse_saw = () if coarse is None else coarse.card.trained_on
    seen: dict[tuple[str, bool], TrainingPatient] = {}
    for patient in (*now, *coarse_saw, *(() if start is None else start.seen)):
        key = patient.subject, patient.collection == DIGITAL
        known = seen.setdefault(key, patient)
        if not known.patient:  # the table may not know who it is, where an earlier card does
            seen[key] = known.model_copy(update={"patient": patient.patient})
    return tuple(seen[key] for key in sorted(seen))


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
