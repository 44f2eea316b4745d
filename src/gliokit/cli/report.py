"""`gliokit report`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gliokit.cli.options import LangOption

__all__ = ["report"]


def report(
    result: Annotated[
        Path, typer.Argument(metavar="OUT", help="Folder that 'gliokit analyze' wrote.")
    ],
    lang: LangOption = "en",
    file: Annotated[
        Path | None,
        typer.Option("--file", help="File for the report; else report.html in the folder."),
    ] = None,
) -> None:
    """Make the report of an analysis again, without computing."""
    from gliokit.analysis import report as run

    print(f"Report: {run(result, lang=lang, file=file)}")
