"""The training loop: seeded by step, resumed after a kill, watched by a curve."""

from __future__ import annotations

import json
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from gliokit.learning.drawing import draw, unvaried
from gliokit.learning.examples import Example
from gliokit.learning.learner import Learner
from gliokit.learning.method import method_of
from gliokit.learning.settings import TrainingSettings
from gliokit.learning.workers import Workers
from gliokit.study import UsageError

__all__ = ["check_shared_out", "train"]

CHECKPOINT_SECONDS = 120.0


def train(
    examples: Sequence[Example],
    settings: TrainingSettings,
    folder: Path,
    *,
    initial: Mapping[str, Tensor] | None = None,
    watched: Sequence[Example] = (),
    workers: Workers | None = None,
    progress: Callable[[int, float, float], None] = lambda *_: None,
) -> nn.Module:
    """Train one network, or go on where a killed run of the same folder stopped.

    What is drawn at a step depends on the seed and the step alone, so that a run that
    was killed and resumed sees the examples of a run that was not. Several processes share
    out the batch of each step and take the mean of their gradients: they learn what one
    process would.

    Args:
        examples: The patients to learn from.
        settings: What the run is made of.
        folder: Holds `checkpoint.pt` and `curve.jsonl`; made when it isn't there.
        initial: Weights that the run starts from; random ones unless given.
        watched: Patients kept back who end the run, with `settings.stop_early`.
        workers: The processes that learn together; this one alone unless given.
        progress: Called after each step with step, loss and seconds a step.

    Returns:
        The network with its running average of weights, or with the best of them by the
        patients kept back; in evaluation mode.

    Raises:
        UsageError: a batch can't be shared out equally; nobody is kept back to stop early;
            a loss is not finite, and the checkpoint stays as it was.
    """
    workers = workers or Workers()
    share = check_shared_out(settings, workers)
    method = method_of(settings)
    if workers.first:
        folder.mkdir(parents=True, exist_ok=True)
    learner = Learner(settings, method, folder / "checkpoint.pt", initial=initial, workers=workers)
    looks = _looks(watched, settings)
    workers.wait()  # until everybody has read the checkpoint that the first one replaces
    saved = time.monotonic()
    with _curve(folder, workers) as write:
        while not learner.done:
            began = time.monotonic()
            first = learner.step * settings.batch + workers.rank * share
            drawn = [draw(examples, settings, method, first + n) for n in range(share)]
            images, regions = (torch.stack(part) for part in zip(*drawn, strict=True))
            row: dict[str, Any] = {"step": learner.step}
            row["loss"] = round(loss := learner.learn(images, regions), 5)
            if settings.stop_early and learner.step % settings.stop_early.every == 0:
                row["watched"] = round(learner.look(looks), 5)
            write(row)
            progress(learner.step, loss, time.monotonic() - began)
            if time.monotonic() - saved > CHECKPOINT_SECONDS:
                learner.save()
                saved = time.monotonic()
    learner.save()
    return learner.network_learnt()


def check_shared_out(settings: TrainingSettings, workers: Workers) -> int:
    """How many examples of a batch each process sees.

    Raises:
        UsageError: not as many as every other.
    """
    share, left = divmod(settings.batch, workers.count)
    if left:
        raise UsageError(
            "a batch is shared out equally among the processes",
            source="batch",
            found=f"{settings.batch} among {workers.count}",
            way_out=f"Give a batch of {workers.count * (share + 1)} in --config.",
        )
    return share


def _looks(
    watched: Sequence[Example], settings: TrainingSettings
) -> tuple[tuple[Tensor, Tensor], ...]:
    if settings.stop_early is not None and not watched:
        raise UsageError("a run that stops early has patients kept back", found="none")
    return tuple(unvaried(example, settings) for example in watched)


@contextmanager
def _curve(folder: Path, workers: Workers) -> Iterator[Callable[[Mapping[str, Any]], None]]:
    """Writes rows of the learning curve; only the first process's are written."""
    if not workers.first:
        yield lambda _: None
        return
    with (folder / "curve.jsonl").open("a", buffering=1) as curve:
        yield lambda row: print(json.dumps(row), file=curve)
