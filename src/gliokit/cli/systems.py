"""`gliokit systems`, `gliokit systems ID`, `gliokit systems new ID`, `gliokit systems check ID`."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

if TYPE_CHECKING:
    from gliokit.systems import Needs, SystemCard

__all__ = ["systems"]

NEW, CHECK = "new", "check"
CHECKED_ON = 240


def systems(
    name: Annotated[
        str | None,
        typer.Argument(metavar="[ID|new|check]", help="One system, or its file; all are listed "
                       "without. 'new' writes a file to begin with, 'check' tries one."),
    ] = None,
    which: Annotated[
        str | None,
        typer.Argument(metavar="[ID]", help="Of 'new': first author and year, such as "
                       "author2026. Of 'check': an ID or a file, such as ./author2026.py."),
    ] = None,
    task: Annotated[
        str, typer.Option("--task", help="Only those of classification, survival, ...")
    ] = "",
    target: Annotated[str, typer.Option("--target", help="Only those published for it.")] = "",
    without: Annotated[
        str, typer.Option("--without", help="Only those that run where these sequences are "
                          "missing, such as t1c or t1c,dsc.")
    ] = "",
    as_json: Annotated[bool, typer.Option("--json", help="Print whole cards, as JSON.")] = False,
    folder: Annotated[
        Path, typer.Option("--folder", help="Of 'new': where the file goes.")
    ] = Path("."),
) -> None:  # fmt: skip
    """List the published systems and the baselines, show one, begin one, check one."""
    from gliokit.study import UsageError

    if name in (NEW, CHECK):
        if which is None:
            raise UsageError(f"'{name}' is followed by the system", source="gliokit systems",
                             way_out=f"Such as 'gliokit systems {name} author2026'.")  # fmt: skip
        _write_new(which, folder) if name == NEW else _check(which)
        return
    if which is not None:
        raise UsageError("one system is shown at a time", source="gliokit systems", found=which)
    cards = _chosen(task, target, without) if name is None else {name: _card(name)}
    if as_json:
        import json
        from dataclasses import asdict

        print(json.dumps({n: asdict(c) for n, c in cards.items()}, indent=1))
    elif name is not None:
        _show(name, cards[name], _needs(name))
    elif not cards:
        print("No system is of all of these.")
    else:
        for n, card in cards.items():
            about = f"{card.task}{', ' + card.target if card.target else ''}"
            print(f"{n:20} {about:28} {card.title}")


def _chosen(task: str, target: str, without: str) -> dict[str, SystemCard]:
    """The cards that fit; skeletons are left out."""
    from gliokit.systems import list_cards

    cards = {n: c for n, c in list_cards().items() if c.state != "skeleton"}
    _check_word("--task", task, {c.task for c in cards.values()})
    _check_word("--target", target, {c.target for c in cards.values()} - {""})
    missing = _sequences(without)
    return {
        n: c for n, c in cards.items()
        if _fits(task, c.task) and _fits(target, c.target) and _runs_without(n, missing)
    }  # fmt: skip


def _fits(asked: str, word: str) -> bool:
    """Whether a word is the one asked for, or begins with it, as 'idh_mutant' with 'idh'."""
    return asked in ("", word) or word.startswith(f"{asked}_")


def _check_word(option: str, asked: str, known: set[str]) -> None:
    from gliokit.study import UsageError

    if not any(_fits(asked, word) for word in known):
        raise UsageError(f"it is one of {', '.join(sorted(known))}", source=option, found=asked)


def _sequences(text: str) -> frozenset[str]:
    from gliokit.study import Modality, UsageError

    names = frozenset(part.strip().lower() for part in text.split(",") if part.strip())
    strange = sorted(names - {str(m) for m in Modality})
    if strange:
        raise UsageError(f"a sequence is one of {', '.join(Modality)}", source="--without",
                         found=", ".join(strange))  # fmt: skip
    return names


def _needs(name: str) -> Needs | None:
    """What every patient must have; None of a system of whole cohorts."""
    from gliokit.systems import ASSOCIATIONS, find_system

    return None if name in ASSOCIATIONS else find_system(name).needs


def _runs_without(name: str, missing: frozenset[str]) -> bool:
    needs = _needs(name)
    if needs is None or not missing:
        return True
    left = set(needs.any_sequence) - missing
    return not missing & set(needs.sequences) and bool(left or not needs.any_sequence)


def _card(name: str) -> SystemCard:
    from gliokit.study import UsageError
    from gliokit.systems import find_system, list_cards
    from gliokit.systems.own_file import is_file_name

    if is_file_name(name):
        return find_system(name).card
    cards = list_cards()
    if name not in cards:
        raise UsageError("there is a system of that name", found=name,
                         way_out=f"There are {', '.join(cards)}.")  # fmt: skip
    return cards[name]


def _show(name: str, card: SystemCard, needs: Needs | None) -> None:
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
    asked = {} if needs is None else _asked(needs)
    for title, lines in (
        ("Needs of every patient", [f"{what}: {value}" for what, value in asked.items()]),
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


def _asked(needs: Needs) -> Mapping[str, str]:
    features = f"{needs.least_features} or more named '{needs.features}'" if needs.features else ""
    said = {
        "numbers": ", ".join(needs.columns),
        "features": features,
        "sequences": ", ".join(needs.sequences),
        "at least one sequence of": ", ".join(needs.any_sequence),
        "regions": ", ".join(needs.regions),
        "regions, to learn from alone": ", ".join(needs.training_regions),
        "gaps": "filled by the training fold's median" if needs.gaps_allowed else "",
        "to learn from": f"{needs.least_per_class} patients of each class, or deaths",
    }
    return {what: value for what, value in said.items() if value}


def _write_new(name: str, folder: Path) -> None:
    from gliokit.study import check_new_file, output_file
    from gliokit.systems.template import new_system_text

    text, path = new_system_text(name), folder / f"{name}.py"
    check_new_file(path, what="a new system", endings=(".py",), overwrite=False)
    with output_file(path) as aside:
        aside.write_text(text, encoding="utf-8")
    print(f"System: {path}")
    print(f"Check it with 'gliokit systems check {path}', compare it with 'gliokit bench'.")


def _check(name: str) -> None:
    import tempfile

    from gliokit.bench.digital import DIGITAL_TARGETS, digital_cohort
    from gliokit.study import UsageError
    from gliokit.systems import TrainingSet, find_system, missing_inputs
    from gliokit.systems.contract import check_contract

    system = find_system(name)
    target = "survival" if system.card.task == "survival" else system.card.target
    target = target if target in DIGITAL_TARGETS else "idh"
    cohort = digital_cohort(target, CHECKED_ON, effect=1.0, seed=0)
    lacks = missing_inputs(system.needs, cohort.inputs)
    if lacks:
        raise UsageError("systems that learn from numbers are checked here", source=name,
                         found=f"one that needs {', '.join(next(iter(lacks.values())))}",
                         way_out="Try it with 'gliokit bench' on digital patients.")  # fmt: skip
    with tempfile.TemporaryDirectory() as aside:
        patients = TrainingSet(cohort.inputs, cohort.target(target))
        check_contract(system, patients, Path(aside) / "fitted")
    print(f"{system.card.id} holds the contract of a system ({CHECKED_ON} digital patients, "
          f"{target}).")  # fmt: skip
