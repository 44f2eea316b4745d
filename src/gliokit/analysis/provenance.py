"""What `run.json` holds: enough to run an analysis again to the same voxels."""

from __future__ import annotations

import hashlib
import json
import platform
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from importlib import metadata
from pathlib import Path
from typing import Any

from gliokit.inference import ModelCard
from gliokit.study import Notice, Study, StudyError

__all__ = [
    "LIBRARIES",
    "command_of",
    "file_inputs",
    "model_entry",
    "notice_entries",
    "run_record",
    "write_run",
]

LIBRARIES = ("nibabel", "nilearn", "numpy", "openvino", "scikit-image", "scipy", "SimpleITK")
"""Whatever takes part in a figure of the result."""


def file_inputs(study: Study, others: Mapping[str, Path] | None = None) -> list[dict[str, Any]]:
    """Every file that the analysis reads, with its checksum.

    Args:
        study: Its images; those that were made in memory have no file.
        others: Role -> file, such as a given segmentation.
    """
    files = {str(m): v.source for m, v in study.volumes.items()} | dict(others or {})
    return [_file_entry(role, Path(p)) for role, p in files.items() if Path(p).is_file()]


def _file_entry(role: str, path: Path) -> dict[str, Any]:
    try:
        with path.open("rb") as stream:
            digest = hashlib.file_digest(stream, "sha256")
    except OSError as error:
        raise StudyError("the image file can be read", source=path, found=error.strerror) from error
    return {"role": role, "file": str(path), "sha256": digest.hexdigest()}


def command_of(
    verb: str, *positional: str | Path | None, **options: str | Path | bool | None
) -> list[str]:
    """The command line that does what a call did; what is None or False was not given."""
    command = ["gliokit", verb, *(str(p) for p in positional if p is not None)]
    for name, value in options.items():
        if value is not None and value is not False:
            command.append(f"--{name.replace('_', '-')}")
            command += [] if value is True else [str(value)]
    return command


def model_entry(card: ModelCard | None) -> dict[str, Any] | None:
    """A model by its name and the checksums of its networks."""
    if card is None:
        return None
    networks = {stage.file: stage.sha256 for stage in card.stages}
    return {"name": card.name, "version": card.version, "networks": networks}


def notice_entries(notices: Iterable[Notice]) -> list[dict[str, str]]:
    """Notices as `run.json` holds them."""
    return [
        {"code": n.code, "severity": str(n.severity), "about": n.about, "message": n.message}
        for n in notices
    ]


def run_record(
    *,
    command: Sequence[str],
    inputs: list[dict[str, Any]],
    settings: Mapping[str, Any],
    model: dict[str, Any] | None,
    seconds: Mapping[str, float],
    notices: Iterable[Notice],
) -> dict[str, Any]:
    """The record of a run, as an `Analysis` carries it and `run.json` holds it.

    Args:
        command: Of the command line, that does the same.
        inputs: Of `file_inputs`.
        settings: Whatever else was chosen.
        model: Of `model_entry`.
        seconds: Of each stage.
        notices: All that people should know.
    """
    from gliokit import __version__

    return {
        "version": __version__,
        "command": list(command),
        "date": datetime.now(UTC).isoformat(timespec="seconds"),
        "inputs": inputs,
        "settings": dict(settings),
        "model": model,
        "seconds": dict(seconds),
        "notices": notice_entries(notices),
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "libraries": {name: metadata.version(name) for name in LIBRARIES},
    }


def write_run(record: Mapping[str, Any], folder: Path) -> None:
    """Write `run.json`, the mark of a complete result."""
    text = json.dumps(record, indent=1, ensure_ascii=False)
    (folder / "run.json").write_text(text + "\n", encoding="utf-8")
