"""The tables of a cohort, with their data dictionaries."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gliokit.phantom.population.columns import PARTICIPANTS, TRUTH, Column, dictionary, row
from gliokit.phantom.population.population import Population
from gliokit.study import output_file

__all__ = ["write_json", "write_tables"]

PARTICIPANTS_TABLE, TRUTH_TABLE, STUDY = "participants.tsv", "truth.tsv", "study"


def write_tables(folder: Path, population: Population, n: int, *, with_images: bool) -> None:
    """Write truth.tsv, then participants.tsv, each after its dictionary.

    Raises:
        OutputError: a file can't be written; none is half-written.
    """
    said = dictionary(PARTICIPANTS)
    if with_images:
        said[STUDY] = {"Description": "Folder of the patient's images", "Role": "name"}
    write_json(folder / "truth.json", dictionary(TRUTH))
    write_json(folder / "participants.json", said)
    with _table(folder / TRUTH_TABLE, TRUTH) as write:
        for patient in population.patients(n):
            write(row(patient, TRUTH))
    study = (STUDY,) if with_images else ()
    with _table(folder / PARTICIPANTS_TABLE, PARTICIPANTS, *study) as write:
        for patient in population.patients(n):
            write(row(patient, PARTICIPANTS) | dict.fromkeys(study, patient.subject))


@contextmanager
def _table(
    path: Path, columns: tuple[Column, ...], *more: str
) -> Iterator[Callable[[Mapping[str, str]], object]]:
    names = [column.name for column in columns]
    with output_file(path) as aside, aside.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(
            stream, [names[0], *more, *names[1:]], delimiter="\t", lineterminator="\n"
        )
        writer.writeheader()
        yield writer.writerow


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a file of JSON as a whole."""
    with output_file(path) as aside:
        aside.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
