"""The charts of a comparison, each with what it shows and how it was made."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from gliokit.bench.drawing import FRAME, Line, chart, lines_of
from gliokit.bench.facts import events_of
from gliokit.reporting.language import Language, mark

__all__ = ["Chart", "charts_of"]

Content = Mapping[str, Any]

GREY = Line("", "#999", "3 3")

NOTE = mark(
    "Over all left-out patients; grey: acting on everybody, dashed: on nobody. Lower values lie at "
    "the border."
)
CENSORED = mark(
    "How many of those acted on die is Kaplan and Meier's estimate; a line ends where none of them "
    "is followed until that day."
)

REACHED = {"segmentation": mark("Dice"), "voxel map": mark("AUC")}


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing with its heading and a note on how it was made."""

    key: str
    title: str
    note: str
    svg: str


def charts_of(content: Content, words: Language) -> list[Chart]:
    """Those of a result; of several classes none, of survival decision curves alone."""
    if froc := lines_of(content, "froc"):
        return [_froc(froc, words)]
    if reached := lines_of(content, "reached"):
        figure = REACHED[content["task"]]
        return [_reached(reached, words.say(figure), words)]
    if content["task"] == "survival":
        return _decision(content, words)
    return _of_classes(content, words) if content["task"] == "classification" else []


def _froc(lines: tuple[Line, ...], words: Language) -> Chart:
    svg = chart(lines, title="FROC", across=words.say("false alarms per patient"),
                up=words.say("sensitivity by lesion"),
                frame=replace(FRAME, x=(0.0, lines[0].x[-1])))  # fmt: skip
    return Chart("froc", "FROC", words.say("Mean of the curves within folds."), svg)


def _reached(lines: tuple[Line, ...], figure: str, words: Language) -> Chart:
    title = words.say("Share of patients whose {figure} is as high or higher", figure=figure)
    svg = chart(lines, title=title, across=figure, up=words.say("share of patients"))
    return Chart("reached", title, words.say("The further to the upper right, the better."), svg)


def _of_classes(content: Content, words: Language) -> list[Chart]:
    patients = content["patients"]
    share = events_of(content) / patients["rows"]
    found = []
    if roc := lines_of(content, "roc"):
        svg = chart(roc, title="ROC", across=words.say("false positive rate"),
                    up=words.say("sensitivity"),
                    behind=[replace(GREY, x=(0, 1), y=(0, 1))])  # fmt: skip
        found.append(Chart("roc", "ROC", words.say("Mean of the curves within folds."), svg))
    if recall := lines_of(content, "precision_recall"):
        svg = chart(recall, title=words.say("Precision and recall"), across=words.say("recall"),
                    up=words.say("precision"),
                    behind=[replace(GREY, x=(0, 1), y=(share, share))])  # fmt: skip
        note = words.say("Mean of the curves within folds; dashed: the share of positives, which "
                         "chance gives.")  # fmt: skip
        found.append(Chart("precision_recall", words.say("Precision and recall"), note, svg))
    return [*found, *_decision(content, words)]


def _decision(content: Content, words: Language) -> list[Chart]:
    """Of classes, or of death by a day; none where no system has such a curve."""
    if not (lines := lines_of(content, "decision")):
        return []
    curves = [c["decision"] for c in content["curves"].values() if "decision" in c]
    longest = max(curves, key=lambda curve: len(curve["x"]))
    frame = replace(FRAME, y=(-0.05, max(0.05, round(_share(content, longest) + 0.05, 2))))
    behind = [replace(GREY, dash="", x=longest["x"], y=longest["everybody"]),
              replace(GREY, x=(0, 1), y=(0, 0))]  # fmt: skip
    title, note = words.say("Decision curves"), words.say(NOTE)
    if "day" in longest:
        title = words.say("Decision curves: death by day {day}", day=words.number(longest["day"]))
        note = words.sentences([note, words.say(CENSORED)])
    svg = chart(lines, title=title, across=words.say("threshold probability"),
                up=words.say("net benefit"), frame=frame, behind=behind)  # fmt: skip
    return [Chart("decision", title, note, svg)]


def _share(content: Content, curve: Mapping[str, Any]) -> float:
    """Of patients who are so; of death by a day about as many."""
    if "day" in curve:
        return float(max(curve["everybody"]))
    return float(events_of(content) / content["patients"]["rows"])
