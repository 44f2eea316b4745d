"""The room's public names, and that it needs nobody but numpy at the door."""

from __future__ import annotations

import subprocess
import sys
from types import ModuleType

from gliokit import evaluation


def test_public_names_are_functions_and_types_with_a_docstring_and_no_modules() -> None:
    for name in evaluation.__all__:
        value = getattr(evaluation, name)
        assert not isinstance(value, ModuleType), name
        if callable(value):
            assert value.__doc__, name


def test_the_room_opens_without_scipy() -> None:
    code = "import sys, gliokit.evaluation; sys.exit('scipy' in sys.modules)"
    ending = subprocess.run([sys.executable, "-c", code], check=False)
    assert ending.returncode == 0
