"""`gliokit systems` and `gliokit systems ID`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gliokit.systems import SystemCard

__all__ = ["systems"]


def systems(
    name: Annotated[
        str | None, typer.Argument(metavar="ID", help="One system; all are listed without.")
    ] = None,
    task: Annotated[
        str, typer.Option("--task", help="Only classification, survival or association.")
    ] = "",
    target: Annotated[str, typer.Option("--target", help="Only those published for it.")] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print whole cards, as JSON.")] = False,
) -> None:
    """List the published systems and the baselines, or show the card of one."""
    from gliokit.study import UsageError
    from gliokit.systems import list_cards

    cards = list_cards()
    if name is not None and name not in cards:
        raise UsageError("there is a system of that name", found=name,
                         way_out=f"There are {', '.join(cards)}.")  # fmt: skip
    if name is not None:
        cards = {name: cards[name]}
    else:
        cards = {n: c for n, c in cards.items() if c.state != "skeleton"}
        cards = {n: c for n, c in cards.items() if task in ("", c.task)}
        cards = {n: c for n, c in cards.items() if target in ("", c.target)}
    if as_json:
        import json
        from dataclasses import asdict

        print(json.dumps({n: asdict(c) for n, c in cards.items()}, indent=1))
    elif name is not None:
        _show(name, cards[name])
    else:
        for n, card in cards.items():
            about = f"{card.task}{', ' + card.target if card.target else ''}"
            print(f"{n:20} {about:28} {card.title}")


def _show(name: str, card: SystemCard) -> None:
    print(f"{name}: {card.title}")
    if card.citation:
        print(f"  {card.citation}")
    print(f"  {card.task}{', ' + card.target if card.target else ''}; fidelity {card.fidelity}; "
          f"{card.state}")  # fmt: skip
    for figure in card.figures:
        if figure.printable:
            ends = "" if figure.low is None else f" ({figure.low:g} to {figure.high:g})"
            size = "" if figure.n is None else f", n = {figure.n}"
            mark = "" if figure.mark == "paper" else f", {figure.mark}"
            print(f"  {figure.what}: {figure.value:g}{ends}{size}{mark}")
    for title, lines in (
        ("Chosen, since the paper leaves it open", card.chosen),
        ("Doubts", card.doubts),
        ("Errors of the review", card.review),
    ):
        if lines:
            print(f"  {title}:")
            for line in lines:
                print(f"    {line}")
    if card.small:
        print(f"  Budget small: {card.small}")
