"""An analysis as one HTML document that needs nothing else."""

from __future__ import annotations

from functools import lru_cache
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gliokit.reporting.analysis import Analysis
from gliokit.reporting.choice import has_tumour, is_uncertain
from gliokit.reporting.doubt import doubt_note, doubt_table
from gliokit.reporting.figures import draw_figures
from gliokit.reporting.findings import findings
from gliokit.reporting.language import Lang, language
from gliokit.reporting.methods import describe_methods
from gliokit.reporting.model_card import held_out_table
from gliokit.reporting.names import REGION_COLOURS, region_name
from gliokit.reporting.notices import notice_texts
from gliokit.reporting.shades import displayed, levels
from gliokit.reporting.signs import eloquent_rows, margin_table, sign_rows
from gliokit.reporting.tables import (
    compared_table,
    lesion_table,
    location_rows,
    place_shares,
    proportion_shares,
    region_table,
    strip,
)
from gliokit.reporting.vasari import vasari_rows
from gliokit.reporting.viewer import niivue, viewer_data
from gliokit.study import Severity, output_file

if TYPE_CHECKING:
    from jinja2 import Environment

__all__ = ["render_report", "write_report"]


def write_report(analysis: Analysis, path: str | Path, *, lang: Lang = "en") -> Path:
    """Write the report; the file is there as a whole or not at all.

    Args:
        analysis: What to report.
        path: Of the HTML file.
        lang: 'en' or 'zh' (Simplified Chinese).

    Raises:
        OutputError: the file can't be written.
        UsageError: there is no such language.
    """
    text = render_report(analysis, lang=lang)
    with output_file(path) as aside:
        aside.write_text(text, encoding="utf-8")
    return Path(path)


def render_report(analysis: Analysis, *, lang: Lang = "en") -> str:
    """The report as one self-contained HTML document.

    Nothing is measured here and nothing is loaded from elsewhere. Pictures hold no text
    and have the patient's left on the right.

    Args:
        analysis: What to report.
        lang: 'en' or 'zh' (Simplified Chinese).

    Raises:
        UsageError: there is no such language.
    """
    words = language(lang)
    brain = analysis.prepared.brain
    shown = {m: displayed(levels(i), brain) for m, i in analysis.prepared.images.items()}
    figures = analysis.measurements
    script = niivue()
    known = [r for r in REGION_COLOURS if analysis.segmentation.label_map.knows(r)]
    return (
        _environment()
        .get_template("report.html.jinja")
        .render(
            words=words,
            say=words.say,
            count=words.count,
            analysis=analysis,
            strip=strip(analysis, words),
            tumour=has_tumour(figures),
            findings=findings(analysis, words),
            figures=draw_figures(analysis, shown, words),
            colours=REGION_COLOURS,
            legend=[(region_name(r, words), REGION_COLOURS[r]) for r in known],
            regions=region_table(figures, words),
            doubt=doubt_table(figures, words),
            doubt_note=doubt_note(figures.doubt, words),
            lesions=lesion_table(figures, words),
            proportions=proportion_shares(figures, words),
            margins=margin_table(figures, words),
            signs=sign_rows(figures.signs, words),
            vasari=vasari_rows(figures.vasari, words),
            location=location_rows(figures.location, words),
            eloquent=eloquent_rows(figures.location, words),
            is_uncertain=is_uncertain(figures.location),
            places=place_shares(figures.location, words),
            compared=compared_table(analysis, words),
            warnings=notice_texts(analysis, words, Severity.WARNING),
            notes=notice_texts(analysis, words, Severity.INFO),
            methods=describe_methods(analysis, words),
            held_out=None if analysis.card is None else held_out_table(analysis.card, words),
            script=script,
            viewer=None if script is None else viewer_data(analysis, shown, words),
        )
    )


@lru_cache
def _environment() -> Environment:
    from jinja2 import Environment, FunctionLoader, StrictUndefined

    environment = Environment(
        loader=FunctionLoader(_page_file),
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        undefined=StrictUndefined,
    )
    environment.filters["style_text"] = _style_text
    return environment


def _style_text(text: str) -> str:
    """A text between quotes of CSS: whatever is no letter or digit is escaped."""
    return "".join(c if c.isalnum() else f"\\{ord(c):x} " for c in text)


def _page_file(name: str) -> str:
    file: Any = resources.files("gliokit.reporting") / "page" / name
    return str(file.read_text(encoding="utf-8"))
