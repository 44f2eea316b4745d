"""Arguments that several verbs share."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

__all__ = [
    "FlairOption",
    "LangOption",
    "ModelOption",
    "OverwriteOption",
    "QualityOption",
    "StudyArgument",
    "T1Option",
    "T1cOption",
    "T2Option",
]

FILES = "Files, which win over the folder"

StudyArgument = Annotated[
    Path | None,
    typer.Argument(
        metavar="STUDY", help="Folder of one visit: a BraTS case, NIfTI files, or BIDS."
    ),
]
T1Option = Annotated[
    Path | None, typer.Option("--t1", help="T1 before contrast.", rich_help_panel=FILES)
]
T1cOption = Annotated[
    Path | None, typer.Option("--t1c", help="T1 after contrast.", rich_help_panel=FILES)
]
T2Option = Annotated[Path | None, typer.Option("--t2", help="T2.", rich_help_panel=FILES)]
FlairOption = Annotated[Path | None, typer.Option("--flair", help="FLAIR.", rich_help_panel=FILES)]
LangOption = Annotated[Literal["en", "zh"], typer.Option("--lang", help="Language of the report.")]
ModelOption = Annotated[
    str | None,
    typer.Option("--model", help="Name of a model ('gliokit models'), or a model folder."),
]
QualityOption = Annotated[
    Literal["standard", "best"],
    typer.Option(
        "--quality",
        help="Look once, or at the mirror image too (of imported models standard alone).",
    ),
]
OverwriteOption = Annotated[
    bool, typer.Option("--overwrite", help="Write also where other files are; those stay.")
]
