"""A cohort of the bench from a table."""

from __future__ import annotations

import csv
import fnmatch
import importlib
import io
import json
import lzma
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gliokit.bench.cohort import BenchCohort
from gliokit.study import MissingExtraError, StudyError, UsageError
from gliokit.study.labels import SCHEMES
from gliokit.systems import ClassTarget, Inputs, SurvivalTarget, Target

__all__ = ["Columns", "Table", "cohort_name", "read_bench_cohort", "read_table", "withheld_columns"]

Table = Mapping[str, Sequence[str]]
UNKNOWN = {"", "n/a", "na", "nan", "unknown", "not available"}
SEX = {"f": 0.0, "female": 0.0, "m": 1.0, "male": 1.0}
PARTICIPANTS = "participants.tsv"
TREATMENT = "treatment"
COLLECTION = "collection"
"""Column of where a patient's name is from, as in the tables of trainings."""
GRADES = ("grade", "who_grade", "who cns grade")
"""Names of columns of the grade, in small letters: classes such as IDH go with it."""


@dataclass(frozen=True, slots=True)
class Columns:
    """What the columns of a table are.

    Args:
        target: Of a class; 'NAME=DAYS,DIED' of survival; or 'NAME=REGION' of a place in the images,
            which is not read from the table, see `with_places`.
        inputs: Patterns of the columns that systems may see; empty takes those that the table's
            data dictionary gives the role 'input', and for survival 'treatment'.
        positive: Class that is called positive; of 0 and 1 it is 1.
        subject: Column of the names of rows.
        person: Column of who it is; where it or its cell is not given, the subject. A column
            `collection` tells names of unlike collections apart (`gliokit.study.person`).
        site: Column of the site.
        stratum: Column that patients are judged within too; 'COLUMN=A+B,C' makes strata of some of
            its values, here 'A+B' and 'C'.
        within: Only rows where a column has one of some values.
        rename: New name by old name, of inputs.
    """

    target: str
    inputs: tuple[str, ...] = ()
    positive: str = ""
    subject: str = "subject_id"
    person: str = ""
    site: str = ""
    stratum: str = ""
    within: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    rename: Mapping[str, str] = field(default_factory=dict)

    @property
    def stratum_column(self) -> str:
        """Without the groups of values."""
        return self.stratum.partition("=")[0]

    @property
    def stratum_of(self) -> Mapping[str, str]:
        """The stratum of each value; empty where every value is one.

        Raises:
            UsageError: a group without a value, a value in two groups.
        """
        column, equals, behind = self.stratum.partition("=")
        if not equals:
            return {}
        values = [(v, group) for group in behind.split(",") for v in group.split("+")]
        if not column or not all(v for v, _ in values) or len(dict(values)) < len(values):
            raise UsageError("strata are COLUMN, or COLUMN=A+B,C with each value once",
                             found=self.stratum)  # fmt: skip
        return dict(values)

    @property
    def target_name(self) -> str:
        """Without what stands behind '='."""
        return self.target.partition("=")[0]

    @property
    def target_columns(self) -> tuple[str, ...]:
        """One of a class, two of survival, none of a place.

        Raises:
            UsageError: another number, or no such region.
        """
        _, equals, behind = self.target.partition("=")
        found = tuple(behind.split(",")) if equals else (self.target,)
        regions = {region for scheme in SCHEMES.values() for region in scheme.regions}
        if not all(found) or len(found) > 2 or self.region not in ("", *regions):
            raise UsageError(
                "a target is NAME, NAME=DAYS,DIED of survival, or NAME=REGION of a place in the "
                f"images, REGION one of {', '.join(sorted(regions))}", found=self.target,
            )  # fmt: skip
        return () if self.region else found

    @property
    def region(self) -> str:
        """Of a place in the images; '' of another target."""
        behind = self.target.partition("=")[2]
        return "" if "," in behind else behind


def read_bench_cohort(table: str | Path, columns: Columns, *, name: str = "") -> BenchCohort:
    """The patients of a table.

    Which columns are inputs is never guessed: they are named by patterns, or have the role
    'input' in the data dictionary beside the table (the same name with .json). A column of the
    target, and one whose role is target, outcome or truth, is never an input. One of the role
    'treatment' is an input of survival alone: what was done follows the diagnosis and gives it
    away; see `withheld_columns`. The entry 'Coding' of a target's column says how its class is
    told: cohorts of two codings are not joined. 'sex' of F and M becomes 'male' of 0 and 1.
    Of a place in the images there need be no inputs.

    Args:
        table: .csv, .tsv (also with .xz), .parquet, or a folder with a participants.tsv.
        columns: What is what.
        name: Of the cohort; else that of the file.

    Raises:
        StudyError: the table can't be read, a column is missing, an input is not of numbers.
        UsageError: no input is named and there is no dictionary.
    """
    path = Path(table)
    name = name or cohort_name(path)
    if path.is_dir():
        path = path / PARTICIPANTS
    rows = _within(read_table(path), columns, path)
    for column in (columns.subject, columns.person, columns.site, columns.stratum_column,
                   *columns.target_columns):  # fmt: skip
        if column and column not in rows:
            raise StudyError(f"the table has a column '{column}'", source=path,
                             found=", ".join(list(rows)[:10]))  # fmt: skip
    chosen = _input_columns(path, rows, columns)
    named = {columns.rename.get(c, c): _numbers(path, c, rows[c]) for c in chosen}
    if "sex" in named:
        named = {"male" if c == "sex" else c: v for c, v in named.items()}
    values = np.array(list(named.values())).reshape(len(named), len(rows[columns.subject])).T
    inputs = Inputs(
        tuple(rows[columns.subject]),
        tuple(named),
        values,
        tuple(p or s for p, s in zip(rows[columns.person], rows[columns.subject], strict=True))
        if columns.person
        else (),
        tuple(rows[columns.site]) if columns.site else (),
    )
    targets = [] if columns.region else [_target(path, rows, columns)]
    return BenchCohort(
        name,
        inputs,
        {t.name: t for t in targets},
        _strata(path, rows, columns),
        tuple(rows.get(COLLECTION, ())),
        _grades(rows, columns),
    )


def cohort_name(table: str | Path) -> str:
    """What a cohort is called: the folder, or the file without its endings."""
    path = Path(table)
    return path.resolve().name if path.is_dir() else path.name.split(".")[0]


def _strata(path: Path, rows: Table, columns: Columns) -> tuple[str, ...]:
    if not columns.stratum:
        return ()
    cells, groups = rows[columns.stratum_column], columns.stratum_of
    if groups and not set(groups) & set(cells):
        raise StudyError("the values of strata are there", source=path,
                         found=f"no {columns.stratum_column} {', '.join(groups)}")  # fmt: skip
    return tuple(groups.get(c, "") for c in cells) if groups else tuple(cells)


def _grades(rows: Table, columns: Columns) -> tuple[str, ...]:
    """Of a target that is not the grade itself."""
    if "grade" in columns.target.lower():
        return ()
    return tuple(next((rows[c] for c in rows if c.lower() in GRADES), ()))


def read_table(path: str | Path) -> dict[str, list[str]]:
    """Columns of text by name; what is not known is ''.

    Raises:
        StudyError: it can't be read, or a line has another number of cells than the header.
    """
    path = Path(path)
    if not path.exists():
        raise StudyError("the table, or the folder of a cohort, is there", source=path,
                         found="nothing of that name")  # fmt: skip
    kind = path.name.lower().removesuffix(".xz").rpartition(".")[2]
    if kind == "parquet":
        return _parquet(path)
    if kind not in ("csv", "tsv"):
        raise StudyError("a table is .csv, .tsv, .csv.xz, .tsv.xz or .parquet", source=path)
    try:
        content = path.read_bytes()
        text = (lzma.decompress(content) if path.suffix == ".xz" else content).decode("utf-8-sig")
        reader = csv.reader(io.StringIO(text), delimiter="\t" if kind == "tsv" else ",")
        header, *lines = [line for line in reader if line]
    except (OSError, lzma.LZMAError, UnicodeDecodeError, csv.Error, ValueError) as error:
        raise StudyError("the table can be read", source=path, found=error) from error
    for number, line in enumerate(lines, start=2):
        if len(line) != len(header):
            raise StudyError(f"a line has as many cells as the header, {len(header)}",
                             source=f"{path}, line {number}", found=len(line))  # fmt: skip
    names = [h.strip() for h in header]
    if len(set(names)) < len(names):
        raise StudyError("every column has a name of its own", source=path)
    return {name: [_cell(line[i]) for line in lines] for i, name in enumerate(names)}


def _cell(text: Any) -> str:
    word = "" if text is None else str(text).strip()
    return "" if word.lower() in UNKNOWN else word


def _parquet(path: Path) -> dict[str, list[str]]:
    try:
        pyarrow: Any = importlib.import_module("pyarrow")
        parquet: Any = importlib.import_module("pyarrow.parquet")
    except ImportError as error:
        raise MissingExtraError("a .parquet table", "bench") from error
    try:
        table = parquet.read_table(path)
    except (OSError, pyarrow.ArrowException) as error:
        raise StudyError("the table can be read", source=path, found=error) from error
    return {c: [_cell(v) for v in table.column(c).to_pylist()] for c in table.column_names}


def _within(rows: dict[str, list[str]], columns: Columns, path: Path) -> dict[str, list[str]]:
    kept = np.ones(len(next(iter(rows.values()), [])), dtype=bool)
    for column, values in columns.within.items():
        if column not in rows:
            raise StudyError(f"the table has a column '{column}'", source=path)
        kept &= np.isin(np.array(rows[column]), values)
    places = np.flatnonzero(kept)
    if not places.size:
        raise StudyError("the table has patients", source=path, found="none within the limits")
    return {name: [cells[i] for i in places] for name, cells in rows.items()}


def _input_columns(path: Path, rows: Table, columns: Columns) -> list[str]:
    roles = _roles(path)
    kept_out = {columns.subject, columns.person, columns.site, columns.stratum_column,
                *columns.target_columns, columns.target_name}  # fmt: skip
    kept_out |= {c for c, role in roles.items() if role in ("target", "outcome", "truth", "name")}
    kept_out |= set(_withheld(roles, columns))
    if columns.inputs:
        asked = [c for c in columns.inputs if c in kept_out]
        if asked:
            raise UsageError(
                "an input is no target, outcome, truth or name; of survival alone a treatment",
                source=path, found=", ".join(asked),
            )  # fmt: skip
        chosen = [c for c in rows if any(fnmatch.fnmatchcase(c, p) for p in columns.inputs)]
    elif roles:
        chosen = [c for c in rows
                  if roles.get(c) in ("input", TREATMENT) and _is_numeric(c, rows[c])]  # fmt: skip
    elif columns.region:
        return []
    else:
        raise UsageError(
            "the inputs are named by patterns, or by a data dictionary beside the table",
            source=path,
            found="neither",
            way_out="Name them, such as --inputs 'shape_*' --inputs age_years.",
        )
    chosen = [c for c in chosen if c not in kept_out]
    if not chosen and not columns.region:
        raise StudyError("there are inputs", source=path, found=", ".join(columns.inputs) or "none")
    return chosen


def withheld_columns(table: str | Path, columns: Columns) -> tuple[str, ...]:
    """Columns of treatment, which no system is given: the target is not a survival time.

    Args:
        table, columns: As of `read_bench_cohort`.
    """
    path = Path(table)
    return _withheld(_roles(path / PARTICIPANTS if path.is_dir() else path), columns)


def _withheld(roles: Mapping[str, str], columns: Columns) -> tuple[str, ...]:
    if len(columns.target_columns) == 2:
        return ()
    return tuple(c for c, role in roles.items() if role == TREATMENT)


def _roles(path: Path) -> dict[str, str]:
    return _entries(path, "Role")


def _entries(path: Path, what: str) -> dict[str, str]:
    """What the data dictionary beside a table says of each column; '' where it says nothing."""
    beside = path.with_suffix(".json")
    if not beside.is_file():
        return {}
    try:
        content = json.loads(beside.read_text(encoding="utf-8"))
        return {c: str(entry.get(what, "")) for c, entry in content.items()}
    except (ValueError, AttributeError) as error:
        raise StudyError("a data dictionary is JSON, an entry a column", source=beside,
                         found=error) from error  # fmt: skip


def _is_numeric(column: str, cells: Sequence[str]) -> bool:
    """Whether a column of the dictionary can be an input; words but sex are passed over."""
    return column == "sex" or all(_number(c) is not None for c in cells)


def _number(cell: str) -> float | None:
    try:
        return float(cell) if cell else float("nan")
    except ValueError:
        return None


def _numbers(path: Path, column: str, cells: Sequence[str]) -> NDArray[np.float64]:
    if column == "sex" and all(c.lower() in SEX or not c for c in cells):
        return np.array([SEX.get(c.lower(), np.nan) for c in cells])
    values = [_number(c) for c in cells]
    if None in values:
        raise StudyError(
            f"input '{column}' is of numbers", source=path, found=cells[values.index(None)]
        )
    return np.array(values, dtype=np.float64)


def _target(path: Path, rows: Table, columns: Columns) -> Target:
    name, found = columns.target_name, columns.target_columns
    if len(found) == 2:
        days, died = (_numbers(path, c, rows[c]) for c in found)
        return SurvivalTarget(name, np.where(np.isnan(died), np.nan, days), died == 1)
    words = rows[found[0]]
    classes = sorted(set(words) - {""})
    if columns.positive:
        if columns.positive not in classes:
            raise UsageError("the positive class is one of the target's", source=name,
                             found=f"{columns.positive}, not in {', '.join(classes)}")  # fmt: skip
        classes = [*(c for c in classes if c != columns.positive), columns.positive]
    elif len(classes) == 2 and classes != ["0", "1"]:
        raise UsageError(
            f"of a target of words the positive class is named: {' or '.join(classes)}",
            source=name,
        )
    read = ClassTarget.of_words(name, words, tuple(classes))
    return replace(read, coding=_entries(path, "Coding").get(found[0], ""))
