"""Whether the code of a system that is not ours is still the same."""

from __future__ import annotations

import importlib.util
import sys
from importlib.metadata import entry_points
from pathlib import Path

from gliokit.batch import digest_of_file, digest_of_text
from gliokit.systems import SKELETONS, SYSTEMS, find_system
from gliokit.systems.own_file import content_of, is_file_name
from gliokit.systems.registry import GROUP

__all__ = ["code_of", "is_ours"]


def is_ours(name: str) -> bool:
    """Whether a system comes with gliokit."""
    return name in SYSTEMS or name in SKELETONS


def code_of(name: str) -> str:
    """A digest of the code of a system of a file or of another package; '' of ours.

    Of a package these are the Python files beside the module that makes the system and beside
    that of its class, and the version of what was installed. What those import from elsewhere is
    not looked at. Our own code is told by gliokit's version.
    """
    if is_ours(name):
        return ""
    if is_file_name(name):
        return content_of(name)
    modules, parts = {type(find_system(name)).__module__}, []
    for entry in entry_points(group=GROUP):
        if entry.name == name:
            modules.add(entry.module)
            if entry.dist is not None:
                parts.append(f"{entry.dist.name} {entry.dist.version}")
    for module in sorted(modules):
        parts += [module, *(digest_of_file(path) for path in _files(module))]
    return digest_of_text(*parts)


def _files(module: str) -> list[Path]:
    """The module's own file; of a module in a package all that lie beside it."""
    known = sys.modules.get(module)
    origin = getattr(known, "__file__", None)
    if origin is None:
        found = importlib.util.find_spec(module)
        origin = None if found is None else found.origin
    path = Path(origin or "")
    if path.suffix != ".py":
        return []
    return sorted(path.parent.glob("*.py")) if (path.parent / "__init__.py").is_file() else [path]
