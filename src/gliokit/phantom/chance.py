"""Independent sources of chance, so that one choice leaves all others as they were."""

from __future__ import annotations

import zlib
from dataclasses import dataclass

import numpy as np

__all__ = ["Chance"]


@dataclass(frozen=True, slots=True)
class Chance:
    """All that is drawn for one patient.

    Args:
        seed: 0 or more.
    """

    seed: int

    def of(self, matter: str) -> np.random.Generator:
        """A fresh generator for one matter; the same at every call with the same name.

        New matters can be added without changing what is drawn for the old ones.
        """
        return np.random.default_rng((self.seed, zlib.crc32(matter.encode())))
