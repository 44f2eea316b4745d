"""The commands of CONTRIBUTING.md do what the page says."""

from __future__ import annotations

import json
import shlex
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import Ending

PAGE = Path(__file__).resolve().parents[2] / "CONTRIBUTING.md"


def commands_of(section: str) -> list[list[str]]:
    """The `gliokit` lines of the first block of a section."""
    text = PAGE.read_text(encoding="utf-8").partition(f"## {section}\n")[2]
    block = text.partition("```\n")[2].partition("```")[0]
    return [shlex.split(line)[1:] for line in block.splitlines() if line.startswith("gliokit ")]


def test_adding_a_system_goes_as_the_page_says(
    run: Callable[..., Ending], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    pytest.importorskip("pyarrow", reason="pyarrow is not installed (extra 'bench')")
    monkeypatch.chdir(tmp_path)
    commands = commands_of("Adding a system")
    assert [c[0] for c in commands] == ["systems", "systems", "systems", "phantom", "bench"]
    endings = [run(*command) for command in commands]
    assert [e.code for e in endings] == [0] * len(commands), [e.err for e in endings]
    assert (tmp_path / "author2026.py").is_file()
    assert "holds the contract" in endings[1].out
    stored = json.loads((tmp_path / "comparison" / "results.json").read_text())
    rows = {row["system"]: row for row in stored["systems"]}
    assert rows["author2026.py"]["headline"]["value"] > 0.7
    assert "age_sex" in rows
    assert (tmp_path / "comparison" / "comparison.html").is_file()


def test_what_the_page_names_is_there() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name in ("src/gliokit/systems/registry.py", "tests/systems/test_contract.py",
                 "benchmarks/systems_page.py"):  # fmt: skip
        assert Path(name).name in text
        assert (PAGE.parent / name).is_file()
    assert text.partition("## Adding a system\n")[2].partition("\n## ")[0].count("\n") < 60
