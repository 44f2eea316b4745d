"""The heads of lgg_images.py on nominal grids, for systems that see space in millimetres.

Neither voxel size nor brain mask is known. A pixel is taken to be 0.9 mm wide, and a stack of
slices 145 mm high: nominal figures, by which boxes of one size show about as much of each head.
Background is made 0 below half of Otsu's threshold of FLAIR.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from lgg_images import Strips
from numpy.typing import NDArray
from scipy import ndimage
from skimage.filters import threshold_otsu

from gliokit.study import WHOLE_TUMOUR, Grid, LabelMap, Modality, Study, Volume
from gliokit.systems import Images

__all__ = ["Head"]

PIXEL_MM = 0.9
STACK_MM = 145.0


@dataclass(frozen=True)
class Head:
    """One patient."""

    strips: Strips

    def open_study(self) -> Study:
        """The sequences that are there, cropped to the head."""
        read = {m: v.data for m, v in self.strips.study().volumes.items()}
        head, box = _head(read[Modality.FLAIR])
        grid = _grid(head.shape, box)
        inside = {m: np.where(head, np.maximum(image, 1), 0)[box] for m, image in read.items()}
        volumes = {
            m: Volume.from_array(m, grid, image.astype(np.float32), source=self.strips.patient)
            for m, image in inside.items()
        }
        return Study(self.strips.barcode, volumes)

    def open_label_map(self) -> LabelMap:
        """The expert's FLAIR abnormality on the grid of the study."""
        mask = self.strips.labels().data
        _, box = _head(self.strips.study().volumes[Modality.FLAIR].data)
        return LabelMap(_grid(mask.shape, box), mask[box], WHOLE_TUMOUR)

    @property
    def images(self) -> Images:
        """As a system sees them."""
        return Images(
            self.strips.images.sequences,
            frozenset({"WT"}),
            self.open_study,
            self.open_label_map,
            whole_head=True,
            content=f"lgg {self.strips.patient} {PIXEL_MM} {STACK_MM}",
        )


def _grid(whole: tuple[int, ...], box: tuple[slice, ...]) -> Grid:
    # Columns run to the left, rows to the back, slices to the top.
    steps = np.array([-PIXEL_MM, -PIXEL_MM, STACK_MM / whole[2]])
    affine = np.diag([*steps, 1.0])
    affine[:3, 3] = steps * [s.start for s in box]
    return Grid((*(s.stop - s.start for s in box),), affine)  # type: ignore[arg-type]


def _head(flair: NDArray[np.float32]) -> tuple[NDArray[np.bool_], tuple[slice, ...]]:
    """The largest bright part, holes filled slice by slice, and its bounding box."""
    bright = ndimage.binary_opening(flair > threshold_otsu(flair) / 2)
    named, count = ndimage.label(bright)
    sizes = np.bincount(named.ravel(), minlength=count + 1)
    head = named == 1 + int(np.argmax(sizes[1:]))
    for k in range(head.shape[2]):
        head[..., k] = ndimage.binary_fill_holes(head[..., k])
    return head, ndimage.find_objects(head.astype(np.uint8))[0]
