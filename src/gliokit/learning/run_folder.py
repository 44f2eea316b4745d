"""The files that say what a run is made of, and whom it has seen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gliokit.inference import TrainingPatient
from gliokit.learning.settings import TrainingSettings
from gliokit.study import UsageError

__all__ = ["check_folder", "run_contents", "write_contents"]

SETTINGS, PATIENTS = "settings.json", "patients.json"

Contents = Mapping[str, Any]


def run_contents(
    settings: TrainingSettings,
    seen: tuple[TrainingPatient, ...],
    kept: tuple[str, ...],
    watched: tuple[str, ...],
) -> Contents:
    """Name of each file -> what it holds.

    Args:
        settings: Of the run.
        seen: Everybody that the model has seen.
        kept: Who is held out.
        watched: Who is kept back to stop early.
    """
    patients: dict[str, Any] = {
        "trained_on": [p.model_dump() for p in seen],
        "held_out": list(kept),
    }
    if watched:
        patients["watched"] = list(watched)
    return {SETTINGS: settings.model_dump(mode="json"), PATIENTS: patients}


def check_folder(folder: Path, contents: Contents, *, resume: bool) -> None:
    """Hold that a run may be written to a folder: a new one, or its own.

    Raises:
        UsageError: it holds a run and `resume` is not given, or one of other settings or
            patients.
    """
    if not (folder / SETTINGS).exists():
        return
    if not resume:
        raise UsageError(
            "a run is written to a new folder",
            source=folder,
            way_out="Give --resume to go on with the run that is there.",
        )
    try:
        stored = {n: json.loads((folder / n).read_text(encoding="utf-8")) for n in contents}
        # What settings of later versions have besides is as it was.
        known = TrainingSettings.model_validate(stored[SETTINGS])
    except (OSError, ValueError) as error:
        raise UsageError(
            "the files of a run that is resumed can be read, and are of this version",
            source=folder,
            found=str(error).splitlines()[0],
            way_out="Start a new run in another folder.",
        ) from error
    wanted = TrainingSettings.model_validate(contents[SETTINGS])
    if known != wanted or stored[PATIENTS] != contents[PATIENTS]:
        raise UsageError(
            "a run is resumed with the settings and patients that it began with",
            source=folder,
            way_out="Start a new run in another folder.",
        )


def write_contents(folder: Path, contents: Contents) -> None:
    """Write the files of a run that begins; those of one that goes on stay as they are."""
    if (folder / SETTINGS).exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name in (PATIENTS, SETTINGS):  # the settings last: where they are, all is
        text = json.dumps(contents[name], indent=1) + "\n"
        (folder / name).write_text(text, encoding="utf-8")
