"""The page in a real browser: no error in its console, no request, a viewer that scrolls."""

from __future__ import annotations

import json
import os
import shutil
from collections.abc import Iterator
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

from gliokit.reporting import Analysis, Lang, write_report

SECONDS = 120
OPTIONS = (
    "--headless",
    "--no-sandbox",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--window-size=1280,900",
)
SOFTWARE_WEBGL = ("--use-gl=angle", "--use-angle=swiftshader", "--enable-unsafe-swiftshader")
NO_WEBGL = ("--disable-gpu", "--disable-3d-apis", "--disable-software-rasterizer")


def give_up(reason: str) -> None:
    if os.environ.get("GLIOKIT_REQUIRE_BROWSER") == "1":
        pytest.fail(f"GLIOKIT_REQUIRE_BROWSER=1, but {reason}")
    pytest.skip(reason)


class Browser:
    """Chromium by its driver, with a profile of its own."""

    def __init__(self, profile: Path, flags: tuple[str, ...]) -> None:
        from selenium import webdriver
        from selenium.webdriver.chrome.service import Service

        options = webdriver.ChromeOptions()
        options.binary_location = shutil.which("chromium") or ""
        for flag in (*OPTIONS, *flags, f"--user-data-dir={profile}"):
            options.add_argument(flag)
        options.set_capability("goog:loggingPrefs", {"browser": "ALL", "performance": "ALL"})
        service = Service(shutil.which("chromedriver"))
        self.driver = webdriver.Chrome(options=options, service=service)

    def show(self, page: Path) -> None:
        self.driver.get(page.as_uri())

    def run(self, script: str) -> Any:
        return self.driver.execute_script(script)

    def wait(self, script: str) -> None:
        from selenium.webdriver.support.ui import WebDriverWait

        WebDriverWait(self.driver, SECONDS).until(lambda _: self.run(f"return {script}"))

    def complaints(self) -> list[str]:
        return [e["message"] for e in self.driver.get_log("browser") if e["level"] == "SEVERE"]

    def requests(self) -> list[str]:
        """Every address that was asked for, but for what stands in the page itself.

        The browser's own first tab asks for pages of its own.
        """
        events = [json.loads(e["message"])["message"] for e in self.driver.get_log("performance")]
        sent = [e["params"] for e in events if e["method"] == "Network.requestWillBeSent"]
        urls = [p["request"]["url"] for p in sent if not p["documentURL"].startswith("chrome:")]
        return [u for u in urls if not u.startswith(("data:", "blob:"))]


@pytest.fixture
def browser(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Browser]:
    if shutil.which("chromium") is None or shutil.which("chromedriver") is None:
        give_up("there is no chromium with its chromedriver")
    if find_spec("selenium") is None:
        give_up("selenium is not installed")
    browser = Browser(tmp_path / "profile", getattr(request, "param", SOFTWARE_WEBGL))
    try:
        yield browser
    finally:
        browser.driver.quit()


STATE = "document.getElementById('viewer').dataset.state"
WHEEL = """
const canvas = document.getElementById('viewer-canvas');
const box = canvas.getBoundingClientRect();
for (let n = 0; n < 5; n++) {
  canvas.dispatchEvent(new WheelEvent('wheel', {
    deltaY: 100, bubbles: true, cancelable: true,
    clientX: box.left + box.width / 6, clientY: box.top + box.height / 2,
  }));
}
"""
SLICE = "Number(document.getElementById('viewer-axial').value)"
PIXELS = "document.getElementById('viewer-canvas').toDataURL()"


@pytest.mark.parametrize("lang", ["en", "zh"])
def test_the_viewer_scrolls_without_an_error_or_a_request(
    browser: Browser, corrected: Analysis, tmp_path: Path, lang: Lang
) -> None:
    page = write_report(corrected, tmp_path / "report.html", lang=lang)
    browser.show(page)
    browser.run("document.getElementById('viewer').scrollIntoView()")
    browser.wait(f"{STATE} === 'ready'")
    before = browser.run(f"return {SLICE}")
    browser.run(WHEEL)
    browser.wait(f"{SLICE} !== {before}")
    assert browser.complaints() == []
    assert browser.requests() == [page.as_uri()]


def test_sequences_regions_and_segmentations_can_be_chosen(
    browser: Browser, corrected: Analysis, tmp_path: Path
) -> None:
    browser.show(write_report(corrected, tmp_path / "report.html"))
    browser.run("document.getElementById('viewer').scrollIntoView()")
    browser.wait(f"{STATE} === 'ready'")
    for chosen, value in (("sequence", 3), ("segmentation", 1), ("layout", 4), ("layout", 0)):
        browser.run(
            f"const box = document.getElementById('viewer-{chosen}'); box.value = '{value}';"
            "box.dispatchEvent(new Event('change', {bubbles: true}));"
        )
    browser.run("for (const box of document.querySelectorAll('.viewer-value')) box.click();")
    browser.run("document.getElementById('viewer-filled').click()")
    browser.run("document.getElementById('contours').click()")
    assert browser.run("return document.body.classList.contains('no-contours')")
    browser.run("document.getElementById('copy').click()")
    assert browser.complaints() == []


@pytest.mark.parametrize("browser", [NO_WEBGL], indirect=True)
def test_still_pictures_serve_without_webgl(
    browser: Browser, analysis: Analysis, tmp_path: Path
) -> None:
    browser.show(write_report(analysis, tmp_path / "report.html"))
    browser.wait(f"{STATE} === 'none'")
    assert browser.run("return !document.getElementById('viewer-none').hidden")
    assert browser.run(
        "return [...document.querySelectorAll('svg image')].every(i => i.getBBox().width > 0)"
    )
    assert browser.complaints() == []
