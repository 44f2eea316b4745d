"""Options of `gliokit train segmentation`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

__all__ = [
    "BatchOption",
    "CoarseOption",
    "CohortOption",
    "ConfigOption",
    "FoldOption",
    "HoldOutOption",
    "InitOption",
    "NameOption",
    "NetworkOption",
    "OutOption",
    "ResumeOption",
    "RootOption",
    "SeedOption",
    "StageOption",
    "StepsOption",
    "StopEarlyOption",
    "StratifyOption",
]

WHO, HOW = "Who is learnt from", "How"

CohortOption = Annotated[
    Path,
    typer.Option(
        "--cohort",
        help="Table of patients with expert label maps. Of a mask of the whole tumour alone "
        "('whole-tumour' in the column 'generation') that region counts alone; sequences that "
        "a patient lacks are missing to the network too.",
    ),
]
OutOption = Annotated[Path, typer.Option("--out", "-o", help="Folder of the run.")]
RootOption = Annotated[
    Path | None, typer.Option("--root", help="Where the table's relative paths start.")
]
HoldOutOption = Annotated[
    int,
    typer.Option(
        "--hold-out",
        help="Patients that the network never sees, with all their scans.",
        rich_help_panel=WHO,
    ),
]
FoldOption = Annotated[
    str | None,
    typer.Option(
        "--fold",
        help="Or the patients of one fold: 3/5 is the third of five.",
        rich_help_panel=WHO,
    ),
]
StratifyOption = Annotated[
    str,
    typer.Option(
        "--stratify-by",
        help="Column that they are drawn in proportion to.",
        rich_help_panel=WHO,
    ),
]
StopEarlyOption = Annotated[
    bool,
    typer.Option(
        "--stop-early",
        help="Keep back a part of the patients to learn from, of those whom --init has not "
        "seen; end when they gain no more.",
        rich_help_panel=WHO,
    ),
]
ConfigOption = Annotated[
    Path | None,
    typer.Option("--config", help="Settings of the run, TOML; options win.", rich_help_panel=HOW),
]
StageOption = Annotated[
    Literal["coarse", "fine"] | None,
    typer.Option(
        "--stage", help="The whole brain, or the box around the tumour.", rich_help_panel=HOW
    ),
]
NetworkOption = Annotated[
    Literal["house", "nnunet-style"] | None,
    typer.Option(
        "--network", help="With its loss, augmentation and optimiser.", rich_help_panel=HOW
    ),
]
StepsOption = Annotated[
    int | None, typer.Option("--steps", help="Steps of training.", rich_help_panel=HOW)
]
BatchOption = Annotated[
    int | None,
    typer.Option(
        "--batch",
        help="Examples a step, shared out among the processes.",
        rich_help_panel=HOW,
    ),
]
SeedOption = Annotated[
    int | None, typer.Option("--seed", help="Of all that is drawn.", rich_help_panel=HOW)
]
InitOption = Annotated[
    str | None,
    typer.Option(
        "--init",
        help="Run folder or model whose weights it starts from, and spacing and patch unless "
        "--config gives them.",
        rich_help_panel=HOW,
    ),
]
CoarseOption = Annotated[
    str | None,
    typer.Option(
        "--coarse", help="For a fine stage: the model that it follows.", rich_help_panel=HOW
    ),
]
NameOption = Annotated[
    str, typer.Option("--name", help="Of the model; the name of the folder unless given.")
]
ResumeOption = Annotated[bool, typer.Option("--resume", help="Go on with a run that was cut off.")]
