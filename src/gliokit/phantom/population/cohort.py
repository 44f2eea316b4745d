"""A cohort on disk: tables, images and truth of many patients."""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from gliokit import __version__
from gliokit.batch import Job, Task, run_batch
from gliokit.phantom.population.patient_folder import PATIENT, write_scans
from gliokit.phantom.population.population import Population, check_number
from gliokit.phantom.population.scanning import ALL_STRUCTURAL
from gliokit.phantom.population.scans import Scans, site_of
from gliokit.phantom.population.tables import BIDS, write_json, write_tables
from gliokit.study import OutputError, UsageError

__all__ = ["MOST_IMAGED", "write_cohort"]

COHORT = "cohort.json"
MOST_IMAGED = 100_000


def _silent(_: str) -> None:
    return


@dataclass(frozen=True, slots=True)
class _Order:
    """One patient's images, for a worker. `population` is what a `Population` is made of."""

    folder: Path
    index: int
    scans: Scans
    population: tuple[dict[str, float], int, dict[str, float]]


def write_cohort(
    folder: str | Path,
    population: Population,
    n: int,
    *,
    spacing_mm: float = 2.0,
    modalities: Sequence[str] = ALL_STRUCTURAL,
    form: str = "brats",
    field_t: float = 3.0,
    sites: int = 0,
    visits: Sequence[str] = (),
    workers: int = 1,
    cluster: str | None = None,
    progress: Callable[[str], None] = _silent,
) -> Path:
    """Write the first `n` patients of a population.

    FOLDER/participants.tsv (targets, inputs, outcome) with its data dictionary
    participants.json, truth.tsv (what is planted) with truth.json, cohort.json (all
    that was asked), and FOLDER/sub-000000/ and so on with images and truth.
    With visits, visits.tsv says when each was and where it lies, truth_visits.tsv what it shows;
    with sites, the column `site` names the hospital. Of the form 'bids', FOLDER/bids is one
    data set of all patients.
    `gliokit.study.read_cohort(FOLDER)` reads the form 'brats'. participants.tsv is written
    last: where it is there, all is there. A run that was cut off goes on when it is called
    again; a cohort grows when it is called with a larger `n`.

    Args:
        folder: New, empty, or a cohort made with the same settings by the same version.
        population: Who.
        n: 1 to 1,000,000; with images to 100,000.
        spacing_mm, modalities, form, field_t, sites, visits: As in `Scans`; without modalities
            there are the tables alone.
        workers: Processes; 0 works in this one.
        cluster: 'local' or the address of a Dask scheduler, in the place of processes; its
            workers must see the folder by the same path. Tables are made here.
        progress: Told how far it is.

    Returns:
        The folder.

    Raises:
        UsageError: a number, spacing, modality, form, field, visit or cluster that can't be.
        MissingExtraError: a cluster is asked for and the extra is not installed.
        OutputError: the folder holds something else, or can't be written.
        RuntimeError: a patient could not be made; those that were stay.
    """
    folder = Path(folder)
    scans = Scans(spacing_mm, modalities, form, field_t, sites, visits)
    check_number(n)
    if scans.modalities and n > MOST_IMAGED:
        raise UsageError(f"a cohort with images has at most {MOST_IMAGED} patients",
                         source="n", found=n)  # fmt: skip
    if workers < 0:
        raise UsageError("there are 0 or more workers", source="workers", found=workers)
    _take(folder, _settings(population, scans))
    if scans.modalities:
        made_of = (dict(population.effects), population.seed, dict(population.hazard_ratios))
        orders = [
            _Order(folder.resolve() / population.patient(k).subject, k, scans, made_of)
            for k in range(n)
        ]
        _make_all(orders, workers, cluster, progress)
    write_tables(folder, population, n, scans)
    return folder


def _settings(population: Population, scans: Scans) -> dict[str, Any]:
    return {
        "made_by": f"gliokit {__version__}",
        "seed": population.seed,
        "effects": asdict(population.scale),
        "hazard_ratios": dict(sorted(population.hazard_ratios.items())),
        **scans.as_settings(),
    }


def _take(folder: Path, settings: Mapping[str, Any]) -> None:
    """Use a new or empty folder, or go on with a cohort of the same settings."""
    mark = folder / COHORT
    if not mark.is_file():
        names = sorted(p.name for p in folder.iterdir()) if folder.is_dir() else []
        if names or folder.is_file():
            raise OutputError(
                "a cohort goes into a new or empty folder, or is gone on with",
                source=folder,
                found=", ".join(names[:5]) or "a file",
                way_out="Name another folder.",
            )
        write_json(mark, settings)
        return
    try:
        before = json.loads(mark.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise OutputError("the cohort's settings can be read", source=mark, found=error) from error
    if before != settings:
        other = [
            k for k in settings if not isinstance(before, dict) or before.get(k) != settings[k]
        ]
        raise OutputError(
            "a cohort goes on with the settings that it was begun with",
            source=folder,
            found=f"others for {', '.join(other)}",
            way_out=f"Take those of {COHORT}, or name another folder.",
        )


def _make_all(
    orders: Sequence[_Order], workers: int, cluster: str | None, progress: Callable[[str], None]
) -> None:
    jobs = [Job(order.folder.name, order) for order in orders]
    outcomes = run_batch(Task(_make), jobs, workers=workers, cluster=cluster, progress=progress)
    failures = [o.failure for o in outcomes if o.failure is not None]
    if failures:
        said = "; ".join(f"{f.name}: {f.kind}: {f.reason}" for f in failures[:3])
        raise RuntimeError(
            f"{len(failures)} of {len(jobs)} patients could not be made ({said}). "
            "The others stay: the same call goes on."
        )


def _make(order: _Order) -> str:
    """Make one patient, unless they are there."""
    if not (order.folder / PATIENT).is_file():
        patient, sites = Population(*order.population).patient(order.index), order.scans.sites
        write_scans(
            order.folder,
            patient,
            order.scans,
            site=site_of(patient, sites) if sites else None,
            bids=order.folder.parent / BIDS,
        )
    return order.folder.name
