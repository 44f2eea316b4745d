"""Feature tables as files: .tsv, .csv or .parquet, with what they were made of beside."""

from __future__ import annotations

import csv
import importlib
import json
import platform
from collections.abc import Mapping, Sequence
from importlib import metadata
from pathlib import Path
from types import MappingProxyType
from typing import Any

from gliokit import __version__
from gliokit.batch import Failure
from gliokit.features.settings import FeatureSettings
from gliokit.features.table import TEXT, FeatureTable
from gliokit.study import MissingExtraError, OutputError, UsageError, output_file

__all__ = ["check_output", "write_columns", "write_features", "write_record"]

SEPARATORS = {".tsv": "\t", ".csv": ","}
PARQUET = ".parquet"
UNKNOWN = "n/a"
LIBRARIES = ("numpy", "scipy", "scikit-image", "numba", "openvino")


def check_output(path: Path, *, overwrite: bool) -> None:
    """Hold that a table can be written, before anything is computed.

    Raises:
        UsageError: another ending than .tsv, .csv or .parquet.
        MissingExtraError: .parquet, and pyarrow is not installed.
        OutputError: the file is there already.
    """
    ending = path.suffix.lower()
    if ending not in (*SEPARATORS, PARQUET):
        raise UsageError(
            f"a table ends in {', '.join((*SEPARATORS, PARQUET))}", source=path, found=ending
        )
    if ending == PARQUET:
        _parquet()
    if path.exists() and not overwrite:
        raise OutputError(
            "a table is written to a new file",
            source=path,
            found="a file of that name",
            way_out="Name another file, or allow overwriting.",
        )


def write_features(
    path: Path,
    table: FeatureTable,
    settings: FeatureSettings,
    *,
    failures: Sequence[Failure] = (),
    notices: Sequence[tuple[str, str]] = (),
    seconds: Mapping[str, float] = MappingProxyType({}),
) -> None:
    """The table, and beside it NAME.json: all settings, versions, and who failed, why.

    Args:
        path: .tsv, .csv or .parquet.
        table: Of `feature_table`.
        settings: What it was made with.
        failures: Patients without features.
        notices: Pairs of a patient and what people should know of him.
        seconds: How long it took.

    Raises:
        UsageError: another ending.
        MissingExtraError: .parquet, and pyarrow is not installed.
        OutputError: a file can't be written.
    """
    patients = len(set(table.columns["subject_id"]))
    write_record(
        path, settings, patients=patients, failures=failures, notices=notices, seconds=seconds
    )
    write_columns(path, table.columns)


def write_record(
    path: Path,
    settings: FeatureSettings,
    *,
    patients: int,
    failures: Sequence[Failure],
    notices: Sequence[tuple[str, str]] = (),
    seconds: Mapping[str, float] = MappingProxyType({}),
) -> None:
    """NAME.json beside a table; see `write_features`."""
    record = {
        "gliokit": __version__,
        "settings_digest": settings.digest(),
        "settings": settings.model_dump(mode="json"),
        "python": platform.python_version(),
        "libraries": {name: metadata.version(name) for name in LIBRARIES},
        "patients": patients,
        "seconds": {name: round(value, 1) for name, value in seconds.items()},
        "failures": [{"subject": f.name, "kind": f.kind, "reason": f.reason} for f in failures],
        "notices": [{"subject": s, "message": m} for s, m in notices],
    }
    with output_file(path.with_suffix(".json")) as aside:
        aside.write_text(json.dumps(record, indent=1) + "\n", encoding="utf-8")


def write_columns(path: Path, columns: dict[str, list[Any]]) -> None:
    """Columns of one length as a file; None is 'n/a' in text and null in Parquet."""
    if path.suffix.lower() == PARQUET:
        pyarrow, parquet = _parquet()
        with output_file(path) as aside:
            kinds = {n: _kind(pyarrow, n, cells) for n, cells in columns.items()}
            arrays = {n: pyarrow.array(cells, kinds[n]) for n, cells in columns.items()}
            parquet.write_table(pyarrow.table(arrays), aside)
        return
    with output_file(path) as aside, aside.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, delimiter=SEPARATORS[path.suffix.lower()], lineterminator="\n")
        writer.writerow(columns)
        for cells in zip(*columns.values(), strict=True):
            writer.writerow([UNKNOWN if c is None else c for c in cells])


def _kind(pyarrow: Any, name: str, cells: list[Any]) -> Any:
    """One type a column, whatever it holds: tables of several cohorts fit together."""
    is_text = name in TEXT or any(isinstance(c, str) for c in cells)
    return pyarrow.string() if is_text else pyarrow.float64()


def _parquet() -> tuple[Any, Any]:
    try:
        return importlib.import_module("pyarrow"), importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise MissingExtraError("a Parquet table", "parquet") from error
