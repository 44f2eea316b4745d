"""The rooms keep to their floors, and the public face is what it says."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import gliokit

ROOT = Path(__file__).resolve().parents[2]
ROOMS = sorted(p.parent.name for p in (ROOT / "src" / "gliokit").glob("*/__init__.py"))


def test_rooms_import_only_rooms_below() -> None:
    pytest.importorskip("importlinter", reason="import-linter comes with the extra [dev]")
    ending = subprocess.run(
        [Path(sys.executable).with_name("lint-imports"), "--no-cache"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert ending.returncode == 0, ending.stdout + ending.stderr


@pytest.mark.parametrize("room", ROOMS)
def test_every_room_has_its_door_plate(room: str) -> None:
    text = (ROOT / "src" / "gliokit" / room / "__init__.py").read_text(encoding="utf-8")
    plate = text.removeprefix('"""').partition('"""')[0]
    assert "In: " in plate
    assert "Out: " in plate


def test_public_names_are_sorted_and_importable() -> None:
    assert sorted(gliokit.__all__) == gliokit.__all__
    for name in gliokit.__all__:
        value = getattr(gliokit, name)
        assert value is not None
        assert name == "__version__" or value.__doc__, name
    assert set(gliokit.__all__) <= set(dir(gliokit))


def test_an_unknown_name_is_an_attribute_error() -> None:
    with pytest.raises(AttributeError, match="no attribute 'oracle'"):
        _ = gliokit.oracle
