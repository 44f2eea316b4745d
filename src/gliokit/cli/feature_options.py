"""Options of `gliokit features`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

__all__ = [
    "AboveOption",
    "ClusterOption",
    "CohortOption",
    "GroupsOption",
    "HeadOption",
    "KeepRobustOption",
    "KeptOption",
    "MapsOption",
    "ModelOption",
    "NamesOption",
    "OutOption",
    "OverwriteOption",
    "PopulationMapOption",
    "RegionsOption",
    "RobustnessOption",
    "RootOption",
    "SeedOption",
    "SequencesOption",
    "SettingsOption",
    "WideOption",
    "WorkersOption",
]

SCALE, ROBUST = "How it runs", "Robustness"

CohortOption = Annotated[Path, typer.Option("--cohort", help="Table of patients, .tsv or .csv.")]
OutOption = Annotated[Path, typer.Option("--out", "-o", help="Table: .parquet, .tsv or .csv.")]
RootOption = Annotated[
    Path | None, typer.Option("--root", help="Where the table's relative paths start.")
]
RegionsOption = Annotated[
    str, typer.Option("--regions", help="Of wt, tc, et, rc, ncr, ed; commas between.")
]
SequencesOption = Annotated[
    str, typer.Option("--sequences", help="Of t1, t1c, t2, flair; else all that there are.")
]
GroupsOption = Annotated[str, typer.Option("--groups", help="Of radiomics, margin, signs, deep.")]
SettingsOption = Annotated[
    Path | None, typer.Option("--settings", help="Settings of radiomics, TOML.")
]
NamesOption = Annotated[
    Literal["ibsi", "pyradiomics"], typer.Option("--names", help="Whose names features have.")
]
WideOption = Annotated[
    bool, typer.Option("--wide/--long", help="A row a patient, or a row a value.")
]
MapsOption = Annotated[
    Literal["expert", "automatic"], typer.Option("--maps", help="Whose regions.")
]
HeadOption = Annotated[bool, typer.Option("--head", help="Images show heads with their skull.")]
ModelOption = Annotated[
    str | None, typer.Option("--model", help="For automatic maps and deep features.")
]
PopulationMapOption = Annotated[
    Path | None,
    typer.Option(
        "--population-map",
        help="Write how often each place is tumour, too: .nii.gz, and a picture beside it.",
    ),
]
OverwriteOption = Annotated[
    bool, typer.Option("--overwrite", help="Replace the table if it is there.")
]

RobustnessOption = Annotated[
    Literal["perturbations", "masks"] | None,
    typer.Option(
        "--robustness",
        help="Write how each feature agrees with itself instead: under perturbations, or "
        "between expert and automatic masks.",
        rich_help_panel=ROBUST,
    ),
]
SeedOption = Annotated[
    int, typer.Option("--seed", help="Of the perturbations.", rich_help_panel=ROBUST)
]
KeepRobustOption = Annotated[
    Path | None,
    typer.Option(
        "--keep-robust",
        help="Table of --robustness: keep the features that are robust by it.",
        rich_help_panel=ROBUST,
    ),
]
AboveOption = Annotated[
    float,
    typer.Option(
        "--above",
        help="Robust is where the lower end of ICC(2,1) is at least this.",
        rich_help_panel=ROBUST,
    ),
]

WorkersOption = Annotated[
    int | None,
    typer.Option(
        "--workers", help="Processes; else one a core. 0: this one.", rich_help_panel=SCALE
    ),
]
ClusterOption = Annotated[
    str | None,
    typer.Option(
        "--cluster",
        help="'local', 'slurm' or the address of a Dask scheduler.",
        rich_help_panel=SCALE,
    ),
]
KeptOption = Annotated[
    Path | None,
    typer.Option(
        "--kept",
        help="Folder of patients that are done, to go on with; else OUT.kept.",
        rich_help_panel=SCALE,
    ),
]
