"""What the viewer in the page needs: its script and the volumes, all inline."""

from __future__ import annotations

import base64
import gzip
import re
from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gliokit.reporting.analysis import Analysis
from gliokit.reporting.choice import focus_slices, key_sequences
from gliokit.reporting.language import Language
from gliokit.reporting.names import VALUE_COLOURS, sequence_name, value_name
from gliokit.reporting.plane import AXIAL, CORONAL, SAGITTAL
from gliokit.segmentation.result import Segmentation
from gliokit.study import Grid, Modality

__all__ = ["Script", "niivue", "viewer_data"]

VOLUMES_LIMIT_BYTES = 8_500_000
"""Of all volumes together as text. With the script and the pictures: under 12 MB."""

GZIP_LEVEL = 6


@dataclass(frozen=True, slots=True)
class Script:
    """NiiVue as nilearn's wheel ships it."""

    source: str
    version: str


@lru_cache
def niivue() -> Script | None:
    """The viewer's script, read from the installed nilearn; None where that has none.

    nilearn isn't imported: its first import costs a second.
    """
    spec = find_spec("nilearn")
    places = (spec.submodule_search_locations if spec is not None else None) or []
    for place in places:
        for file in sorted((Path(place) / "_assets").rglob("niivue*.js")):
            source = file.read_text(encoding="utf-8")
            version = re.search(r'\{version:"([0-9.]+)"\}', source)
            return Script(_inline(source), version[1] if version else "")
    return None


def _inline(source: str) -> str:
    """A script that can't end its element early."""
    return re.sub(r"<(?=/script|!--)", r"\\x3C", source, flags=re.IGNORECASE)


def viewer_data(
    analysis: Analysis, shown: Mapping[Modality, NDArray[np.uint8]], words: Language
) -> dict[str, Any]:
    """The volumes and settings that the page's own script reads as JSON."""
    grid = analysis.prepared.grid
    slices = focus_slices(analysis.prepared, analysis.segmentation)
    images = _within_limit({m: _bytes(image, grid) for m, image in shown.items()}, shown, grid)
    return {
        "sequences": [
            {"name": f"{m}.nii.gz", "label": sequence_name(m, words), "base64": _text(data)}
            for m, data in images.items()
        ],
        "first": list(images).index(key_sequences(analysis.prepared)[0]),
        "segmentations": [
            {"name": f"segmentation-{n}.nii.gz", "base64": _text(_label_bytes(s, grid))}
            for n, s in enumerate(_segmentations(analysis))
        ],
        "values": _values(analysis.segmentation, words),
        "centre": [slices[SAGITTAL], slices[CORONAL], slices[AXIAL]],
        "shape": list(grid.shape),
    }


def _segmentations(analysis: Analysis) -> tuple[Segmentation, ...]:
    second = (analysis.compared[0],) if analysis.compared is not None else ()
    return (analysis.segmentation, *second)


def _values(segmentation: Segmentation, words: Language) -> list[dict[str, Any]]:
    values = segmentation.label_map.labels.values
    return [
        {"value": value, "label": value_name(name, words), "colour": VALUE_COLOURS[name]}
        for name, value in sorted(values.items(), key=lambda item: item[1])
    ]


def _within_limit(
    images: dict[Modality, bytes], shown: Mapping[Modality, NDArray[np.uint8]], grid: Grid
) -> dict[Modality, bytes]:
    """Fewer grey levels where the volumes would make the page too large."""
    for kept in (0b11111110, 0b11111100):
        if sum(map(len, images.values())) * 4 / 3 <= VOLUMES_LIMIT_BYTES:
            break
        images = {m: _bytes(image & np.uint8(kept), grid) for m, image in shown.items()}
    return images


def _label_bytes(segmentation: Segmentation, grid: Grid) -> bytes:
    return _bytes(segmentation.label_map.data, grid, intent="label")


def _bytes(image: NDArray[np.uint8], grid: Grid, *, intent: str = "none") -> bytes:
    """A NIfTI file. NiiVue draws the edges of an image only where its intent is 'label'."""
    import nibabel as nib

    nifti = nib.Nifti1Image(image, grid.affine, dtype=np.uint8)
    nifti.header.set_intent(intent)
    return gzip.compress(nifti.to_bytes(), compresslevel=GZIP_LEVEL, mtime=0)


def _text(data: bytes) -> str:
    return base64.b64encode(data).decode()
