"""What is known of a published system, and how well."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, get_args

from gliokit.study import UsageError

__all__ = ["Fidelity", "Mark", "PaperFigure", "State", "SystemCard", "Task"]

Mark = Literal["paper", "computed", "second-hand", "recall", "inferred"]
"""How a figure is known: read in the paper; arithmetic on published figures; read in another
paper; remembered; chosen. The last three are never shown as the paper's."""

Fidelity = Literal["F1", "F2", "F3"]
"""F1 all needed detail known; F2 main ingredients known, the rest chosen; F3 the idea alone."""

State = Literal["working", "skeleton", "baseline"]
Task = Literal[
    "classification", "survival", "association", "segmentation", "voxel map", "detection"
]

FIDELITY = {
    "F1": "all needed detail is known",
    "F2": "the main ingredients are known, the rest is chosen",
    "F3": "only the idea is known",
}


@dataclass(frozen=True, slots=True)
class PaperFigure:
    """One published figure.

    Args:
        what: Of what, in which patients.
        value: As printed.
        low, high: Ends of the printed 95 % interval; None where none is printed.
        n: Patients behind it; None where not known.
        mark: How it is known.
    """

    what: str
    value: float
    low: float | None = None
    high: float | None = None
    n: int | None = None
    mark: Mark = "paper"

    def __post_init__(self) -> None:
        if self.mark not in get_args(Mark):
            raise UsageError("a figure says how it is known", source=self.what, found=self.mark)
        ends = (self.low, self.high)
        if None not in ends and not self.low <= self.value <= self.high:  # type: ignore[operator]
            raise UsageError("a figure lies in its interval", source=self.what, found=self.value)

    @property
    def printable(self) -> bool:
        """Whether it may be shown as the paper's."""
        return self.mark in ("paper", "computed")


@dataclass(frozen=True, slots=True)
class SystemCard:
    """What a system is, says and leaves in doubt.

    Args:
        id: First author and year, such as 'qian2019'; of a baseline its name.
        title: In one line.
        citation: Whole; '' for a baseline.
        task: Kind of answer that is judged.
        target: What it was published for; '' for any.
        figures: Of the paper.
        fidelity: See `Fidelity`.
        chosen: What the paper leaves open and we chose, one item each.
        doubts: Errors and weak spots known in the paper.
        review: Errors known in the review that cites it.
        small: What the budget 'small' changes; '' for nothing.
        state: 'skeleton' claims nothing and is not listed as working.
    """

    id: str
    title: str
    citation: str
    task: Task
    target: str
    fidelity: Fidelity
    figures: tuple[PaperFigure, ...] = ()
    chosen: tuple[str, ...] = ()
    doubts: tuple[str, ...] = ()
    review: tuple[str, ...] = ()
    small: str = ""
    state: State = "working"

    def __post_init__(self) -> None:
        if not self.id.replace("_", "").isalnum() or self.id != self.id.lower():
            raise UsageError(
                "an id is of small letters, digits and _", source="card", found=self.id
            )
        if self.state != "baseline" and not self.citation:
            raise UsageError("a published system names its paper", source=self.id)
        if self.fidelity != "F1" and self.state == "working" and not self.chosen:
            raise UsageError(
                f"a system of fidelity {self.fidelity} says what was chosen", source=self.id
            )
