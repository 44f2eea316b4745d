"""Fitted systems on disk: JSON, and scikit-learn's estimators without pickle."""

from __future__ import annotations

import importlib
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gliokit import __version__
from gliokit.study import MissingExtraError, StudyError, UsageError

__all__ = ["load_estimator", "read_fitted", "save_estimator", "write_fitted"]

CARD = "fitted.json"
ESTIMATOR = "model.skops"
FORMAT = 1
TRUSTED = ("sklearn.", "numpy.", "scipy.", "builtins.")
"""Whose types an estimator may hold; skops names all others, and they are refused."""


def write_fitted(folder: Path, system: str, content: Mapping[str, Any]) -> None:
    """Write FOLDER/fitted.json."""
    folder.mkdir(parents=True, exist_ok=True)
    whole = {"format": FORMAT, "system": system, "gliokit": __version__, **content}
    (folder / CARD).write_text(json.dumps(whole, allow_nan=False) + "\n", encoding="utf-8")


def read_fitted(folder: Path, system: str | None = None) -> dict[str, Any]:
    """The content of FOLDER/fitted.json.

    Raises:
        StudyError: it is not there, not JSON, of another format or another system.
    """
    path = Path(folder) / CARD
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StudyError("a fitted system can be read", source=path, found=error) from error
    if not isinstance(content, dict) or content.get("format") != FORMAT:
        raise StudyError(f"a fitted system is of format {FORMAT}", source=path)
    if system is not None and content.get("system") != system:
        raise UsageError(f"this is a fitted '{system}'", source=path, found=content.get("system"))
    return content


def save_estimator(folder: Path, estimator: Any) -> None:
    """Write a scikit-learn estimator to FOLDER/model.skops."""
    _skops().dump(estimator, folder / ESTIMATOR)


def load_estimator(folder: Path) -> Any:
    """What `save_estimator` wrote.

    Raises:
        StudyError: it holds a type that is not of scikit-learn, NumPy or SciPy.
    """
    path, skops = Path(folder) / ESTIMATOR, _skops()
    if not path.is_file():
        raise StudyError("a fitted system has its estimator", source=path, found="no file")
    unknown = skops.get_untrusted_types(file=path)
    strange = [name for name in unknown if not name.startswith(TRUSTED)]
    if strange:
        raise StudyError("an estimator holds types of scikit-learn alone", source=path,
                         found=", ".join(strange[:5]))  # fmt: skip
    return skops.load(path, trusted=unknown)


def _skops() -> Any:
    try:
        return importlib.import_module("skops.io")
    except ImportError as error:
        raise MissingExtraError("saving a system", "bench") from error
