"""`gliokit train segmentation`."""

from __future__ import annotations

import os
from pathlib import Path
from typing import TYPE_CHECKING, Any

import typer

from gliokit.cli.train_options import (
    BatchOption,
    CoarseOption,
    CohortOption,
    ConfigOption,
    FoldOption,
    HoldOutOption,
    InitOption,
    NameOption,
    NetworkOption,
    OutOption,
    ResumeOption,
    RootOption,
    SeedOption,
    StageOption,
    StepsOption,
    StopEarlyOption,
    StratifyOption,
)

if TYPE_CHECKING:
    from gliokit.learning import TrainingSettings

__all__ = ["app", "segmentation"]

app = typer.Typer(no_args_is_help=True, help="Train a network.")


@app.callback()
def _train() -> None:
    """Train a network."""


@app.command("segmentation")
def segmentation(
    cohort: CohortOption,
    out: OutOption,
    root: RootOption = None,
    config: ConfigOption = None,
    stage: StageOption = None,
    network: NetworkOption = None,
    steps: StepsOption = None,
    batch: BatchOption = None,
    stop_early: StopEarlyOption = False,
    seed: SeedOption = None,
    hold_out: HoldOutOption = 0,
    fold: FoldOption = None,
    stratify_by: StratifyOption = "collection",
    initial: InitOption = None,
    coarse: CoarseOption = None,
    name: NameOption = "",
    resume: ResumeOption = False,
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
            name=name,
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
