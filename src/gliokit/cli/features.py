"""`gliokit features`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from gliokit.features import FeatureSettings
    from gliokit.study import Cohort

__all__ = ["features"]

SCALE, ROBUST = "How it runs", "Robustness"


def features(
    cohort: Annotated[Path, typer.Option("--cohort", help="Table of patients, .tsv or .csv.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Table: .parquet, .tsv or .csv.")],
    root: Annotated[
        Path | None, typer.Option("--root", help="Where the table's relative paths start.")
    ] = None,
    regions: Annotated[
        str, typer.Option("--regions", help="Of wt, tc, et, rc, ncr, ed; commas between.")
    ] = "wt,tc,et",
    sequences: Annotated[
        str, typer.Option("--sequences", help="Of t1, t1c, t2, flair; else all that there are.")
    ] = "",
    groups: Annotated[
        str, typer.Option("--groups", help="Of radiomics, margin, signs, deep.")
    ] = "radiomics,margin",
    settings: Annotated[
        Path | None, typer.Option("--settings", help="Settings of radiomics, TOML.")
    ] = None,
    names: Annotated[
        Literal["ibsi", "pyradiomics"], typer.Option("--names", help="Whose names features have.")
    ] = "ibsi",
    wide: Annotated[
        bool, typer.Option("--wide/--long", help="A row a patient, or a row a value.")
    ] = True,
    maps: Annotated[
        Literal["expert", "automatic"], typer.Option("--maps", help="Whose regions.")
    ] = "expert",
    head: Annotated[
        bool, typer.Option("--head", help="Images show heads with their skull.")
    ] = False,
    model: Annotated[
        str | None, typer.Option("--model", help="For automatic maps and deep features.")
    ] = None,
    population_map: Annotated[
        Path | None,
        typer.Option(
            "--population-map",
            help="Write how often each place is tumour, too: .nii.gz, and a picture beside it.",
        ),
    ] = None,
    robustness: Annotated[
        Literal["perturbations", "masks"] | None,
        typer.Option(
            "--robustness",
            help="Write how each feature agrees with itself instead: under perturbations, or "
            "between expert and automatic masks.",
            rich_help_panel=ROBUST,
        ),
    ] = None,
    seed: Annotated[
        int, typer.Option("--seed", help="Of the perturbations.", rich_help_panel=ROBUST)
    ] = 0,
    keep: Annotated[
        Path | None,
        typer.Option(
            "--keep-robust",
            help="Table of --robustness: keep the features that are robust by it.",
            rich_help_panel=ROBUST,
        ),
    ] = None,
    above: Annotated[
        float,
        typer.Option(
            "--above",
            help="Robust is where the lower end of ICC(2,1) is at least this.",
            rich_help_panel=ROBUST,
        ),
    ] = 0.75,
    workers: Annotated[
        int | None,
        typer.Option(
            "--workers", help="Processes; else one a core. 0: this one.", rich_help_panel=SCALE
        ),
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option(
            "--cluster", help="Address of a Dask scheduler, or 'local'.", rich_help_panel=SCALE
        ),
    ] = None,
    kept: Annotated[
        Path | None,
        typer.Option(
            "--kept",
            help="Folder of patients that are done, to go on with; else OUT.kept.",
            rich_help_panel=SCALE,
        ),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the table if it is there.")
    ] = False,
) -> None:
    """Measure the features of a cohort, patient by patient."""
    from gliokit.cli.progress import shown_progress
    from gliokit.features import check_map, measure_cohort, measure_robustness, read_robustness
    from gliokit.study import read_cohort

    chosen = _settings(
        settings, regions=_parts(regions), sequences=_parts(sequences), groups=_parts(groups),
        maps=maps, head=head, **({} if model is None else {"model": model}),
    )  # fmt: skip
    robust = None if keep is None else read_robustness(keep)
    how: dict[str, Any] = {
        "workers": (os.cpu_count() or 1) if workers is None else workers,
        "cluster": cluster,
        "kept": kept,
        "overwrite": overwrite,
    }
    patients = read_cohort(cohort, root=root)
    if population_map is not None:
        check_map(population_map, chosen, overwrite=overwrite)
    with shown_progress() as progress:
        how["progress"] = progress
        if robustness is not None:
            rows, failures = measure_robustness(
                patients, out, chosen, against=robustness, seed=seed, **how
            )
            done = f"{len(rows)} figures"
        else:
            found = measure_cohort(
                patients, out, chosen, form="wide" if wide else "long", names=names,
                robust=robust, above=above, **how,
            )  # fmt: skip
            failures, done = found.failures, f"{len(found.patients)} patients"
    for failure in failures:
        print(f"Failed: {failure.name}: {failure.reason}")
    print(f"Table: {out}, {done}, {len(failures)} failed")
    if population_map is not None:
        how["kept"] = None if kept is None else kept / "population-map"
        _write_map(patients, population_map, chosen, how)


def _write_map(cohort: Cohort, path: Path, settings: FeatureSettings, how: dict[str, Any]) -> None:
    from gliokit.cli.progress import shown_progress
    from gliokit.features import measure_population

    with shown_progress() as progress:
        found, failures = measure_population(
            cohort, path, settings, **{**how, "progress": progress}
        )
    for failure in failures:
        print(f"Not on the map: {failure.name}: {failure.reason}")
    print(f"Map: {path}, {found.patients} patients, {len(failures)} left out")


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _settings(path: Path | None, **options: Any) -> FeatureSettings:
    from gliokit.features import FeatureSettings
    from gliokit.features.settings import GROUPS
    from gliokit.measurement.radiomics import RadiomicsSettings, read_settings
    from gliokit.study import UsageError

    unknown = [g for g in options["groups"] if g not in GROUPS]
    if unknown:
        raise UsageError(f"a group is one of {', '.join(GROUPS)}", found=", ".join(unknown))
    radiomics = RadiomicsSettings() if path is None else read_settings(path)
    return FeatureSettings(radiomics=radiomics, **options)
