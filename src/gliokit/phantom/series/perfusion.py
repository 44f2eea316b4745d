"""Dynamic susceptibility contrast (DSC) series of a digital patient."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from gliokit.phantom.chance import Chance
from gliokit.phantom.series.bolus import Bolus, Residue, convolved
from gliokit.phantom.series.noise import rician, sigma_for
from gliokit.phantom.series.perfusion_truth import (
    DscProtocol,
    PerfusionTruth,
    perfusion_truth,
    relaxation_of,
    spoiled,
)
from gliokit.phantom.series.substance import Array, on_grid
from gliokit.phantom.truth import TruthMaps
from gliokit.study import Modality, Series

__all__ = ["SimulatedDsc", "dsc_signal", "make_dsc"]

HAEMATOCRIT_RATIO, BRAIN_DENSITY = 0.55 / 0.75, 1.04
PLASMA_MM_AT_PEAK = 6.0
RELAXIVITY_R1, RELAXIVITY_R2 = 4.5, 20.0
"""Of agent that has leaked, L/(mmol s): it shortens T1, and T2* by its mesoscopic fields."""
LEAKED_SPACE = 0.3


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedDsc:
    """A series, its truth, and the standard deviation of the noise in each channel."""

    series: Series
    truth: PerfusionTruth
    sigma: float


def make_dsc(
    maps: TruthMaps,
    *,
    seed: int,
    protocol: DscProtocol | None = None,
    snr: float | None = 50.0,
    bolus: Bolus | None = None,
    residue: Residue = "exponential",
    rcbv: float | None = None,
    ktrans_per_min: float = 0.1,
    delay_s: Array | float = 0.0,
) -> SimulatedDsc:
    """The perfusion series of a patient, exactly 0 outside the brain.

    Args:
        maps: What the patient is made of.
        seed: Of the noise.
        protocol: Timing; 60 frames of 1.5 s by default.
        snr: Mean signal of the brain before the bolus over sigma; None without noise.
        bolus: The artery's.
        residue: Shape of the residue function.
        rcbv: Blood volume of solid tumour over that of white matter, 0.1 to 20; 4 by default.
        ktrans_per_min: Where the barrier is wide open (`leakage` 1), 0 (none) to 2.
        delay_s: Of the bolus behind the artery, one value or a map.

    Raises:
        UsageError: a value that can't be.
    """
    protocol = DscProtocol() if protocol is None else protocol
    bolus = Bolus() if bolus is None else bolus
    truth = perfusion_truth(
        maps, protocol=protocol, bolus=bolus, rcbv=rcbv, ktrans_per_min=ktrans_per_min,
        delay_s=delay_s,
    )  # fmt: skip
    signals = dsc_signal(truth, maps, protocol=protocol, bolus=bolus, residue=residue)
    sigma = sigma_for(truth.s0[maps.brain], snr)
    noisy = rician(signals, sigma, Chance(seed).of("noise of dsc"))
    series = Series.from_array(
        Modality.DSC, maps.grid, on_grid(noisy, maps), source="digital patient",
        time_s=protocol.time_s, te_ms=protocol.te_ms, tr_ms=protocol.tr_ms,
    )  # fmt: skip
    return SimulatedDsc(series, truth, sigma)


def dsc_signal(
    truth: PerfusionTruth,
    maps: TruthMaps,
    *,
    protocol: DscProtocol,
    bolus: Bolus,
    residue: Residue = "exponential",
) -> Array:
    """Noise-free signal of the brain's voxels, (voxel, frame).

    Blood in vessels: Delta R2* = (rho/kappa) CBF * integral of AIF(u) R(t - u) du, at the
    delay. Leaked agent, by Tofts: C = Ktrans * integral of Cp(u) exp(-kep (t - u)) du with
    kep = Ktrans/0.3; it raises R1 by 4.5 and R2* by 20 L/(mmol s), so that a curve ends
    above or below its start by the flip angle. The signal is that of a spoiled gradient
    echo.

    References:
        Ostergaard L et al. Magn Reson Med 1996;36:715. Tofts PS et al. J Magn Reson Imaging
        1999;10:223. Quarles CC et al. NeuroImage 2019;187:32 (leakage in DSC).
    """
    brain = maps.brain
    mtt, delay = truth.mtt_s[brain], truth.delay_s[brain]
    flow_per_s = truth.cbf[brain] * np.float32(BRAIN_DENSITY / HAEMATOCRIT_RATIO / 6000)
    signals = np.zeros((len(mtt), protocol.frames), dtype=np.float32)
    flows = mtt > 0
    if flows.any():
        passed = convolved(
            bolus, mtt[flows], time_s=protocol.time_s, delay_s=delay[flows], kind=residue
        )
        signals[flows] = np.float32(-protocol.te_ms / 1000) * flow_per_s[flows, None] * passed
    signals = np.exp(signals) * truth.s0[brain][:, None]
    ktrans_per_s = truth.ktrans_per_min[brain] / np.float32(60)
    leaks = ktrans_per_s > 1e-6
    if leaks.any():
        r1_per_s = np.float32(1000) / relaxation_of(maps, protocol.field_t)[0][leaks]
        signals[leaks] *= _leak(ktrans_per_s[leaks], delay[leaks], r1_per_s, protocol, bolus)
    return signals


def _leak(
    ktrans_per_s: Array, delay_s: Array, r1_per_s: Array, protocol: DscProtocol, bolus: Bolus
) -> Array:
    """By what leaked agent changes the signal: brighter by T1, darker by T2*."""
    stay_s = np.float32(LEAKED_SPACE) / ktrans_per_s
    held = convolved(bolus, stay_s, time_s=protocol.time_s, delay_s=delay_s, kind="exponential")
    leaked_mm = held * ktrans_per_s[:, None] * np.float32(PLASMA_MM_AT_PEAK / bolus.peak_per_s)
    before = r1_per_s[:, None]
    brighter = spoiled(before + np.float32(RELAXIVITY_R1) * leaked_mm, protocol)
    brighter /= spoiled(before, protocol)
    darker = np.exp(np.float32(-protocol.te_ms / 1000 * RELAXIVITY_R2) * leaked_mm)
    return np.asarray(brighter * darker, dtype=np.float32)
