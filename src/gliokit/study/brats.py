"""Cases in BraTS form, of any generation."""

from __future__ import annotations

import re
from pathlib import Path

from gliokit.study.errors import StudyError
from gliokit.study.folder import images_in, read_study
from gliokit.study.label_file import read_label_map
from gliokit.study.labels import LabelMap
from gliokit.study.names import is_expert_labels
from gliokit.study.reading import stem
from gliokit.study.study import Study

__all__ = ["find_label_map", "read_brats_case", "read_brats_labels"]


def read_brats_case(folder: str | Path) -> Study:
    """The sequences of a folder in BraTS form; `read_study` for a folder alone."""
    return read_study(folder)


def find_label_map(folder: str | Path) -> Path | None:
    """The expert label map of a study's folder, by its name; None if there is none.

    Raises:
        StudyError: several files are named as one.
    """
    found = [p for p in images_in(Path(folder)) if is_expert_labels(stem(p))]
    if len(found) > 1:
        # UCSF-PDGM has segmentations of the brain and of its tissues beside the tumour's.
        found = [p for p in found if re.search("tumou?r", p.name.lower())] or found
    if len(found) > 1:
        raise StudyError(
            "a study has one expert label map",
            source=folder,
            found=", ".join(p.name for p in found),
            way_out="Name the right one (column 'seg' of a cohort table).",
        )
    return found[0] if found else None


def read_brats_labels(folder: str | Path, *, generation: str | None = None) -> LabelMap:
    """The expert label map of a folder in BraTS form, in the labels of BraTS 2023.

    Args:
        folder: The case.
        generation: As in `read_label_map`.

    Raises:
        StudyError: there is none, or it can't be read.
    """
    path = find_label_map(folder)
    if path is None:
        raise StudyError(
            "the case has an expert label map",
            source=folder,
            found="no file named as one ('seg' is the last word of its name)",
        )
    return read_label_map(path, generation=generation)
