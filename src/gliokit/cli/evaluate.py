"""`gliokit evaluate segmentation`."""

from __future__ import annotations

import sys
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from gliokit.cli.options import ModelOption, QualityOption

if TYPE_CHECKING:
    from gliokit.evaluation import SummaryFigure
    from gliokit.study import Modality

__all__ = ["app", "segmentation"]

app = typer.Typer(no_args_is_help=True, help="Judge results against experts.")

SHOWN = (
    "dice",
    "dice_from_1_ml",
    "hd95_mm",
    "surface_dice_1mm",
    "volume_error_ml",
    "lesion_dice",
    "lesion_hd95_mm",
    "presence_right",
    "falsely_found_ml",
)


@app.callback()
def _evaluate() -> None:
    """Judge results against experts."""


@app.command("segmentation")
def segmentation(
    cohort: Annotated[
        Path, typer.Option("--cohort", help="Table of patients with expert label maps.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="File for the figures, .json.")],
    root: Annotated[
        Path | None, typer.Option("--root", help="Where the table's relative paths start.")
    ] = None,
    model: ModelOption = None,
    quality: QualityOption = "standard",
    predictions: Annotated[
        Path | None,
        typer.Option("--predictions", help="Instead of a model: folder of SUBJECT.nii.gz."),
    ] = None,
    generation: Annotated[
        str | None,
        typer.Option("--generation", help="What the labels of the predictions mean: 2023, ..."),
    ] = None,
    sequences: Annotated[
        str, typer.Option("--sequences", help="The model sees these alone, such as t1,flair.")
    ] = "",
    group_by: Annotated[
        str, typer.Option("--group-by", help="Column whose groups are summarised too.")
    ] = "collection",
    include_seen: Annotated[
        bool,
        typer.Option("--include-seen", help="Average patients that the model was trained on too."),
    ] = False,
    seed: Annotated[int, typer.Option("--seed", help="Of the intervals.")] = 0,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the file if it is there.")
    ] = False,
) -> None:
    """Judge a model, or label maps made elsewhere, patient by patient.

    Who can't be judged is listed and left out; the exit code is then 3.
    """
    from gliokit.analysis import evaluate_segmentation
    from gliokit.analysis.provenance import command_of
    from gliokit.analysis.stored_run import write_stored_run
    from gliokit.cli.progress import shown_progress
    from gliokit.study import StudyError, check_new_file, read_cohort

    check_new_file(out, what="a .json file", endings=(".json",), overwrite=overwrite)
    with shown_progress() as progress:
        judged = evaluate_segmentation(
            read_cohort(cohort, root=root),
            model=model,
            quality=quality,
            predictions=predictions,
            generation=generation,
            sequences=_modalities(sequences),
            group_by=group_by,
            include_seen=include_seen,
            keep_going=True,
            seed=seed,
            progress=progress,
        )
    command = command_of(
        "evaluate", "segmentation", cohort=cohort, root=root, model=model, quality=quality,
        predictions=predictions, generation=generation, sequences=sequences or None,
    )  # fmt: skip
    command += ["--include-seen"] if include_seen else []
    write_stored_run(
        out,
        command=" ".join(command),
        data=judged.data,
        seed=seed,
        figures={name: f.as_json() for name, f in judged.summary.items()},
        rows=[case.as_row() for case in judged.cases],
    )
    print(judged.data)
    _print_summary(judged.summary)
    print(f"Figures: {out}")
    for failure in judged.failures:
        print(f"Failed: {failure.name}: {failure.reason}", file=sys.stderr)
    if judged.failures:
        raise typer.Exit(StudyError.exit_code)


def _modalities(text: str) -> tuple[Modality, ...]:
    from gliokit.study import STRUCTURAL, Modality, UsageError

    names = [part.strip().lower() for part in text.split(",") if part.strip()]
    known = [str(m) for m in STRUCTURAL]
    if unknown := [name for name in names if name not in known]:
        raise UsageError(
            f"sequences are of {', '.join(known)}, with commas between",
            source="--sequences",
            found=", ".join(unknown),
        )
    return tuple(Modality(name) for name in names)


def _print_summary(summary: Mapping[str, SummaryFigure]) -> None:
    for region in dict.fromkeys(name.partition("_")[0] for name in summary):
        for figure in SHOWN:
            found = summary.get(f"{region}_{figure}")
            if found is not None:
                print(
                    f"{region.upper():3} {figure:17} {found.value:8.3f} "
                    f"({found.low:.3f} to {found.high:.3f}) {found.unit}, n = {found.n}"
                )
