"""The two tables of the population: how often things go together, and what goes with them."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from types import MappingProxyType

__all__ = ["MARKS", "Entry", "Table", "effects", "frequencies"]

MARKS = ("paper", "computed", "recall", "inferred", "calibrated")
"""How a value is known: printed in the paper named; arithmetic on published figures or
tables; remembered from the paper; chosen; chosen so that a benchmark meets its aim."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One line of a table.

    Args:
        quantity: What it is the value of.
        given: For whom: a class (`astro_2`), a lineage (`astro`), a molecular group
            (`tert_only`), one of a stratum (`lower.tert_only`), `mutant`, `all` ...
        value: In `unit`; a share, a mean or median, a ratio.
        sd: Standard deviation where the quantity is continuous, else None; on the scale
            that `unit` names.
        unit: Of the value.
        source: Who says so.
        mark: One of `MARKS`.
        note: What was done with it.
    """

    quantity: str
    given: str
    value: float
    sd: float | None
    unit: str
    source: str
    mark: str
    note: str


@dataclass(frozen=True, slots=True, eq=False)
class Table:
    """Lines by (quantity, given)."""

    entries: Mapping[tuple[str, str], Entry]

    def __iter__(self) -> Iterator[Entry]:
        return iter(self.entries.values())

    def entry(self, quantity: str, *given: str) -> Entry:
        """The line for the first of `given` that has one, most special first; else for all.

        Raises:
            KeyError: there is none.
        """
        for name in (*given, "all"):
            found = self.entries.get((quantity, name))
            if found is not None:
                return found
        raise KeyError(f"{quantity} of {' or '.join(given)}")

    def value(self, quantity: str, *given: str) -> float:
        """The value of `entry`."""
        return self.entry(quantity, *given).value

    def given(self, quantity: str) -> tuple[str, ...]:
        """For whom a quantity has lines, in the order of the table."""
        return tuple(g for q, g in self.entries if q == quantity)


@lru_cache(maxsize=1)
def frequencies() -> Table:
    """Who has what: molecular groups, genes, age, sex, performance, treatment."""
    return _read("frequencies.tsv")


@lru_cache(maxsize=1)
def effects() -> Table:
    """What goes with it: the look of the tumour by class, and the hazards of death."""
    return _read("effects.tsv")


def _read(name: str) -> Table:
    text = resources.files(__package__).joinpath(name).read_text(encoding="utf-8")
    rows = csv.DictReader(io.StringIO(text), delimiter="\t", strict=True)
    entries = [
        Entry(
            quantity=row["quantity"],
            given=row["given"],
            value=float(row["value"]),
            sd=float(row["sd"]) if row["sd"] else None,
            unit=row["unit"],
            source=row["source"],
            mark=row["mark"],
            note=row["note"],
        )
        for row in rows
    ]
    return Table(MappingProxyType({(e.quantity, e.given): e for e in entries}))
