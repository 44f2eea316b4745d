"""Images of one grid, taken one after the other: over time, or over diffusion directions."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gliokit.study.errors import StudyError
from gliokit.study.grid import Grid
from gliokit.study.modality import Modality

__all__ = ["Series"]

KINDS = (Modality.DWI, Modality.DSC, Modality.BOLD, Modality.PET)
UNWEIGHTED_B = 50.0
"""Up to this b (s/mm2) a frame may have no direction."""

Numbers = NDArray[np.float64]


@dataclass(slots=True)
class _Frames:
    """Reads an array once, when it is first asked for."""

    read: Callable[[], NDArray[np.float32]]
    kept: NDArray[np.float32] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Series:
    """A 4-D image with what each of its frames is.

    Diffusion series have `bvals` and `bvecs`, all others have `time_s`.

    Args:
        modality: DWI, DSC, BOLD or PET.
        grid: Where the voxels of every frame lie.
        source: The file that it came from, or a word for one made in memory.
        read: Gives the voxels as float32 (i, j, k, frame); called at most once.
        time_s: When each frame was taken, seconds, increasing.
        bvals: Diffusion weighting of each frame, s/mm2.
        bvecs: (frame, 3), direction of each gradient in the patient: RAS+, whatever the
            axes of the array. Of length 1; 0 0 0 where b is at most 50.
        te_ms: Echo time, where known.
        tr_ms: Repetition time, from one excitation of a slice to the next, where known.

    Raises:
        StudyError: a modality without frames, or tables that can't be.
    """

    modality: Modality
    grid: Grid
    source: Path | str
    read: Callable[[], NDArray[np.float32]] = field(repr=False)
    time_s: Numbers | None = None
    bvals: Numbers | None = None
    bvecs: Numbers | None = None
    te_ms: float | None = None
    tr_ms: float | None = None
    _frames: _Frames = field(init=False, repr=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_frames", _Frames(self.read))
        if self.modality not in KINDS:
            raise self._fault("a series is one of " + ", ".join(KINDS), self.modality)
        for name in ("time_s", "bvals", "bvecs"):
            object.__setattr__(self, name, _frozen(getattr(self, name)))
        for name in ("te_ms", "tr_ms"):
            value = getattr(self, name)
            if value is not None and not 0 < value < 60_000:
                raise self._fault(f"{name} lies between 0 and 60000 ms", value)
        if self.modality is Modality.DWI:
            self._check_gradients()
        else:
            self._check_times()

    @classmethod
    def from_array(
        cls,
        modality: Modality,
        grid: Grid,
        data: NDArray[np.float32],
        *,
        source: Path | str = "memory",
        time_s: Numbers | None = None,
        bvals: Numbers | None = None,
        bvecs: Numbers | None = None,
        te_ms: float | None = None,
        tr_ms: float | None = None,
    ) -> Series:
        """A series of an array (i, j, k, frame) that is already there."""
        return cls(
            modality, grid, source, lambda: data,
            time_s=time_s, bvals=bvals, bvecs=bvecs, te_ms=te_ms, tr_ms=tr_ms,
        )  # fmt: skip

    @property
    def frames(self) -> int:
        """How many images it holds."""
        table = self.bvals if self.time_s is None else self.time_s
        assert table is not None
        return len(table)

    @property
    def data(self) -> NDArray[np.float32]:
        """The voxels, float32 (i, j, k, frame), read-only and finite.

        Raises:
            StudyError: the file can't be read, has the wrong shape, or holds NaN or
                infinity.
        """
        if self._frames.kept is None:
            self._frames.kept = self._checked(self._frames.read())
        return self._frames.kept

    def _checked(self, data: NDArray[np.float32]) -> NDArray[np.float32]:
        expected = (*self.grid.shape, self.frames)
        if data.shape != expected:
            raise self._fault(
                f"the voxels have the shape {expected} of grid and frames", data.shape
            )
        bad = int(data.size - np.count_nonzero(np.isfinite(data)))
        if bad:
            raise StudyError(
                "all voxels of all frames are finite numbers",
                source=self.source,
                found=f"{bad} that are NaN or infinite",
                way_out="Replace them, by 0 outside the brain, and run again.",
            )
        data = np.asarray(data, dtype=np.float32).view()
        data.setflags(write=False)
        return data

    def _check_times(self) -> None:
        times = self.time_s
        if times is None or self.bvals is not None or self.bvecs is not None:
            raise self._fault(f"a {self.modality} series has times, and no b-values", "others")
        if times.ndim != 1 or len(times) < 1 or not np.isfinite(times).all():
            raise self._fault("times are one finite number for each frame", times.shape)
        if (np.diff(times) <= 0).any():
            first = int(np.flatnonzero(np.diff(times) <= 0)[0])
            found = f"{times[first]:g} s, then {times[first + 1]:g} s"
            raise self._fault("times of the frames increase", found)

    def _check_gradients(self) -> None:
        bvals, bvecs = self.bvals, self.bvecs
        if bvals is None or bvecs is None or self.time_s is not None:
            raise self._fault("a diffusion series has b-values and b-vectors, no times", "others")
        if bvals.ndim != 1 or bvecs.shape != (len(bvals), 3):
            found = f"{bvals.shape} and {bvecs.shape}"
            raise self._fault("there is one b-value and one b-vector for each frame", found)
        if not (np.isfinite(bvals).all() and np.isfinite(bvecs).all()) or (bvals < 0).any():
            raise self._fault("b-values and b-vectors are finite, b at least 0", "others")
        length = np.linalg.norm(bvecs, axis=1)
        wrong = np.abs(length - 1) > 1e-3
        wrong &= ~((length == 0) & (bvals <= UNWEIGHTED_B))
        if wrong.any():
            frame = int(np.flatnonzero(wrong)[0])
            found = f"{length[frame]:.3g} at frame {frame}, b = {bvals[frame]:g}"
            raise self._fault("b-vectors have the length 1 (0 where b is 0)", found)

    def _fault(self, rule: str, found: object) -> StudyError:
        return StudyError(rule, source=self.source, found=found)


def _frozen(values: Numbers | None) -> Numbers | None:
    if values is None:
        return None
    values = np.array(values, dtype=np.float64)
    values.setflags(write=False)
    return values
