"""From files to a prepared study and its tumour: what every journey of a reader begins with."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gliokit.analysis.stages import Stages
from gliokit.inference import DEFAULT_MODEL, Model, load_model
from gliokit.preprocessing import PreparedStudy, prepare
from gliokit.segmentation import Quality, Segmentation, segment
from gliokit.study import Study, read_study

__all__ = ["Found", "Source", "find_tumour"]

File = str | Path


@dataclass(frozen=True, slots=True)
class Source:
    """Where the images of one visit are.

    Args:
        study: Its folder, as in `read_study`; None where files are given.
        t1: File of T1; it wins over what the folder holds. So do the others.
        t1c: T1 after contrast medium.
        t2: T2.
        flair: FLAIR.
    """

    study: File | None
    t1: File | None = None
    t1c: File | None = None
    t2: File | None = None
    flair: File | None = None

    @property
    def files(self) -> Mapping[str, File | None]:
        """Option of each sequence -> its file."""
        return {"t1": self.t1, "t1c": self.t1c, "t2": self.t2, "flair": self.flair}

    def read(self) -> Study:
        """The images with their voxels.

        Raises:
            UsageError: no study.
            StudyError: the images can't be read.
        """
        images = read_study(self.study, t1=self.t1, t1c=self.t1c, t2=self.t2, flair=self.flair)
        return images.loaded()


@dataclass(frozen=True, slots=True, eq=False)
class Found:
    """A prepared study, what a model found in it, and the model."""

    prepared: PreparedStudy
    automatic: Segmentation
    network: Model


def find_tumour(
    images: Study,
    model: File | None,
    quality: Quality,
    stages: Stages,
    *,
    keep_probabilities: bool = False,
) -> Found:
    """Load a model, prepare the images, find the tumour; the last two are timed.

    Args:
        images: As they were read.
        model: Name or folder; None is the one that comes with gliokit.
        quality: As in `segmentation.segment`; so is `keep_probabilities`.
        stages: Of the journey.

    Raises:
        UsageError: an unknown model or quality.
        StudyError: the images can't be used.
    """
    network = load_model(DEFAULT_MODEL if model is None else model)
    with stages.stage("prepare", "preparing the images"):
        prepared = prepare(images)
    with stages.stage("segment", "finding the tumour"):
        automatic = segment(
            prepared, network, quality=quality, keep_probabilities=keep_probabilities
        )
    return Found(prepared, automatic, network)
