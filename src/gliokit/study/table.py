"""The table of a cohort: who, where the images are, and what is known."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from gliokit.study.brats import find_label_map
from gliokit.study.cohort import Cohort, Patient
from gliokit.study.errors import StudyError
from gliokit.study.folder import read_study
from gliokit.study.generation import GENERATIONS
from gliokit.study.label_file import read_label_map
from gliokit.study.modality import STRUCTURAL

__all__ = ["read_cohort"]

SUBJECT, STUDY, LABELS, GENERATION = "subject_id", "study", "seg", "generation"
SEQUENCES = tuple(m.value for m in STRUCTURAL)
PARTICIPANTS = "participants.tsv"
RESERVED = (SUBJECT, STUDY, *SEQUENCES, LABELS, GENERATION)
SEPARATORS = {".csv": ",", ".tsv": "\t"}
UNKNOWN = ("", "n/a")


@dataclass(frozen=True, slots=True)
class _Row:
    """One line of the table; cells without outer blanks, '' where unknown."""

    table: Path
    line: int
    root: Path
    cells: Mapping[str, str]

    def error(self, rule: str, found: object, way_out: str | None = None) -> StudyError:
        return StudyError(
            rule, source=f"{self.table}, line {self.line}", found=found, way_out=way_out
        )

    def path(self, column: str) -> Path | None:
        """The file or folder that a cell names, which must be there."""
        cell = self.cells.get(column, "")
        if not cell:
            return None
        path = self.root / Path(cell).expanduser()
        if not (path.is_dir() if column == STUDY else path.is_file()):
            kind = "folder" if column == STUDY else "file"
            way_out = f"Relative paths start from {self.root}."
            raise self.error(f"column '{column}' names a {kind} that exists", path, way_out)
        return path


def read_cohort(table: str | Path, *, root: str | Path | None = None) -> Cohort:
    """The patients of a table; images and label maps are opened when asked for.

    Columns: `subject_id`; `study` (the patient's folder, as in `read_study`) or `t1`,
    `t1c`, `t2`, `flair` (files, which win over the folder); optionally `seg` (the expert
    label map, else the one in the folder) and `generation` (of its labels, as in
    `read_label_map`). All other columns are attributes. An empty cell or 'n/a' is
    unknown.

    Args:
        table: .csv or .tsv in UTF-8, with a header line; or a folder with a
            participants.tsv.
        root: Where relative paths start; else the table's folder.

    Raises:
        StudyError: the table can't be read; a column is missing; a subject is there
            twice; a file or folder does not exist. The message names the line.
    """
    table = Path(table)
    if table.is_dir():
        table /= PARTICIPANTS
    start = table.parent if root is None else Path(root)
    columns, rows = _read(table, start)
    _check_columns(table, columns)
    _check_subjects(rows)
    attributes = tuple(c for c in columns if c not in RESERVED)
    return Cohort(tuple(_patient(row, attributes) for row in rows), attributes, start)


def _read(table: Path, root: Path) -> tuple[list[str], list[_Row]]:
    separator = SEPARATORS.get(table.suffix.lower())
    if separator is None:
        raise StudyError("the table of a cohort is a .csv or .tsv file", source=table)
    try:
        with table.open(encoding="utf-8-sig", newline="") as stream:
            reader = csv.reader(stream, delimiter=separator, strict=True)
            columns = [c.strip() for c in next(reader, [])]
            rows = [_row(table, reader.line_num, root, columns, r) for r in reader if any(r)]
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        found = error.strerror if isinstance(error, OSError) else error
        raise StudyError("the table can be read", source=table, found=found) from error
    return columns, rows


def _row(table: Path, line: int, root: Path, columns: list[str], cells: list[str]) -> _Row:
    values = ["" if c.strip().lower() in UNKNOWN else c.strip() for c in cells]
    row = _Row(table, line, root, dict(zip(columns, values, strict=False)))
    if len(cells) != len(columns):
        way_out = "Put quotes around a cell that holds the separator."
        rule = f"a line has as many cells as the header, {len(columns)}"
        raise row.error(rule, len(cells), way_out)
    return row


def _check_columns(table: Path, columns: list[str]) -> None:
    twice = sorted({c for c in columns if columns.count(c) > 1})
    if twice:
        raise StudyError("every column has a name of its own", source=table, found=twice)
    if SUBJECT not in columns:
        raise StudyError(
            f"the table has a column '{SUBJECT}'",
            source=table,
            found=", ".join(columns) or "no header",
            way_out="Name the column of the patients so; check that the separator is "
            "a comma in .csv and a tab in .tsv.",
        )
    if not {STUDY, *SEQUENCES} & set(columns):
        raise StudyError(
            f"the table has a column '{STUDY}', or columns {', '.join(SEQUENCES)}",
            source=table,
            found=", ".join(columns),
        )


def _check_subjects(rows: list[_Row]) -> None:
    lines: dict[str, int] = {}
    for row in rows:
        subject = row.cells[SUBJECT]
        if not subject:
            raise row.error(f"every patient has a '{SUBJECT}'", "an empty cell")
        first = lines.setdefault(subject, row.line)
        if first != row.line:
            raise row.error(
                "every patient of a cohort has a name of their own",
                f"{subject}, which line {first} has already",
            )


def _patient(row: _Row, attributes: tuple[str, ...]) -> Patient:
    study = row.path(STUDY)
    files = {s: row.path(s) for s in SEQUENCES}
    if study is None and not any(files.values()):
        raise row.error(
            f"a patient has a folder in '{STUDY}', or a file in {', '.join(SEQUENCES)}", "neither"
        )
    subject = row.cells[SUBJECT]
    generation = row.cells.get(GENERATION) or None
    if generation is not None and generation not in GENERATIONS:
        raise row.error(f"column 'generation' is one of {', '.join(GENERATIONS)}", generation)
    labels = _label_map(row, study)
    open_labels = None if labels is None else partial(read_label_map, labels, generation=generation)
    return Patient(
        subject=subject,
        attributes={c: row.cells[c] for c in attributes},
        open_study=partial(read_study, study, **files, subject=subject),
        open_label_map=open_labels,
    )


def _label_map(row: _Row, study: Path | None) -> Path | None:
    given = row.path(LABELS)
    if given is not None or study is None:
        return given
    try:
        return find_label_map(study)
    except StudyError as error:
        raise row.error(error.rule, error.found, error.way_out) from error
