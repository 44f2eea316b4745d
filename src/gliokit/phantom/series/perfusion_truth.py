"""What a perfusion series of a digital patient is made of."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.series.bolus import Bolus
from gliokit.phantom.series.substance import Array, inside, mixture, on_grid
from gliokit.phantom.tissue import Tissue, relaxation
from gliokit.phantom.truth import TruthMaps
from gliokit.study import UsageError

__all__ = [
    "DscProtocol",
    "PerfusionTruth",
    "brightness_of",
    "perfusion_truth",
    "relaxation_of",
    "spoiled",
]

Numbers = NDArray[np.float64]

WHITE_CBV_ML, USUAL_RCBV, TUMOUR_MTT_S = 2.0, 4.0, 5.0
"""Of solid tumour in the table of substances, relative to white matter."""
LONGEST_MTT_S = 20.0
LEAST_CBV_ML = 1e-4
DEPHASING_PER_S = 8.0
"""R2' of brain: what R2* has beyond R2."""
SCALE = 1000.0


@dataclass(frozen=True, slots=True)
class DscProtocol:
    """A spoiled gradient echo, one frame a repetition.

    Args:
        frames: 2 to 2000.
        tr_ms, te_ms, flip_deg: 100 to 10000, 1 to 200, 1 to 90.
        field_t: 1.5 or 3 tesla.

    Raises:
        UsageError: a value outside its range.
    """

    frames: int = 60
    tr_ms: float = 1500.0
    te_ms: float = 30.0
    flip_deg: float = 60.0
    field_t: float = 3.0

    def __post_init__(self) -> None:
        _within("frames", self.frames, 2, 2000)
        _within("tr_ms", self.tr_ms, 100, 10_000)
        _within("te_ms", self.te_ms, 1, 200)
        _within("flip_deg", self.flip_deg, 1, 90)
        relaxation(self.field_t)

    @property
    def time_s(self) -> Numbers:
        """When each frame is taken, from 0."""
        return np.asarray(np.arange(self.frames) * (self.tr_ms / 1000), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class PerfusionTruth:
    """Maps are float32 on the patient's grid, 0 outside the brain.

    Args:
        cbv: mL/100 g.
        cbf: mL/100 g/min.
        mtt_s: CBV/CBF; 0 where no blood flows.
        delay_s: Of the bolus, behind the artery.
        ktrans_per_min: Volume transfer constant of leakage.
        aif: (frame,), Delta R2* of the artery, 1/s.
        s0: Signal before the bolus without noise.
    """

    cbv: Array
    cbf: Array
    mtt_s: Array
    delay_s: Array
    ktrans_per_min: Array
    aif: Numbers
    s0: Array


def perfusion_truth(
    maps: TruthMaps,
    *,
    protocol: DscProtocol,
    bolus: Bolus,
    rcbv: float | None = None,
    ktrans_per_min: float = 0.1,
    delay_s: Array | float = 0.0,
) -> PerfusionTruth:
    """Blood volume, flow, leakage and brightness of each voxel; see `make_dsc`.

    Volume and flow are means over the voxel's tissues; its transit time is their ratio, at
    most 20 s, to which the flow is raised where the ratio is longer.

    Raises:
        UsageError: a blood volume or leakage outside its range.
    """
    _within("rcbv", USUAL_RCBV if rcbv is None else rcbv, 0.1, 20)
    _within("ktrans_per_min", ktrans_per_min, 0, 2)
    brain = maps.brain
    cbv = mixture(maps, lambda s: s.cbv_ml)
    cbf = mixture(maps, lambda s: s.cbf_ml_per_min)
    if rcbv is not None and str(Tissue.TUMOUR) in (shares := inside(maps)):
        more = shares[str(Tissue.TUMOUR)] * np.float32((rcbv - USUAL_RCBV) * WHITE_CBV_ML)
        cbv += more
        cbf += more * np.float32(60 / TUMOUR_MTT_S)
    flows = cbv > LEAST_CBV_ML
    cbv, cbf = (np.where(flows, part, np.float32(0)) for part in (cbv, cbf))
    cbf = np.maximum(cbf, cbv * np.float32(60 / LONGEST_MTT_S))
    mtt = np.divide(60 * cbv, cbf, out=np.zeros_like(cbv), where=flows)
    s0 = brightness_of(maps, protocol)
    delay = np.broadcast_to(np.asarray(delay_s, dtype=np.float32), brain.shape)
    return PerfusionTruth(
        cbv=on_grid(cbv, maps),
        cbf=on_grid(cbf, maps),
        mtt_s=on_grid(mtt, maps),
        delay_s=on_grid(delay[brain], maps),
        ktrans_per_min=np.float32(ktrans_per_min) * maps.leakage * brain,
        aif=bolus.at(protocol.time_s),
        s0=on_grid(s0, maps),
    )


def brightness_of(maps: TruthMaps, protocol: DscProtocol) -> Array:
    """Signal of the brain's voxels without contrast agent and noise."""
    t1_ms, t2_ms, density = relaxation_of(maps, protocol.field_t)
    s0 = density * spoiled(np.float32(1000) / t1_ms, protocol)
    s0 *= np.exp(
        np.float32(-protocol.te_ms / 1000)
        * (np.float32(1000) / t2_ms + np.float32(DEPHASING_PER_S))
    )
    return np.asarray(np.float32(SCALE) * s0, dtype=np.float32)


def spoiled(r1_per_s: Array, protocol: DscProtocol) -> Array:
    """Spoiled gradient echo without T2*: sin a (1 - E1)/(1 - cos a E1), E1 = exp(-TR R1).

    References:
        Bernstein MA, King KF, Zhou XJ. Handbook of MRI Pulse Sequences. 2004, ch. 14.1.
    """
    angle = math.radians(protocol.flip_deg)
    e1 = np.exp(np.float32(-protocol.tr_ms / 1000) * r1_per_s)
    signal = math.sin(angle) * (1 - e1) / (1 - math.cos(angle) * e1)
    return np.asarray(signal, dtype=np.float32)


def relaxation_of(maps: TruthMaps, field_t: float) -> tuple[Array, Array, Array]:
    """T1, T2 (ms) and proton density of the brain's voxels: means of rates over tissues."""
    rows = {str(tissue): row for tissue, row in relaxation(field_t).items()}
    r1: Array
    r2: Array
    density: Array
    r1, r2, density = np.zeros((3, int(maps.brain.sum())), dtype=np.float32)
    for tissue, share in inside(maps).items():
        row = rows[tissue]
        r1 += share / np.float32(row.t1_ms)
        r2 += share / np.float32(row.t2_ms)
        density += share * np.float32(row.density)
    one = np.float32(1)
    return one / r1, one / r2, density


def _within(name: str, value: float, low: float, high: float) -> None:
    if not low <= value <= high:
        raise UsageError(f"it lies between {low:g} and {high:g}", source=name, found=value)
