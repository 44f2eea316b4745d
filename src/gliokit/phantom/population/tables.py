"""The tables of a cohort, with their data dictionaries."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from gliokit.phantom.population.columns import (
    PARTICIPANTS,
    TRUTH,
    TRUTH_VISITS,
    VISITS,
    dictionary,
    row,
)
from gliokit.phantom.population.course import visits_of
from gliokit.phantom.population.population import Population, PopulationPatient
from gliokit.phantom.population.scans import Scans, site_of
from gliokit.study import output_file

__all__ = ["BIDS", "write_json", "write_tables"]

SITE, STUDY, SEG = "site", "study", "seg"
ABOUT = {
    SITE: {"Description": "Hospital: patients of one share a scanner", "Role": "input"},
    STUDY: {"Description": "Folder of the images", "Role": "name"},
    SEG: {"Description": "File of the expert's labels", "Role": "name"},
}
BIDS = "bids"
"""Sub-folder of a cohort that is one BIDS data set."""


def write_tables(folder: Path, population: Population, n: int, scans: Scans) -> None:
    """Write the tables of visits where asked, truth.tsv, then participants.tsv.

    Each comes after its dictionary.

    Raises:
        OutputError: a file can't be written; none is half-written.
    """
    if scans.visits:
        _write_visits(folder, population, n, scans)
    write_json(folder / "truth.json", dictionary(TRUTH))
    with _table(folder / "truth.tsv", [c.name for c in TRUTH]) as write:
        for patient in population.patients(n):
            write(row(patient, TRUTH))
    more = _more(scans)
    names = [c.name for c in PARTICIPANTS]
    said = dictionary(PARTICIPANTS) | {name: ABOUT[name] for name in more}
    write_json(folder / "participants.json", said)
    with _table(folder / "participants.tsv", [names[0], *more, *names[1:]]) as write:
        for patient in population.patients(n):
            write(row(patient, PARTICIPANTS) | _cells(patient, scans, more))


def _write_visits(folder: Path, population: Population, n: int, scans: Scans) -> None:
    """What a hospital would know of each visit, and apart from it what the visit shows."""
    more = tuple(name for name in _more(scans) if name != SITE)
    for stem, columns, also in (("truth_visits", TRUTH_VISITS, ()), ("visits", VISITS, more)):
        said = dictionary(columns) | {name: ABOUT[name] for name in also}
        write_json(folder / f"{stem}.json", said)
        names = [c.name for c in columns]
        with _table(folder / f"{stem}.tsv", [*names[:2], *also, *names[2:]]) as write:
            for patient in population.patients(n):
                planned = visits_of(patient.course, patient.outcome, scans.visits)
                for number, visit in enumerate(planned, start=1):
                    cells = row((patient, number, visit), columns)
                    write(cells | _cells(patient, scans, also, visit=number))


def _more(scans: Scans) -> tuple[str, ...]:
    """Columns that follow from how patients are scanned."""
    images = () if not scans.modalities else (STUDY,) if scans.form == "brats" else (STUDY, SEG)
    return (*images, *((SITE,) if scans.sites else ()))


def _cells(
    patient: PopulationPatient, scans: Scans, names: Sequence[str], visit: int = 0
) -> dict[str, str]:
    """Their values; visit 0 is the one before surgery."""
    subject = patient.subject
    place = f"{subject}/visits/{visit}" if visit else subject
    session = f"ses-{visit + 1:02d}"
    study, seg = {
        "brats": (place, ""),
        "dicom": (f"{place}/dicom", f"{place}/{subject}-seg.nii.gz"),
        "bids": (
            f"{BIDS}/{subject}/{session}/anat",
            f"{BIDS}/derivatives/truth/{subject}/{session}/anat/{subject}_{session}_dseg.nii.gz",
        ),
    }[scans.form]
    cells = {STUDY: study, SEG: seg, SITE: site_of(patient, scans.sites) if scans.sites else ""}
    return {name: cells[name] for name in names}


@contextmanager
def _table(path: Path, names: Sequence[str]) -> Iterator[Callable[[Mapping[str, str]], object]]:
    with output_file(path) as aside, aside.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, names, delimiter="\t", lineterminator="\n")
        writer.writeheader()
        yield writer.writerow


def write_json(path: Path, content: Mapping[str, Any]) -> None:
    """Write a file of JSON as a whole."""
    with output_file(path) as aside:
        aside.write_text(json.dumps(content, indent=1) + "\n", encoding="utf-8")
