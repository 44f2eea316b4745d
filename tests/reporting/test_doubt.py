"""Intervals in the report."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from gliokit.measurement.doubt import Doubt, Interval, RegionDoubt
from gliokit.reporting import Analysis, load_analysis, render_report, save_analysis
from gliokit.reporting.language import Lang

DOUBT = Doubt(
    level=0.9,
    patients=36,
    regions={
        "WT": RegionDoubt(
            expected_dice=0.914,
            volume_ml=Interval(low=18.04, high=31.2),
            longest_mm=Interval(low=41, high=57),
            perpendicular_mm=Interval(low=0, high=33),
        ),
        "TC": RegionDoubt(expected_dice=0.4, volume_ml=Interval(low=0, high=19)),
    },
)


@pytest.fixture
def doubted(analysis: Analysis) -> Analysis:
    figures = analysis.measurements.model_copy(update={"doubt": DOUBT})
    return replace(analysis, measurements=figures)


@pytest.mark.parametrize(
    ("lang", "texts"),
    [
        ("en", ("18.0 to 31.2", "41 to 57", "0.91", "in 90 % of patients", "36 whom")),
        ("zh", ("18.0 至 31.2", "41 至 57", "0.91", "90%", "36 例")),
    ],
)
def test_intervals_stand_in_the_report(
    doubted: Analysis, lang: Lang, texts: tuple[str, ...]
) -> None:
    page = render_report(doubted, lang=lang).replace("\N{NO-BREAK SPACE}", " ")
    assert [text for text in texts if text not in page] == []


def test_without_intervals_nothing_is_said_of_them(analysis: Analysis) -> None:
    assert "How sure the figures are" not in render_report(analysis)


def test_intervals_are_kept_on_disk(doubted: Analysis, tmp_path: Path) -> None:
    save_analysis(doubted, tmp_path)
    assert load_analysis(tmp_path).measurements.doubt == DOUBT
