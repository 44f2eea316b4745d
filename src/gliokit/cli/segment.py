"""`gliokit segment`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gliokit.cli.options import (
    FlairOption,
    ModelOption,
    QualityOption,
    StudyArgument,
    T1cOption,
    T1Option,
    T2Option,
)

__all__ = ["segment"]


def segment(
    study: StudyArgument = None,
    *,
    out: Annotated[Path, typer.Option("--out", "-o", help="File for the label map, .nii.gz.")],
    t1: T1Option = None,
    t1c: T1cOption = None,
    t2: T2Option = None,
    flair: FlairOption = None,
    model: ModelOption = None,
    quality: QualityOption = "standard",
    probabilities: Annotated[
        Path | None,
        typer.Option("--probabilities", help="Folder for each region's probability and doubt."),
    ] = None,
    uncertainty: Annotated[
        Path | None,
        typer.Option("--uncertainty", help="File for a map of each voxel's doubt, .nii.gz."),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the file if it is there.")
    ] = False,
) -> None:
    """Find the tumour of a study and write its label map alone."""
    from gliokit.analysis import segment_study
    from gliokit.cli.outcome import print_notices
    from gliokit.cli.progress import shown_progress

    with shown_progress() as progress:
        found = segment_study(
            study,
            out,
            t1=t1,
            t1c=t1c,
            t2=t2,
            flair=flair,
            model=model,
            quality=quality,
            probabilities=probabilities,
            uncertainty=uncertainty,
            overwrite=overwrite,
            progress=progress,
        )
    print_notices(found.notices)
    for region in found.labels.regions:
        volume_ml = found.region(region).sum() * found.grid.voxel_ml
        print(f"{region:3} {volume_ml:8.2f} mL")
    print(f"Label map: {out}")
