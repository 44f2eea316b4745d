"""A system of one's own, in a file that is not installed."""

from __future__ import annotations

import hashlib
import importlib.util
import sys
from pathlib import Path

from gliokit.study import UsageError
from gliokit.systems.system import System

__all__ = ["content_of", "is_file_name", "system_of_file"]


def is_file_name(name: str) -> bool:
    """Whether a system is named by its file, such as './author2026.py'."""
    return name.endswith(".py")


def content_of(name: str) -> str:
    """A digest of the file that names a system; '' of any other name.

    A run that goes on knows by it whether the system is still the same.
    """
    path = Path(name)
    if not is_file_name(name) or not path.is_file():
        return ""
    return hashlib.sha256(path.read_bytes()).hexdigest()


def system_of_file(name: str) -> System:
    """What the function of the file's name makes: `author2026()` of author2026.py.

    The file is run, as any Python program is: name none that you don't trust.

    Raises:
        UsageError: the file is not there, fails, or makes no system.
    """
    path = Path(name)
    if not path.is_file():
        raise UsageError("a system's file is there", source=path,
                         way_out="Write one with 'gliokit systems new author2026'.")  # fmt: skip
    try:
        made = getattr(_module(path), path.stem)()
    except Exception as error:
        raise UsageError(f"the file has a function '{path.stem}' without arguments that makes the "
                         "system", source=path, found=f"{type(error).__name__}: {error}",
                         ) from error  # fmt: skip
    if not isinstance(made, System):
        raise UsageError(
            "a system has card, needs, fit and load", source=path, found=type(made).__name__
        )
    return made


def _module(path: Path) -> object:
    # A name of its own for each content: a file that was changed is read anew.
    name = f"gliokit_own_{path.stem}_{content_of(str(path))[:12]}"
    if name in sys.modules:
        return sys.modules[name]
    spec = importlib.util.spec_from_file_location(name, path)
    if spec is None or spec.loader is None:
        raise ImportError("it can't be read as Python")
    module = importlib.util.module_from_spec(spec)
    sys.modules[name] = module
    try:
        spec.loader.exec_module(module)
    except BaseException:
        del sys.modules[name]
        raise
    return module
