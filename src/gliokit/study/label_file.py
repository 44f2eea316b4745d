"""Label maps of files, brought to the labels of BraTS 2023."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gliokit.study.errors import StudyError, UsageError
from gliokit.study.generation import GENERATIONS, generation_of_name, meaning
from gliokit.study.image_file import ImageFile
from gliokit.study.labels import SCHEMES, LabelMap, Labels
from gliokit.study.notice import Notice
from gliokit.study.reading import open_image

__all__ = ["MARK", "read_label_map"]

MARK = "gliokit labels: "
"""Begins the free text in the header of a label map that gliokit wrote; then the scheme."""


def read_label_map(path: str | Path, *, generation: str | None = None) -> LabelMap:
    """One label map in the house scheme, that of BraTS 2023.

    What its values mean depends on the year (`GENERATIONS`). An option wins; then the
    mark that gliokit leaves in what it writes; then the names of the file and of its
    folders. A map that holds no values but 0, 1 and 2, with a 2, means the same in every
    year. Where values changed, the notice 'labels-converted' says so.

    Args:
        path: .nii, .nii.gz or .mha.
        generation: '2012-2016', '2017-2022', '2023', '2024', or 'whole-tumour' for a
            mask of 0 and 1.

    Raises:
        StudyError: the file can't be read; a value is no whole number or not of the
            generation; the generation matters and is not known.
        UsageError: there is no such generation.
    """
    if generation is not None and generation not in GENERATIONS:
        raise UsageError(
            f"a generation of labels is one of {', '.join(GENERATIONS)}", found=generation
        )
    file = open_image(Path(path))
    scheme = SCHEMES.get(file.mark.removeprefix(MARK)) if file.mark.startswith(MARK) else None
    data = _whole_numbers(file)
    if generation is None and scheme is not None:
        _check_values(file.path, data, scheme.name, frozenset(scheme.values.values()))
        return LabelMap(file.grid, data, scheme)
    named = None if generation is not None else generation_of_name(file.path)
    read_as = generation or meaning(file.path, _values(data), named)
    labels, converted = _convert(file.path, data, read_as)
    notices = _notices(file.path, named, read_as, changed=bool((converted != data).any()))
    return LabelMap(file.grid, converted, labels, notices)


def _whole_numbers(file: ImageFile) -> NDArray[np.uint8]:
    voxels = file.read()
    whole = np.isfinite(voxels) & (voxels >= 0) & (voxels <= 255)
    data = np.where(whole, voxels, 0).astype(np.uint8)
    wrong = voxels[~whole | (data != voxels)]
    if wrong.size:
        raise StudyError(
            "the values of a label map are small whole numbers",
            source=file.path,
            found=f"{wrong.size} voxels that are not, such as {wrong[0]:g}",
            way_out="Give the label map itself, not probabilities, an image or a map that was "
            "resampled with interpolation.",
        )
    return data


def _values(data: NDArray[np.uint8]) -> frozenset[int]:
    return frozenset(np.flatnonzero(np.bincount(data.ravel(), minlength=256)).tolist()) - {0}


def _check_values(path: Path, data: NDArray[np.uint8], name: str, known: frozenset[int]) -> None:
    unknown = _values(data) - known
    if unknown:
        raise StudyError(
            f"labels of '{name}' are {', '.join(str(v) for v in sorted(known))}",
            source=path,
            found=", ".join(str(v) for v in sorted(unknown)),
            way_out=f"Check the file, or say what it is: generation {', '.join(GENERATIONS)}.",
        )


def _convert(
    path: Path, data: NDArray[np.uint8], generation: str
) -> tuple[Labels, NDArray[np.uint8]]:
    labels, values = GENERATIONS[generation]
    _check_values(path, data, generation, frozenset(values))
    table = np.zeros(256, dtype=np.uint8)
    table[list(values)] = list(values.values())
    return labels, table[data]


def _notices(path: Path, named: str | None, read_as: str, *, changed: bool) -> tuple[Notice, ...]:
    if named is not None and named != read_as:
        values = {"file": path.name, "generation": f"BraTS {named}"}
        return (Notice("labels-already-converted", path.name, values),)
    if changed:
        values = {"file": path.name, "generation": f"BraTS {read_as}"}
        return (Notice("labels-converted", path.name, values),)
    return ()
