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

REACHED = {"segmentation": mark("Dice"), "voxel map": mark("AUC")}


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing with its heading and a note on how it was made."""

    key: str
    title: str
    note: str
    svg: str


def charts_of(content: Content, words: Language) -> list[Chart]:
    """Those of a result; of survival and of several classes none."""
    if froc := lines_of(content, "froc"):
        return [_froc(froc, words)]
    if reached := lines_of(content, "reached"):
        figure = REACHED[content["task"]]
        return [_reached(reached, words.say(figure), words)]
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
    decision = lines_of(content, "decision")
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
    if decision:
        everybody = next(iter(content["curves"].values()))["decision"]["everybody"]
        frame = replace(FRAME, y=(-0.05, max(0.05, round(share + 0.05, 2))))
        behind = [replace(GREY, dash="", x=decision[0].x, y=everybody),
                  replace(GREY, x=(0, 1), y=(0, 0))]  # fmt: skip
        svg = chart(decision, title=words.say("Decision curves"),
                    across=words.say("threshold probability"), up=words.say("net benefit"),
                    frame=frame, behind=behind)  # fmt: skip
        note = words.say("Over all left-out patients; grey: acting on everybody, dashed: on "
                         "nobody. Lower values lie at the border.")  # fmt: skip
        found.append(Chart("decision", words.say("Decision curves"), note, svg))
    return found
