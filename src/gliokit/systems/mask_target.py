"""A target that is a place in the image: drawn for training, never shown when asked."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import ArrayLike, NDArray

from gliokit.study import LabelMap, StudyError

__all__ = ["MaskTarget"]


@dataclass(frozen=True, slots=True, eq=False)
class MaskTarget:
    """A region of each patient, such as the lesions or where the tumour came back.

    A mask that is the answer is kept apart from the regions that a system may see
    (`Images.open_label_map`), so that a test patient's can't be looked at.

    Args:
        name: Such as 'recurrence'.
        region: Name of the region in the label maps.
        open_masks: (n,), each reads a label map; None where not known.
    """

    name: str
    region: str
    open_masks: tuple[Callable[[], LabelMap] | None, ...] = field(repr=False)

    def __len__(self) -> int:
        return len(self.open_masks)

    @property
    def known(self) -> NDArray[np.bool_]:
        """(n,), whether the region is drawn; it may be empty all the same."""
        return np.array([mask is not None for mask in self.open_masks], dtype=np.bool_)

    @property
    def strata(self) -> NDArray[np.int64]:
        """(n,), what folds are balanced by: whether it is drawn, as nothing is opened for it."""
        return np.where(self.known, 0, -1).astype(np.int64)

    def take(self, rows: ArrayLike) -> MaskTarget:
        """Of the patients of some row numbers."""
        chosen = np.asarray(rows, dtype=np.intp)
        return MaskTarget(self.name, self.region, tuple(self.open_masks[i] for i in chosen))

    def label_map(self, row: int) -> LabelMap:
        """The drawing of a patient, which knows the region.

        Raises:
            StudyError: it is not drawn, or in a scheme without the region.
        """
        opener = self.open_masks[row]
        drawn = None if opener is None else opener()
        if drawn is None or not drawn.knows(self.region):
            raise StudyError(f"region '{self.region}' is drawn", source=f"{self.name}, row {row}",
                             found="no mask" if drawn is None else drawn.labels.name)  # fmt: skip
        return drawn
