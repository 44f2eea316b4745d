"""The comparison in a real browser: nothing is asked for, nothing overflows a phone or a sheet."""

from __future__ import annotations

from pathlib import Path

import pytest

from gliokit.bench.page import render_comparison
from gliokit.reporting import Lang
from tests.bench.conftest import Judged
from tests.reporting.test_browser import NO_WEBGL, Browser, browser

__all__ = ["browser"]

OVERFLOW = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("browser", [NO_WEBGL], indirect=True)
@pytest.mark.parametrize(("lang", "width"), [("en", 375), ("zh", 375), ("en", 1100)])
def test_a_page_fits_its_screen_and_asks_for_nothing(
    browser: Browser, classes: Judged, tmp_path: Path, lang: Lang, width: int
) -> None:
    page = tmp_path / "comparison.html"
    page.write_text(render_comparison(classes.content, lang=lang), encoding="utf-8")
    size = {"width": width, "height": 800, "deviceScaleFactor": 1, "mobile": width < 600}
    browser.driver.execute_cdp_cmd("Emulation.setDeviceMetricsOverride", size)
    browser.show(page)
    assert browser.run("return window.innerWidth") == width
    assert browser.run(OVERFLOW) == 0
    assert browser.run(
        "return [...document.querySelectorAll('svg')].every(s => s.getBoundingClientRect().width "
        "<= document.documentElement.clientWidth)"
    )
    assert browser.complaints() == []
    assert browser.requests() == [page.as_uri()]
