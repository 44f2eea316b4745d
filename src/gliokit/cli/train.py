"""`gliokit train segmentation`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from gliokit.learning import TrainingSettings

__all__ = ["app", "segmentation"]

app = typer.Typer(no_args_is_help=True, help="Train a network.")


@app.callback()
def _train() -> None:
    """Train a network."""


@app.command("segmentation")
def segmentation(
    cohort: Annotated[
        Path, typer.Option("--cohort", help="Table of patients with expert label maps.")
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the run.")],
    root: Annotated[
        Path | None, typer.Option("--root", help="Where the table's relative paths start.")
    ] = None,
    config: Annotated[
        Path | None, typer.Option("--config", help="Settings of the run, TOML; options win.")
    ] = None,
    stage: Annotated[
        Literal["coarse", "fine"] | None,
        typer.Option("--stage", help="The whole brain, or the box around the tumour."),
    ] = None,
    network: Annotated[
        Literal["house", "nnunet-style"] | None,
        typer.Option("--network", help="With its loss, augmentation and optimiser."),
    ] = None,
    steps: Annotated[int | None, typer.Option("--steps", help="Steps of training.")] = None,
    batch: Annotated[
        int | None,
        typer.Option("--batch", help="Examples a step, shared out among the processes."),
    ] = None,
    stop_early: Annotated[
        bool,
        typer.Option(
            "--stop-early",
            help="Keep back a part of the patients to learn from; end when they gain no more.",
        ),
    ] = False,
    seed: Annotated[int | None, typer.Option("--seed", help="Of all that is drawn.")] = None,
    hold_out: Annotated[
        int, typer.Option("--hold-out", help="Patients that the network never sees.")
    ] = 0,
    fold: Annotated[
        str | None,
        typer.Option("--fold", help="Or the patients of one fold: 3/5 is the third of five."),
    ] = None,
    stratify_by: Annotated[
        str, typer.Option("--stratify-by", help="Column that they are drawn in proportion to.")
    ] = "collection",
    initial: Annotated[
        str | None,
        typer.Option("--init", help="Run folder or model whose weights it starts from."),
    ] = None,
    coarse: Annotated[
        str | None, typer.Option("--coarse", help="For a fine stage: the model that it follows.")
    ] = None,
    resume: Annotated[
        bool, typer.Option("--resume", help="Go on with a run that was cut off.")
    ] = False,
) -> None:
    """Train a stage of the segmenter and export it with its card."""
    from gliokit.cli.progress import shown_progress
    from gliokit.inference import load_model
    from gliokit.study import read_cohort

    _check_installed()
    from gliokit.learning.run import train_segmentation
    from gliokit.learning.split import keep_back

    options = {"network": network, "stage": stage, "steps": steps, "batch": batch, "seed": seed}
    settings = _settings(config, options, stop_early=stop_early)
    patients = read_cohort(cohort, root=root)
    kept = keep_back(
        patients,
        count=hold_out,
        fold=_fold(fold),
        stratify_by=stratify_by,
        seed=settings.seed,
    )
    with shown_progress() as progress:
        model = train_segmentation(
            patients,
            out,
            settings=settings,
            held_out=kept,
            initial=initial,
            coarse=None if coarse is None else load_model(coarse),
            resume=resume,
            progress=progress,
        )
    if os.environ.get("RANK", "0") == "0":  # torchrun starts several processes
        print(f"Model: {model}")


def _fold(text: str | None) -> tuple[int, int] | None:
    from gliokit.study import UsageError

    if text is None:
        return None
    number, _, of = text.partition("/")
    if not (number.isdecimal() and of.isdecimal()):
        raise UsageError("a fold is given as 3/5, the third of five", source="--fold", found=text)
    return int(number), int(of)


def _check_installed() -> None:
    from importlib.util import find_spec

    from gliokit.study import MissingExtraError

    if any(find_spec(name) is None for name in ("torch", "onnx", "matplotlib")):
        raise MissingExtraError("training", "train")


def _settings(
    config: Path | None, options: dict[str, Any], *, stop_early: bool
) -> TrainingSettings:
    import tomllib

    from pydantic import ValidationError

    from gliokit.learning import TrainingSettings
    from gliokit.study import UsageError

    values: dict[str, Any] = {}
    try:
        if config is not None:
            values = tomllib.loads(config.read_text(encoding="utf-8"))
        values |= {key: value for key, value in options.items() if value is not None}
        if stop_early:
            values.setdefault("stop_early", {})
        return TrainingSettings.model_validate(values)
    except (OSError, ValueError) as error:
        found = str(error)
        if isinstance(error, ValidationError):
            found = "; ".join(f"{'.'.join(map(str, e['loc']))}: {e['msg']}" for e in error.errors())
        raise UsageError(
            "settings of a run are those of TrainingSettings, in TOML",
            source=config or "options",
            found=found,
        ) from error
