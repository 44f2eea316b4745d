"""`gliokit models` and `gliokit models import`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gliokit.inference import TrainingPatient

__all__ = ["app", "import_", "models"]

app = typer.Typer(help="List the models that come with gliokit, or import one from outside.")


@app.callback(invoke_without_command=True)
def models(
    context: typer.Context,
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the whole cards, as JSON.")
    ] = False,
) -> None:
    """List the models that come with gliokit, or import one from outside."""
    if context.invoked_subcommand is not None:
        return
    from gliokit.inference import list_models

    cards = list_models()
    if as_json:
        import json

        print(json.dumps([card.model_dump(mode="json") for card in cards], indent=1))
        return
    if not cards:
        print("No model comes with this installation; give a model folder with --model.")
    for card in cards:
        print(f"{card.name} {card.version}: {card.task}")
        print(f"  sequences {', '.join(card.channels)}; regions {', '.join(card.regions)}")
        digital = len(card.digital_patients)
        also = f" and {digital} digital ones" if digital else ""
        print(f"  trained on {len(card.patients)} patients{also}; {card.licence}; {card.date}")
        for limit in card.limits:
            print(f"  {limit}")


@app.command("import")
def import_(
    folder: Annotated[
        Path,
        typer.Argument(metavar="FOLDER", help="An nnU-Net v2 model folder or a MONAI bundle."),
    ],
    out: Annotated[Path, typer.Option("--out", "-o", help="Model folder to write.")],
    name: Annotated[str, typer.Option("--name", help="Of the model.")] = "",
    channels: Annotated[
        str, typer.Option("--channels", help="Its sequences in order: t1,t1c,t2,flair.")
    ] = "",
    outputs: Annotated[
        str, typer.Option("--outputs", help="Its outputs in order: WT,TC,ET or NCR,ED,ET.")
    ] = "",
    orientation: Annotated[
        str,
        typer.Option("--orientation", help="Axes of the files it was trained on; BraTS's are LPS."),
    ] = "",
    fold: Annotated[
        list[str] | None, typer.Option("--fold", help="Of an nnU-Net; again for more. All else.")
    ] = None,
    mirror: Annotated[
        bool,
        typer.Option("--mirror/--no-mirror", help="Average mirrored windows, as the original."),
    ] = True,
    trained_on: Annotated[
        Path | None,
        typer.Option("--trained-on", help="Names of the patients it has seen, one a line."),
    ] = None,
    licence: Annotated[str, typer.Option("--licence", help="Of the weights.")] = "",
) -> None:
    """Convert a network from outside to one that runs without torch; the weights are yours."""
    from importlib.util import find_spec

    from gliokit.cli.progress import shown_progress
    from gliokit.study import MissingExtraError

    if any(find_spec(guest) is None for guest in ("torch", "onnx")):
        raise MissingExtraError("importing a model", "train")
    from gliokit.learning.importing.original import Choices
    from gliokit.learning.importing.run import import_model

    choices = Choices(
        channels=_parts(channels),
        outputs=_parts(outputs),
        orientation=orientation.upper(),
        folds=tuple(fold or ()),
        mirror=mirror,
    )
    with shown_progress() as progress:
        made = import_model(
            folder,
            out,
            choices=choices,
            name=name,
            trained_on=() if trained_on is None else _patients(trained_on),
            licence=licence,
            progress=progress,
        )
    print(f"{made.card.name}: {made.card.version}")
    print(f"  sequences {', '.join(made.card.channels)}; regions {', '.join(made.card.regions)}")
    for network, apart in made.apart.items():
        print(f"  {network}: probabilities differ from the original's by {apart:.1g} at most")
    print(f"Model: {out}")


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _patients(path: Path) -> tuple[TrainingPatient, ...]:
    from gliokit.inference import TrainingPatient
    from gliokit.study import UsageError

    try:
        names = path.read_text(encoding="utf-8").split("\n")
    except (OSError, UnicodeDecodeError) as error:
        raise UsageError(
            "names of patients are a text file in UTF-8", source=path, found=str(error)
        ) from error
    return tuple(TrainingPatient(subject=n.strip(), collection="") for n in names if n.strip())
