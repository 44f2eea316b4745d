"""Digests of what a result was made of."""

from __future__ import annotations

import hashlib
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gliokit.study import StudyError

__all__ = ["digest_of_array", "digest_of_file", "digest_of_text"]


def digest_of_file(path: str | Path) -> str:
    """SHA-256 of a file's content, in hexadecimal.

    Raises:
        StudyError: the file can't be read.
    """
    try:
        with Path(path).open("rb") as stream:
            return hashlib.file_digest(stream, "sha256").hexdigest()
    except OSError as error:
        raise StudyError("the file can be read", source=path, found=error.strerror) from error


def digest_of_array(values: NDArray[Any]) -> str:
    """SHA-256 of an array's type, shape and values, in hexadecimal."""
    head = f"{values.dtype.str}{values.shape}".encode()
    return hashlib.sha256(head + np.ascontiguousarray(values).tobytes()).hexdigest()


def digest_of_text(*parts: str) -> str:
    """SHA-256 of texts in their order, in hexadecimal."""
    whole = hashlib.sha256()
    for part in parts:
        content = part.encode()
        # The length keeps ("ab", "c") and ("a", "bc") apart.
        whole.update(f"{len(content)}:".encode() + content)
    return whole.hexdigest()
