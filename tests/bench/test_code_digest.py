"""A finished fold is not taken up again once the code that made it is another."""

from __future__ import annotations

import sys
from dataclasses import dataclass, replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from gliokit.bench import BenchCohort, Protocol, code_digest, run_systems
from gliokit.bench.code_digest import code_of
from gliokit.systems import registry
from tests.bench.spies import Spy, installed
from tests.systems.digital import digital_patients

CODE = """
from tests.bench.spies import Spy


class Other(Spy):
    SHIFT = {shift}


def made():
    return Other()
"""


@dataclass
class _Entry:
    """An entry point as a package has it."""

    name: str
    module: str
    version: str = "1.0"

    @property
    def dist(self) -> SimpleNamespace:
        return SimpleNamespace(name="theirs", version=self.version)

    def load(self) -> object:
        import importlib

        return importlib.import_module(self.module).made


@pytest.fixture
def package(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    folder = tmp_path / "theirs_pkg"
    folder.mkdir()
    (folder / "__init__.py").write_text("", encoding="utf-8")
    (folder / "beside.py").write_text("HALF = 0.5\n", encoding="utf-8")
    (folder / "system.py").write_text(CODE.format(shift=0), encoding="utf-8")
    monkeypatch.syspath_prepend(str(tmp_path))
    yield folder
    for name in [m for m in sys.modules if m.startswith("theirs_pkg")]:
        del sys.modules[name]


def known(monkeypatch: pytest.MonkeyPatch, version: str = "1.0") -> None:
    entries = [_Entry("theirs", "theirs_pkg.system", version)]
    for module in (registry, code_digest):
        monkeypatch.setattr(module, "entry_points", lambda group: entries)


def test_code_of_another_package_is_told_by_its_files_and_its_version(
    package: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(monkeypatch)
    first = code_of("theirs")
    assert first == code_of("theirs") != ""
    (package / "system.py").write_text(CODE.format(shift=1), encoding="utf-8")
    second = code_of("theirs")
    (package / "beside.py").write_text("HALF = 0.6\n", encoding="utf-8")
    third = code_of("theirs")
    known(monkeypatch, version="1.1")
    assert len({first, second, third, code_of("theirs")}) == 4


def test_our_own_code_is_told_by_the_version_alone() -> None:
    assert code_of("majority") == code_of("qian2019:lasso-svm") == ""


def runs(cohort: BenchCohort, kept: Path, system: str = "spy") -> bool:
    """Whether the folds of a system were run anew."""
    said: list[str] = []
    run_systems(cohort, "idh_mutant", [system], Protocol(folds=2), budget="smoke", kept=kept,
                allowed=("age_years",), progress=said.append)  # fmt: skip
    told = [text for text in said if not text.startswith("measuring signs")]
    return "2 of them from an earlier run" not in told[1]


def digital() -> BenchCohort:
    made = digital_patients()
    return BenchCohort("d", made.inputs, {"idh_mutant": made.target})


def test_a_changed_package_is_run_again(
    package: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    known(monkeypatch)
    assert runs(digital(), tmp_path / "kept", "theirs")
    assert not runs(digital(), tmp_path / "kept", "theirs")
    (package / "system.py").write_text(CODE.format(shift=1), encoding="utf-8")
    assert runs(digital(), tmp_path / "kept", "theirs")


def test_other_sites_or_another_background_are_run_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    installed(monkeypatch, spy=Spy())
    whole = digital()
    assert runs(whole, tmp_path)
    assert not runs(whole, tmp_path)
    sites = replace(whole.inputs, sites=tuple("abababab"))
    assert runs(replace(whole, inputs=sites), tmp_path)
    for whole_head in (False, True):
        images = tuple(
            i and replace(i, content="", whole_head=whole_head) for i in whole.inputs.images
        )
        assert runs(replace(whole, inputs=replace(whole.inputs, images=images)), tmp_path)
