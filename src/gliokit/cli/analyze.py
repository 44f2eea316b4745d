"""`gliokit analyze`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from gliokit.cli.options import (
    FlairOption,
    LangOption,
    ModelOption,
    OverwriteOption,
    QualityOption,
    StudyArgument,
    T1cOption,
    T1Option,
    T2Option,
)

__all__ = ["analyze"]


def analyze(
    study: StudyArgument = None,
    *,
    out: Annotated[
        Path, typer.Option("--out", "-o", help="Folder for the result: new, empty, or earlier.")
    ],
    t1: T1Option = None,
    t1c: T1cOption = None,
    t2: T2Option = None,
    flair: FlairOption = None,
    lang: LangOption = "en",
    segmentation: Annotated[
        Path | None,
        typer.Option(
            "--segmentation",
            help="Label map corrected elsewhere: it is measured, the automatic one shown beside.",
        ),
    ] = None,
    generation: Annotated[
        str | None,
        typer.Option(
            "--generation",
            help="What its labels mean: 2012-2016, 2017-2022, 2023, 2024 or whole-tumour.",
        ),
    ] = None,
    model: ModelOption = None,
    quality: QualityOption = "standard",
    features: Annotated[
        bool, typer.Option("--features", help="Write features.tsv too: radiomics, margin, signs.")
    ] = False,
    feature_settings: Annotated[
        Path | None,
        typer.Option("--feature-settings", help="Settings of its radiomics, TOML."),
    ] = None,
    overwrite: OverwriteOption = False,
) -> None:
    """Find the tumour of a study, measure it and write the report."""
    from gliokit.analysis import analyze as run
    from gliokit.cli.outcome import print_analysis
    from gliokit.cli.progress import shown_progress

    with shown_progress() as progress:
        analysis = run(
            study,
            out,
            t1=t1,
            t1c=t1c,
            t2=t2,
            flair=flair,
            lang=lang,
            segmentation=segmentation,
            generation=generation,
            model=model,
            quality=quality,
            features=features,
            feature_settings=feature_settings,
            overwrite=overwrite,
            progress=progress,
        )
    print_analysis(analysis)
    print(f"Report: {out / 'report.html'}")
