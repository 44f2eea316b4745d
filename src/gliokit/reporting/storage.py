"""An analysis on disk, so that a report is made again without computing.

One file, `analysis.npz`, of arrays and a JSON text; no pickle. Images are kept as the 256
levels that pictures show.
"""

from __future__ import annotations

import io
import json
import zipfile
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pydantic import ValidationError

from gliokit.inference.card import ModelCard
from gliokit.measurement.schema import Measurements
from gliokit.preprocessing import Alignment, PreparedStudy
from gliokit.reporting.analysis import Analysis
from gliokit.reporting.shades import levels, scores
from gliokit.segmentation.result import Segmentation
from gliokit.study import (
    Grid,
    LabelMap,
    Labels,
    Modality,
    Notice,
    StudyError,
    output_file,
)

__all__ = ["ANALYSIS_FILE", "load_analysis", "save_analysis"]

ANALYSIS_FILE = "analysis.npz"
FORMAT = "gliokit-analysis-1"
DOCUMENT = "document"
WAY_OUT = "Name a folder that 'gliokit analyze' has written, or run it again."


def save_analysis(analysis: Analysis, folder: str | Path) -> Path:
    """Write what `load_analysis` needs into a folder; gives the file.

    Probabilities are not kept.

    Raises:
        OutputError: the file can't be written.
    """
    prepared, segmentation = analysis.prepared, analysis.segmentation
    arrays: dict[str, NDArray[Any]] = {
        f"image-{m}": levels(image) for m, image in prepared.images.items()
    }
    arrays["brain"] = np.packbits(prepared.brain)
    arrays["labels"] = segmentation.label_map.data
    if analysis.compared is not None:
        arrays["labels-compared"] = analysis.compared[0].label_map.data
    text = json.dumps(_document(analysis), ensure_ascii=False)
    arrays[DOCUMENT] = np.frombuffer(text.encode(), dtype=np.uint8)
    path = Path(folder) / ANALYSIS_FILE
    with output_file(path) as aside:
        _write(aside, arrays)
    return path


def _write(path: Path, arrays: dict[str, NDArray[Any]]) -> None:
    """As `numpy.savez_compressed`, at the quickest level: a quarter of its time."""
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        for name, array in arrays.items():
            content = io.BytesIO()
            np.lib.format.write_array(content, array, allow_pickle=False)
            file.writestr(f"{name}.npy", content.getvalue())


def _read(path: Path) -> dict[str, NDArray[np.uint8]]:
    # Opened here: numpy leaves a file open that turns out to be none of its own.
    with path.open("rb") as stream, np.load(stream, allow_pickle=False) as file:
        return {name: file[name] for name in file.files}


def _document(analysis: Analysis) -> dict[str, Any]:
    prepared, compared = analysis.prepared, analysis.compared
    return {
        "format": FORMAT,
        "subject": prepared.subject,
        "grid": _grid_out(prepared.grid),
        "alignment": {
            "native": _grid_out(prepared.alignment.native),
            "axes": list(prepared.alignment.axes),
            "step": list(prepared.alignment.step),
            "start": list(prepared.alignment.start),
        },
        "notices": [_notice_out(n) for n in prepared.notices],
        "segmentation": _segmentation_out(analysis.segmentation),
        "measurements": analysis.measurements.model_dump(mode="json"),
        "card": analysis.card.model_dump(mode="json") if analysis.card is not None else None,
        "provenance": analysis.provenance,
        "compared": None
        if compared is None
        else {
            "segmentation": _segmentation_out(compared[0]),
            "measurements": compared[1].model_dump(mode="json"),
        },
    }


def _grid_out(grid: Grid) -> dict[str, Any]:
    return {"shape": list(grid.shape), "affine": grid.affine.tolist()}


def _notice_out(notice: Notice) -> dict[str, Any]:
    return {"code": notice.code, "about": notice.about, "values": dict(notice.values)}


def _segmentation_out(segmentation: Segmentation) -> dict[str, Any]:
    labels = segmentation.label_map.labels
    return {
        "model": segmentation.model,
        "scheme": labels.name,
        "values": dict(labels.values),
        "regions": {name: sorted(values) for name, values in labels.regions.items()},
        "notices": [_notice_out(n) for n in segmentation.label_map.notices],
    }


def load_analysis(folder: str | Path) -> Analysis:
    """An analysis as `save_analysis` left it, images to half of one of 256 levels.

    Raises:
        StudyError: the folder is not there or is none of gliokit's, or its file is broken
            or of another version.
    """
    path = Path(folder) / ANALYSIS_FILE
    if not path.is_file():
        found = "no such file" if Path(folder).is_dir() else "no such folder"
        raise StudyError(
            "the folder holds an analysis of gliokit", source=path, found=found, way_out=WAY_OUT
        )
    try:
        arrays = _read(path)
        document = json.loads(arrays.pop(DOCUMENT).tobytes())
    except (OSError, ValueError, KeyError, EOFError, zipfile.BadZipFile) as error:
        raise StudyError(
            "the analysis can be read", source=path, found=error, way_out=WAY_OUT
        ) from error
    if not isinstance(document, dict) or document.get("format") != FORMAT:
        other = document.get("format") if isinstance(document, dict) else "another content"
        raise StudyError(
            f"the analysis has the format {FORMAT}", source=path, found=other, way_out=WAY_OUT
        )
    try:
        return _analysis(document, arrays)
    except (KeyError, TypeError, ValueError, ValidationError) as error:
        raise StudyError(
            "the analysis is complete", source=path, found=error, way_out=WAY_OUT
        ) from error


def _analysis(document: dict[str, Any], arrays: dict[str, NDArray[np.uint8]]) -> Analysis:
    prepared = _prepared(document, arrays)
    compared = document["compared"]
    card = document["card"]
    return Analysis(
        prepared=prepared,
        segmentation=_segmentation(document["segmentation"], prepared.grid, arrays["labels"]),
        measurements=Measurements.model_validate(document["measurements"]),
        card=None if card is None else ModelCard.model_validate(card),
        provenance=document["provenance"],
        compared=None
        if compared is None
        else (
            _segmentation(compared["segmentation"], prepared.grid, arrays["labels-compared"]),
            Measurements.model_validate(compared["measurements"]),
        ),
    )


def _prepared(document: dict[str, Any], arrays: dict[str, NDArray[np.uint8]]) -> PreparedStudy:
    grid = _grid(document["grid"])
    count = int(np.prod(grid.shape))
    brain = np.unpackbits(arrays["brain"], count=count).astype(bool).reshape(grid.shape)
    alignment = document["alignment"]
    return PreparedStudy(
        subject=document["subject"],
        grid=grid,
        images={
            Modality(name.removeprefix("image-")): scores(array, brain)
            for name, array in arrays.items()
            if name.startswith("image-")
        },
        brain=brain,
        alignment=Alignment(
            _grid(alignment["native"]),
            tuple(alignment["axes"]),
            tuple(alignment["step"]),
            tuple(alignment["start"]),
        ),
        notices=tuple(_notice(n) for n in document["notices"]),
    )


def _grid(entry: dict[str, Any]) -> Grid:
    return Grid(tuple(entry["shape"]), np.array(entry["affine"]))


def _notice(entry: dict[str, Any]) -> Notice:
    return Notice(entry["code"], entry["about"], entry["values"])


def _segmentation(entry: dict[str, Any], grid: Grid, data: NDArray[np.uint8]) -> Segmentation:
    regions = {name: frozenset(values) for name, values in entry["regions"].items()}
    labels = Labels(entry["scheme"], entry["values"], regions)
    notices = tuple(_notice(n) for n in entry["notices"])
    return Segmentation(LabelMap(grid, data, labels, notices), entry["model"])
