"""The comparison in a real browser: nothing is asked for, nothing overflows a phone or a sheet."""

from __future__ import annotations

from pathlib import Path

import pytest

from gliokit.bench.page import render_comparison
from gliokit.reporting import Lang
from tests.reporting.test_browser import NO_WEBGL, Browser, browser

__all__ = ["browser"]

OVERFLOW = "return document.documentElement.scrollWidth - document.documentElement.clientWidth"


@pytest.mark.parametrize("browser", [NO_WEBGL], indirect=True)
@pytest.mark.parametrize(
    ("which", "lang", "width"),
    [
        ("classes", "en", 375),
        ("classes", "zh", 375),
        ("classes", "en", 1100),
        ("places", "en", 375),
    ],
)
def test_a_page_fits_its_screen_and_asks_for_nothing(
    browser: Browser,
    which: str,
    lang: Lang,
    width: int,
    tmp_path: Path,
    request: pytest.FixtureRequest,
) -> None:
    page = tmp_path / "comparison.html"
    content = request.getfixturevalue(which).content
    page.write_text(render_comparison(content, lang=lang), encoding="utf-8")
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
