"""Which sequence an image file of a folder is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from gliokit.study.modality import Modality
from gliokit.study.names import Contrast, Kind, Reading, read_name
from gliokit.study.reading import stem
from gliokit.study.sidecar import read_description, read_sidecar, read_timing

__all__ = ["Recognised", "recognise"]

WHY_NOT = {
    Kind.LABELS: "a label map or mask",
    Kind.OTHER: "another kind of image",
    Kind.CONTRADICTORY: "its name says two sequences",
    Kind.UNKNOWN: "not known by name or JSON sidecar",
}


@dataclass(frozen=True, slots=True)
class Recognised:
    """A file and the sequence that it was taken for, or None; and why (`REASONS`)."""

    path: Path
    modality: Modality | None
    reason: str


def recognise(path: Path) -> Recognised:
    """What an image file is: by its name first, then by the JSON file beside it.

    A name that says T1 and nothing of contrast medium leaves that to the sidecar. A
    label map or another kind of image stays so whatever its sidecar says, since maps
    inherit the sidecar of the series that they were made from.

    Raises:
        StudyError: the sidecar can't be read.
    """
    name = read_name(stem(path))
    if name.what in (Kind.LABELS, Kind.OTHER):
        return Recognised(path, None, WHY_NOT[Kind(name.what)])
    sidecar = read_sidecar(path)
    if isinstance(name.what, Modality):
        return _by_name(path, name.what, name.contrast, sidecar)
    return _by_sidecar(path, name, sidecar)


def _by_name(
    path: Path, modality: Modality, contrast: Contrast, sidecar: Mapping[str, object]
) -> Recognised:
    is_open = modality is Modality.T1 and contrast is Contrast.UNSAID
    if is_open and read_description(sidecar).contrast is Contrast.WITH:
        return Recognised(path, Modality.T1C, "by its JSON sidecar")
    return Recognised(path, modality, "by its name")


def _by_sidecar(path: Path, name: Reading, sidecar: Mapping[str, object]) -> Recognised:
    described = read_description(sidecar)
    if isinstance(described.what, Modality):
        return Recognised(path, described.what, "by its JSON sidecar")
    if described.what is Kind.UNKNOWN and name.what is Kind.UNKNOWN:
        weighting = read_timing(sidecar)
        if weighting is not None:
            with_agent = Contrast.WITH in (name.contrast, described.contrast)
            if weighting is Modality.T1 and with_agent:
                weighting = Modality.T1C
            return Recognised(path, weighting, "by the timing in its JSON sidecar")
    why = name.what if described.what is Kind.UNKNOWN else described.what
    return Recognised(path, None, WHY_NOT[Kind(why)])
