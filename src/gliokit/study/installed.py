"""Files that installed packages ship, such as atlases."""

from __future__ import annotations

import importlib.util
from pathlib import Path

from gliokit.study.errors import UsageError

__all__ = ["installed_data"]


def installed_data(package: str, *parts: str) -> Path:
    """A file that an installed package ships, found without importing the package.

    Raises:
        UsageError: the package, or the file in it, is not there.
    """
    spec = importlib.util.find_spec(package)
    for place in (spec.submodule_search_locations or ()) if spec else ():
        path = Path(place).joinpath(*parts)
        if path.is_file():
            return path
    raise UsageError(
        f"the package {package} is installed with its file {'/'.join(parts)}",
        way_out=f"Install it: python -m pip install {package}",
    )
