"""The comparison as one HTML document that needs nothing else, from the result alone."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib import resources
from typing import TYPE_CHECKING, Any

from gliokit.bench.charts import charts_of
from gliokit.bench.checklist import checklists_of
from gliokit.bench.critical import critical_reading
from gliokit.bench.drawing import (
    calibration_panel,
    line_of,
    survival_panel,
)
from gliokit.bench.facts import (
    confounded_text,
    estimate_parts,
    has_several,
    measure_name,
    patients_text,
)
from gliokit.bench.forest import (
    group_name,
    pairs_forest,
    subgroup_forests,
    systems_forest,
)
from gliokit.bench.many_classes import OF_CLASS
from gliokit.bench.methods import methods_of, protocol_text
from gliokit.bench.told_brier import told_brier
from gliokit.bench.told_tests import figures_over_time, meanings_over_time, p_text, told_tests
from gliokit.reporting import Lang
from gliokit.reporting.language import Language, language, mark

if TYPE_CHECKING:
    from jinja2 import Template

__all__ = ["PACKAGE", "render_comparison", "words_of"]

PACKAGE = "gliokit.bench"
TEMPLATE, STYLE = "comparison.html.jinja", "comparison.css"

Content = Mapping[str, Any]


RATES = {
    "sensitivity": mark("sensitivity"),
    "specificity": mark("specificity"),
    "accuracy": mark("accuracy"),
    "f1": mark("F1"),
    "mcc": mark("MCC"),
    "auprc": mark("area under precision and recall"),
}
"""Figures of a system, in the order of the table."""

PLACES = {
    "dice_median": mark("median Dice"),
    "hd95_mm": mark("HD95 (mm) where both masks are there"),
    "hd95_brats_mm": mark("HD95 (mm), 374 where one alone is empty"),
    "surface_dice_1mm": mark("surface Dice at 1 mm"),
    "lesion_dice": mark("Dice by lesion"),
    "volume_bias_ml": mark("found less drawn (mL)"),
    "volume_error_ml": mark("size of that error (mL)"),
    "auc_median": mark("median AUC"),
    "correlation": mark("correlation"),
    "sensitivity_at_one": mark("sensitivity at one false alarm a patient"),
    "sensitivity_of_all": mark("sensitivity of all detections"),
    "false_alarms": mark("false alarms a patient of all detections"),
}
"""Figures of systems that find places."""

BRIER = {"brier": mark("Brier score")}

CALIBRATION = {
    **BRIER,
    "calibration_error": mark("expected calibration error"),
    "calibration_slope": mark("calibration slope"),
    "calibration_in_the_large": mark("calibration in the large"),
}

WORDS = (mark("not better than baseline"), mark("not decided: the gain has no interval"))
"""What the rule says."""


@dataclass(frozen=True, slots=True)
class Survival:
    """Risk groups of one system; `proportional` is of its Cox model, '' where it has none."""

    name: str
    svg: str
    text: str
    proportional: str
    at_risk: Mapping[str, Any]


def words_of(lang: Lang) -> Language:
    """The language of the comparison.

    Raises:
        UsageError: there is no such language.
    """
    return language(lang, package=PACKAGE)


def render_comparison(content: Content, *, lang: Lang = "en") -> str:
    """The page of a result. Nothing is computed and nothing is loaded from elsewhere.

    Args:
        content: As of `content_of`, or read from a results.json.
        lang: 'en' or 'zh' (Simplified Chinese).

    Raises:
        UsageError: there is no such language.
    """
    words = words_of(lang)
    return _template().render(
        words=words,
        say=words.say,
        parts=lambda found: estimate_parts(found, words),
        css=_file(STYLE),
        content=content,
        heading=words.say("{target} in {cohort}", **{k: content[k] for k in ("target", "cohort")}),
        measure=measure_name(content, words),
        patients=patients_text(content, words),
        protocol=protocol_text(content, words),
        rates=[
            *_heads(content, RATES, words),
            *_heads(content, PLACES, words),
            *_class_heads(content, words),
            *(_heads(content, BRIER, words) if has_several(content) else ()),
            *figures_over_time(content, words),
        ],
        meanings=words.sentences(meanings_over_time(content, words)),
        brier=told_brier(content, words),
        tests=told_tests(content, content.get("tests") or {}, words),
        calibration_heads=_heads(content, CALIBRATION, words),
        confounded=tuple(confounded_text(content, words)),
        headlines=systems_forest(content, content["systems"], words),
        reading=critical_reading(content, words),
        pairs=pairs_forest(content, words),
        legend_lines=[line_of(content, r["system"]) for r in content["systems"]],
        charts=charts_of(content, words),
        calibration=_calibration(content, words),
        survival=_survival(content, words),
        subgroups=subgroup_forests(content, words),
        subgroups_missing=[group_name(s, words) for s in content["subgroups"] if s["reason"]],
        cuts=_cuts(content),
        strata=[
            (
                name,
                systems_forest(content, found["systems"], words),
                told_tests(content, found.get("tests") or {}, words),
            )
            for name, found in content["strata"].items()
        ],
        published=[(n, c) for n, c in content["cards"].items() if c["state"] != "baseline"],
        methods=methods_of(content, words),
        checklists=checklists_of(content, words),
    )


def _heads(content: Content, heads: Mapping[str, str], words: Language) -> list[tuple[str, str]]:
    """Figures that a system has, and their names."""
    there = {name for r in content["systems"] for name in r["figures"]}
    return [(name, words.say(head)) for name, head in heads.items() if name in there]


def _class_heads(content: Content, words: Language) -> list[tuple[str, str]]:
    """The AUC of each class, where there are several."""
    if not has_several(content):
        return []
    return [
        (f"{OF_CLASS}{c}", words.say("AUC of {name} against the rest", name=c))
        for c in content["patients"]["classes"]
    ]


def _calibration(content: Content, words: Language) -> list[tuple[str, str]]:
    return [
        (name, calibration_panel(curves["calibration"], line_of(content, name), words))
        for name, curves in content["curves"].items()
        if "calibration" in curves
    ]


def _survival(content: Content, words: Language) -> list[Survival]:
    found = []
    for name, curves in content["curves"].items():
        groups = curves.get("risk_groups")
        if groups:
            text = words.say(
                "Low risk: {low} deaths of {n_low}, median {median_low}; high risk: {high} deaths "
                "of {n_high}, median {median_high}; log-rank p {p}.",
                low=groups["low"]["events"], n_low=groups["low"]["n"],
                median_low=_days(groups["low"]["median_days"], words),
                high=groups["high"]["events"], n_high=groups["high"]["n"],
                median_high=_days(groups["high"]["median_days"], words),
                p=_p(groups["log_rank"]["p"], words),
            )  # fmt: skip
            svg = survival_panel(groups, name, words)
            proportional = _proportional(content["findings"].get(name, {}), words)
            found.append(Survival(name, svg, text, proportional, groups["at_risk"]))
    return found


def _cuts(content: Content) -> set[str]:
    """Whose median divides patients into risk groups: 'training' or, of older results, 'tested'."""
    curves = content["curves"].values()
    return {c["risk_groups"].get("cut", "tested") for c in curves if c.get("risk_groups")}


def _proportional(findings: Mapping[str, Any], words: Language) -> str:
    """Of each training fold in which the model tells it."""
    told = [f["proportional_hazards"]["all"] for f in findings.values()
            if "proportional_hazards" in f]  # fmt: skip
    if not told:
        return ""
    return words.say(
        "Schoenfeld's test in each training fold, small where hazard ratios change over time: "
        "p {ps}.", ps=words.say(", ").join(p_text(p, words) for p in told),
    )  # fmt: skip


def _days(value: float | None, words: Language) -> str:
    if value is None:
        return words.say("not reached")
    return words.say("{days} days", days=words.number(value))


def _p(value: float, words: Language) -> str:
    text = p_text(value, words)
    return text if text.startswith("<") else f"=\N{NO-BREAK SPACE}{text}"


@lru_cache
def _template() -> Template:
    from jinja2 import Environment, StrictUndefined

    environment = Environment(
        autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True
    )
    return environment.from_string(_file(TEMPLATE))


def _file(name: str) -> str:
    return resources.files(PACKAGE).joinpath(name).read_text("utf-8")
