"""The files that say what a run is made of, and whom it has seen."""

from __future__ import annotations

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gliokit.inference import TrainingPatient
from gliokit.learning.settings import TrainingSettings
from gliokit.study import UsageError

__all__ = ["SETTINGS", "START", "check_folder", "run_contents", "write_contents"]

SETTINGS, PATIENTS, START = "settings.json", "patients.json", "start.json"

Contents = Mapping[str, Any]


def run_contents(
    settings: TrainingSettings,
    seen: tuple[TrainingPatient, ...],
    kept: tuple[str, ...],
    watched: tuple[str, ...],
    *,
    started_from: Mapping[str, Any] | None = None,
    coarse: str | None = None,
) -> Contents:
    """Name of each file -> what it holds.

    Args:
        settings: Of the run.
        seen: Everybody that the model has seen.
        kept: Who is held out.
        watched: Who is kept back to stop early.
        started_from: How the network that it starts from was trained.
        coarse: Checksum of the coarse stage that it follows.
    """
    patients: dict[str, Any] = {
        "trained_on": [p.model_dump() for p in seen],
        "held_out": list(kept),
    }
    if watched:
        patients["watched"] = list(watched)
    return {
        SETTINGS: settings.model_dump(mode="json"),
        PATIENTS: patients,
        START: {
            "started_from": None if started_from is None else dict(started_from),
            "coarse": coarse,
        },
    }


def check_folder(folder: Path, contents: Contents, *, resume: bool) -> None:
    """Hold that a run may be written to a folder: a new one, or its own.

    Raises:
        UsageError: it is no folder; it holds a run and `resume` is not given, or one of other
            settings or patients, or of another start.
    """
    file = next((p for p in (folder, *folder.parents) if p.exists()), folder)
    if file.exists() and not file.is_dir():
        raise UsageError("a run is written to a folder", source=file, found="a file of that name")
    if not (folder / SETTINGS).exists():
        return
    if not resume:
        raise UsageError(
            "a run is written to a new folder",
            source=folder,
            way_out="Give --resume to go on with the run that is there.",
        )
    try:
        # Runs of earlier versions don't say what they started from.
        names = [n for n in contents if n != START or (folder / n).exists()]
        stored = {n: json.loads((folder / n).read_text(encoding="utf-8")) for n in names}
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
    same = all(stored[n] == contents[n] for n in names if n != SETTINGS)
    if known != wanted or not same:
        raise UsageError(
            "a run is resumed with the settings and patients that it began with, and from the "
            "same start",
            source=folder,
            way_out="Give --init and --coarse as at first, or start a new run in another folder.",
        )


def write_contents(folder: Path, contents: Contents) -> None:
    """Write the files of a run that begins; those of one that goes on stay as they are."""
    if (folder / SETTINGS).exists():
        return
    folder.mkdir(parents=True, exist_ok=True)
    for name in (START, PATIENTS, SETTINGS):  # the settings last: where they are, all is
        text = json.dumps(contents[name], indent=1) + "\n"
        (folder / name).write_text(text, encoding="utf-8")
