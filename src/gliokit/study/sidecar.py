"""What the JSON file beside an image says of its sequence."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path

from gliokit.study.errors import StudyError
from gliokit.study.modality import Modality
from gliokit.study.names import Contrast, Kind, Reading, read_name
from gliokit.study.reading import stem

__all__ = ["read_description", "read_sidecar", "read_timing"]

DESCRIPTIONS = ("SeriesDescription", "ProtocolName")


def read_sidecar(path: Path) -> Mapping[str, object]:
    """The JSON object beside an image, as dcm2niix and BIDS write it; empty if none.

    Raises:
        StudyError: the file beside it can't be read as a JSON object.
    """
    beside = path.with_name(stem(path) + ".json")
    if not beside.is_file():
        return {}
    try:
        content = json.loads(beside.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise _not_json(beside, str(error)) from error
    if not isinstance(content, dict):
        raise _not_json(beside, f"a {type(content).__name__}")
    return content


def _not_json(path: Path, found: str) -> StudyError:
    return StudyError(
        "the sidecar of an image is a JSON object",
        source=path,
        found=found,
        way_out="Correct it, or remove it and name the sequences with --t1 --t1c --t2 --flair.",
    )


def read_description(sidecar: Mapping[str, object]) -> Reading:
    """What the scanner's own words say; contrast medium also from the agent given."""
    what: Modality | Kind = Kind.UNKNOWN
    contrast = Contrast.UNSAID
    for key in DESCRIPTIONS:
        reading = read_name(str(sidecar.get(key, "")))
        if contrast is Contrast.UNSAID:
            contrast = reading.contrast
        if what is Kind.UNKNOWN:
            what = reading.what
    agent = str(sidecar.get("ContrastBolusAgent", "")).strip().lower()
    if contrast is Contrast.UNSAID and agent not in ("", "none", "no", "n/a", "n"):
        contrast = Contrast.WITH
    if what in (Modality.T1, Modality.T1C):
        what = Modality.T1C if contrast is Contrast.WITH else Modality.T1
    return Reading(what, contrast)


def read_timing(sidecar: Mapping[str, object]) -> Modality | None:
    """The weighting that echo, repetition and inversion times (s) give; None if unclear.

    Only for images as the scanner made them, and not echo-planar ones: a diffusion or
    perfusion series has the times of a T2-weighted image. T1 stands for both T1s.
    """
    image_type = str(sidecar.get("ImageType", "")).upper()
    is_planar = "EP" in str(sidecar.get("ScanningSequence", "")).upper()
    if is_planar or "DERIVED" in image_type or sidecar.get("Modality", "MR") != "MR":
        return None
    echo, repetition = _seconds(sidecar, "EchoTime"), _seconds(sidecar, "RepetitionTime")
    if echo is None or repetition is None:
        return None
    inversion = _seconds(sidecar, "InversionTime") or 0.0
    if echo >= 0.06 and repetition >= 2.0:
        if inversion >= 1.4 and repetition >= 4.0:
            return Modality.FLAIR
        return Modality.T2 if inversion == 0.0 else None
    is_prepared = 0.3 <= inversion <= 1.3 and repetition <= 3.0
    if echo <= 0.03 and (repetition <= 1.0 or is_prepared):
        return Modality.T1
    return None


def _seconds(sidecar: Mapping[str, object], key: str) -> float | None:
    value = sidecar.get(key)
    return float(value) if isinstance(value, int | float) and 0 < value < 60 else None
