"""How one scanner makes its four images of a patient."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.signals import (
    RELAXIVITY,
    inversion_recovery,
    mprage,
    null_time_ms,
    spin_echo,
    with_gadolinium,
)
from gliokit.phantom.tissue import Tissue, relaxation
from gliokit.study import Modality

__all__ = ["Acquisition", "Sequence", "brightness", "draw_acquisition"]

Kind = Literal["spin_echo", "inversion_recovery", "mprage"]


@dataclass(frozen=True, slots=True)
class Sequence:
    """Timing of one sequence and what its images suffer.

    Args:
        kind: Which signal equation holds.
        tr_ms, te_ms, ti_ms, flip_deg: Of that equation; 0 where it has none.
        blur_mm: Standard deviation of the point spread within a slice (3-D: along each axis).
        slice_mm: Thickness of a slice; 0 for a 3-D sequence, whose voxels are the grid's.
        gap_mm: Between slices.
        noise: Standard deviation of the noise, as a share of the median of the brain.
        shading: Standard deviation of what is left of the coil's shading, as a share.
        ghost_mm: How far the head moves to and fro during the phase encoding; 0 for still.
        gadolinium: Whether it is taken after contrast agent.
        field_t: Field strength, tesla: relaxivities depend on it.
    """

    kind: Kind
    tr_ms: float
    te_ms: float
    ti_ms: float
    flip_deg: float
    blur_mm: float
    slice_mm: float
    gap_mm: float
    noise: float
    shading: float
    ghost_mm: float = 0.0
    gadolinium: bool = False
    field_t: float = 3.0


@dataclass(frozen=True, slots=True)
class Acquisition:
    """One scanner: its field and its four sequences."""

    field_t: float
    sequences: Mapping[Modality, Sequence]


def draw_acquisition(
    rng: np.random.Generator, *, field_t: float, motion: float = 0.0
) -> Acquisition:
    """A scanner's protocol, as hospitals differ.

    T1 and T1C are spin echoes of slices of 3 to 5.5 mm, or (less often) an MPRAGE; T2 and FLAIR
    are trains of spin echoes, mostly of slices of 4 to 6.5 mm, else isotropic: so are most
    patients of BraTS and BraTS-Africa (benchmarks/phantom_realism.py). TI of FLAIR falls 2 to
    10 % short of the null of CSF, as in most of the real cases.

    Args:
        field_t: Field strength, tesla.
        motion: How restless the patient is, 0 to 1 (2 mm to and fro).
    """

    def suffers(
        thick_share: float,
        slices_mm: tuple[float, float],
        noise: tuple[float, float],
        gadolinium: bool = False,
    ) -> dict[str, Any]:
        thick = bool(rng.random() < thick_share)
        slice_mm, gap_mm = float(rng.uniform(*slices_mm)), float(rng.uniform(0.0, 1.2))
        return {
            "blur_mm": float(rng.uniform(0.40, 0.60)),
            "slice_mm": slice_mm if thick else 0.0,
            "gap_mm": gap_mm if thick else 0.0,
            "noise": float(rng.uniform(*noise)),
            "shading": float(rng.uniform(0.02, 0.055)),
            "ghost_mm": 2 * motion * float(rng.uniform(0.5, 1.0)),
            "gadolinium": gadolinium,
            "field_t": field_t,
        }

    def t1(three_d: bool, gadolinium: bool) -> Sequence:
        rest = suffers(0.0 if three_d else 0.9, (3.0, 5.5), (0.005, 0.016), gadolinium)
        timing = [float(t) for t in rng.random(4)]
        if three_d:
            return Sequence("mprage", 1900 + 400 * timing[0], 0.0, 880 + 200 * timing[1],
                            8 + 2 * timing[2], **rest)  # fmt: skip
        return Sequence("spin_echo", 500 + 250 * timing[0], 9 + 6 * timing[1], 0.0, 90.0, **rest)

    plain = t1(bool(rng.random() < 0.2), gadolinium=False)
    enhanced = t1(bool(rng.random() < 0.3), gadolinium=True)
    thick_share = 1.0 if rng.random() < 0.8 else 0.0
    csf_t1_ms = relaxation(field_t)[Tissue.CSF].t1_ms
    flair_tr = float(rng.uniform(7500, 10000))
    t2 = Sequence(
        "spin_echo", float(rng.uniform(4000, 6500)), float(rng.uniform(88, 108)), 0.0, 90.0,
        **suffers(thick_share, (4.0, 6.5), (0.015, 0.035)),
    )  # fmt: skip
    flair = Sequence(
        "inversion_recovery", flair_tr, float(rng.uniform(95, 130)),
        null_time_ms(csf_t1_ms, tr_ms=flair_tr) * float(rng.uniform(0.90, 0.98)), 90.0,
        **suffers(thick_share, (4.0, 6.5), (0.012, 0.03)),
    )  # fmt: skip
    return Acquisition(
        field_t,
        {Modality.T1: plain, Modality.T1C: enhanced, Modality.T2: t2, Modality.FLAIR: flair},
    )


def brightness(
    sequence: Sequence,
    *,
    t1_ms: NDArray[np.float32],
    t2_ms: NDArray[np.float32],
    density: float,
    concentration_mm: NDArray[np.float32] | float,
) -> NDArray[np.float32]:
    """Signal of one tissue in one sequence, without noise.

    Args:
        t1_ms, t2_ms: One value for each voxel, without contrast agent.
        concentration_mm: Contrast agent, mmol/L; ignored where the sequence has none.
    """
    if sequence.gadolinium:
        r1, r2 = RELAXIVITY[sequence.field_t]
        t1_ms = with_gadolinium(t1_ms, concentration_mm, relaxivity=r1)
        t2_ms = with_gadolinium(t2_ms, concentration_mm, relaxivity=r2)
    if sequence.kind == "mprage":
        return mprage(
            t1_ms, density, tr_ms=sequence.tr_ms, ti_ms=sequence.ti_ms,
            flip_deg=sequence.flip_deg, echo_spacing_ms=7.5, echoes=176,
        )  # fmt: skip
    if sequence.kind == "inversion_recovery":
        return inversion_recovery(
            t1_ms, t2_ms, density, tr_ms=sequence.tr_ms, te_ms=sequence.te_ms,
            ti_ms=sequence.ti_ms,
        )  # fmt: skip
    return spin_echo(t1_ms, t2_ms, density, tr_ms=sequence.tr_ms, te_ms=sequence.te_ms)
