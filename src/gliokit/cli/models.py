"""`gliokit models`."""

from __future__ import annotations

from typing import Annotated

import typer

__all__ = ["models"]


def models(
    as_json: Annotated[
        bool, typer.Option("--json", help="Print the whole cards, as JSON.")
    ] = False,
) -> None:
    """List the models that come with gliokit."""
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
        print(f"  trained on {len(card.trained_on)} patients; {card.licence}; {card.date}")
        for limit in card.limits:
            print(f"  {limit}")
