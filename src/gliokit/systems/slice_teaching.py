"""A network that learns from slices: taught, kept where it was stopped, stored without torch."""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from gliokit.systems.stored_network import RunnableNetwork, save_network
from gliokit.systems.training_set import TrainingSet

if TYPE_CHECKING:
    from torch import nn

    from gliokit.learning.loop import Draw, Loss

__all__ = ["ALONE", "Course", "Lesson", "taught_by_slices"]


@dataclass(frozen=True, slots=True)
class Course:
    """How a training is kept and watched.

    Args:
        folder: Of the checkpoint, from which the same training goes on; None keeps none.
        progress: Told after each step of steps done, loss, seconds of the step.
        enough: Asked before each step; True stops here.
    """

    folder: Path | None = None
    progress: Callable[[int, float, float], None] = lambda *_: None
    enough: Callable[[], bool] = lambda: False


ALONE = Course()
"""Nothing is kept, nobody watches, all steps are done."""


@dataclass(frozen=True, slots=True, eq=False)
class Lesson:
    """What a network learns, and how long.

    Args:
        network: With its first weights.
        draw: From a step and its generator to slices and what is to be found in them.
        loss: From the network and these to one number.
        steps: Of Adam, in all.
        learning_rate: Of Adam.
        channels: Of a slice.
        side: Of a slice, in pixels.
    """

    network: nn.Module
    draw: Draw
    loss: Loss
    steps: int
    learning_rate: float
    channels: int
    side: int


def taught_by_slices(
    lesson: Lesson, training: TrainingSet, *, seed: int, course: Course = ALONE
) -> RunnableNetwork:
    """Teach a network, or go on in the course's folder, and store it.

    Args:
        lesson: Made of the slices of `training`.
        training: By whose names a folder knows whether it goes on with the same patients.
        seed: Of what is drawn.
        course: How it is kept and watched.

    Raises:
        UsageError: the folder's checkpoint is of other settings or of other patients.
        RuntimeError: what is stored gives other numbers than torch.
    """
    from gliokit.learning.loop import LoopSettings, learn

    learnt = learn(
        lesson.network,
        lesson.draw,
        lesson.loss,
        LoopSettings(lesson.steps, lesson.learning_rate, optimiser="adam", seed=seed),
        folder=course.folder,
        learners=training.labelled.inputs.subjects,
        progress=course.progress,
        enough=course.enough,
    )
    # Two slices, so that the file's batch can't be mistaken for a fixed one of 1.
    shown = np.zeros((2, lesson.channels, lesson.side, lesson.side), dtype=np.float32)
    with tempfile.TemporaryDirectory() as folder:
        return save_network(Path(folder), learnt, [shown])
