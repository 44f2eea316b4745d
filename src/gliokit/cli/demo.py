"""`gliokit demo`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gliokit.cli.options import LangOption, ModelOption, OverwriteOption

__all__ = ["demo"]


def demo(
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for the patient and the result.")
    ] = Path("gliokit-demo"),
    seed: Annotated[int, typer.Option("--seed", help="Each gives another patient.")] = 0,
    lang: LangOption = "en",
    model: ModelOption = None,
    overwrite: OverwriteOption = False,
) -> None:
    """Make a digital patient, analyse it, and compare with the truth."""
    from gliokit.analysis import demo as run
    from gliokit.cli.outcome import print_analysis
    from gliokit.cli.progress import shown_progress

    with shown_progress() as progress:
        made = run(out, seed=seed, lang=lang, model=model, overwrite=overwrite, progress=progress)
    print_analysis(made.analysis)
    for region, agreement in made.dice.items():
        print(f"{region:3} Dice with the truth {agreement:.2f}")
    print(f"Patient: {made.patient}")
    print(f"Report: {made.report}")
