"""Which year's labels a label map has, and what they are in the house scheme."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from types import MappingProxyType

from gliokit.study.errors import StudyError
from gliokit.study.labels import BRATS, BRATS_POSTOPERATIVE, WHOLE_TUMOUR, Labels

__all__ = ["GENERATIONS", "generation_of_name", "meaning"]

GENERATIONS: Mapping[str, tuple[Labels, Mapping[int, int]]] = MappingProxyType(
    {
        "2012-2016": (BRATS, {1: 1, 2: 2, 3: 1, 4: 3}),
        "2017-2022": (BRATS, {1: 1, 2: 2, 4: 3}),
        "2023": (BRATS, {1: 1, 2: 2, 3: 3}),
        "2024": (BRATS_POSTOPERATIVE, {1: 1, 2: 2, 3: 3, 4: 4}),
        "whole-tumour": (WHOLE_TUMOUR, {1: 1}),
    }
)
"""Generation -> the scheme that it is read to, and its values -> those of the scheme.

3 was non-enhancing core until 2016, went unused until 2022 and is enhancing tumour since;
4 was enhancing tumour until 2022 and is the resection cavity since 2024. 'whole-tumour'
is a mask of 0 and 1."""

NAMES = (
    (r"vsd[._]brain|brats_(?:2013|tcia)_pat", "2012-2016"),
    (r"brats_?(?:20)?1[3-6](?!\d)", "2012-2016"),
    (r"brats_?(?:20)?(?:1[7-9]|2[0-2])(?!\d)", "2017-2022"),
    (r"ucsf-pdgm|upenn-gbm|glistrboost", "2017-2022"),
    (r"brats-gli-\d+-[1-9]\d\d(?!\d)", "2024"),
    (r"brats-(?:gli|ssa|met|men|goat)-\d+", "2023"),
)
"""From 2024 on, visits of BraTS-GLI count from 100: those are after surgery."""

STRANGERS = (
    (r"brats-ped-", "the labels of BraTS-PED, 1 of which is enhancing tumour"),
    (r"(?:sim)?brats_[hl]g\d{4}", "a case of 2012, whose 1 may be oedema"),
)


def generation_of_name(path: Path) -> str | None:
    """The generation that the file's name tells, else the names of its two folders.

    Raises:
        StudyError: the name is that of a collection with labels of its own.
    """
    for name in (path.name, *(p.name for p in path.absolute().parents[:2])):
        for pattern, what in STRANGERS:
            if re.search(pattern, name.lower()):
                raise StudyError(
                    "the labels are those of a BraTS glioma challenge from 2013 on",
                    source=path,
                    found=what,
                    way_out=f"Where you know better, say so: {_ways()}.",
                )
        for pattern, generation in NAMES:
            if re.search(pattern, name.lower()):
                return generation
    return None


def meaning(path: Path, values: frozenset[int], named: str | None) -> str:
    """The generation to read a label map by.

    Args:
        path: The file, for the message.
        values: Its values without 0.
        named: What its name tells.

    Raises:
        StudyError: no name tells it, and generations differ in what the values mean.
    """
    if named == "2017-2022" and 3 in values and 4 not in values:
        return "2023"  # a copy whose labels were converted while its name was kept
    if named is not None:
        return named
    if values - {1, 2} or values == {1}:
        raise StudyError(
            "the generation of a label map is known where it matters",
            source=path,
            found=f"labels {_listed(values)}, and a name that tells no year",
            way_out=f"Say what they are: {_ways()} (1 alone may be a whole tumour).",
        )
    return "2023"


def _ways() -> str:
    return "generation " + ", ".join(f'"{g}"' for g in GENERATIONS)


def _listed(values: frozenset[int]) -> str:
    return ", ".join(str(v) for v in sorted(values))
