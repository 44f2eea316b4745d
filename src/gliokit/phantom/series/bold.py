"""Resting-state BOLD series of a digital patient: slow fluctuations of known amplitude."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.chance import Chance
from gliokit.phantom.series.noise import rician, sigma_for
from gliokit.phantom.series.perfusion_truth import DscProtocol, brightness_of
from gliokit.phantom.series.substance import Array, mixture, on_grid
from gliokit.phantom.truth import TruthMaps
from gliokit.study import Modality, Series, UsageError

__all__ = ["BAND_HZ", "SimulatedBold", "draw_regions", "make_bold", "slow_courses"]

BAND_HZ = (0.01, 0.08)
"""Where resting-state fluctuations are looked for (Zang 2007)."""
NETWORKS = 7
PATCHES = 60


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedBold:
    """A series and its truth.

    Args:
        series: BOLD.
        amplitude_percent: Standard deviation of the slow fluctuation of each voxel, as a
            share of its signal; float32 on the grid.
        regions: uint8, 1 and up in the brain: voxels of one number rise and fall together.
        courses: (region, frame), mean 0 and variance 1 in the band, nothing outside it.
        s0: Mean signal without noise.
        sigma: Standard deviation of the noise in each channel.
    """

    series: Series
    amplitude_percent: Array
    regions: NDArray[np.uint8]
    courses: NDArray[np.float64]
    s0: Array
    sigma: float


def make_bold(
    maps: TruthMaps,
    *,
    seed: int,
    frames: int = 200,
    tr_ms: float = 2000.0,
    te_ms: float = 30.0,
    field_t: float = 3.0,
    snr: float | None = 80.0,
    regions: NDArray[np.uint8] | None = None,
    amplitude_percent: Array | None = None,
) -> SimulatedBold:
    """The resting-state series of a patient, exactly 0 outside the brain.

    S(t) = S0 [1 + amplitude * x(t)], x being the course of the voxel's region, then noise.
    There is no drift, pulse, breathing or motion.

    Args:
        maps: What the patient is made of.
        seed: Of regions, courses and noise.
        frames: One every `tr_ms`.
        tr_ms, te_ms: Of the gradient echo.
        field_t: 1.5 or 3 tesla.
        snr: Mean signal of the brain over sigma; None without noise.
        regions: Numbers from 1 in the brain; by default seven networks in patches.
        amplitude_percent: By default the mean of the voxel's tissues.

    Raises:
        UsageError: fewer frames than the band needs, regions or amplitudes that don't fit.
    """
    protocol = DscProtocol(frames=frames, tr_ms=tr_ms, te_ms=te_ms, field_t=field_t)
    brain, chance = maps.brain, Chance(seed)
    if regions is None:
        regions = draw_regions(maps, rng=chance.of("networks"))
    if regions.shape != brain.shape or regions[brain].min() < 1:
        raise UsageError("every voxel of the brain has a region, from 1", source="regions")
    amplitude = mixture(maps, lambda s: s.fluctuation_percent)
    if amplitude_percent is not None:
        if amplitude_percent.shape != brain.shape or not 0 <= amplitude_percent.min() <= 20:
            raise UsageError("amplitudes are a map of 0 to 20 %", source="amplitude_percent")
        amplitude = amplitude_percent[brain]
    count = int(regions.max())
    courses = slow_courses(count, frames=frames, tr_s=tr_ms / 1000, rng=chance.of("courses"))
    s0 = brightness_of(maps, protocol)
    swing = (s0 * amplitude / np.float32(100))[:, None]
    signals = s0[:, None] + swing * courses.astype(np.float32)[regions[brain] - 1]
    sigma = sigma_for(s0, snr)
    noisy = rician(signals, sigma, chance.of("noise of bold"))
    series = Series.from_array(
        Modality.BOLD, maps.grid, on_grid(noisy, maps), source="digital patient",
        time_s=protocol.time_s, te_ms=te_ms, tr_ms=tr_ms,
    )  # fmt: skip
    return SimulatedBold(
        series, on_grid(amplitude, maps), regions, courses, on_grid(s0, maps), sigma
    )


def slow_courses(
    count: int, *, frames: int, tr_s: float, rng: np.random.Generator
) -> NDArray[np.float64]:
    """Random courses (count, frame) of mean 0 and variance exactly 1, within the band.

    Definition: each frequency of the discrete spectrum from 0.01 to 0.08 Hz has one power
    and a random phase; all others have none.

    Raises:
        UsageError: the series is too short to hold three such frequencies.
    """
    frequency = np.fft.rfftfreq(frames, tr_s)
    # A frequency of half the sampling rate has no phase of its own.
    inside = (frequency >= BAND_HZ[0]) & (frequency <= BAND_HZ[1]) & (frequency < 0.5 / tr_s)
    if inside.sum() < 3:
        raise UsageError(
            f"a resting-state series holds three frequencies of {BAND_HZ[0]} to {BAND_HZ[1]} Hz",
            source="frames",
            found=f"{frames} frames of {tr_s:g} s, {inside.sum()} frequencies",
            way_out="Take at least 100 frames of 2 s.",
        )
    phase = rng.uniform(0, 2 * np.pi, (count, int(inside.sum())))
    spectrum = np.zeros((count, len(frequency)), dtype=np.complex128)
    spectrum[:, inside] = np.exp(1j * phase) * frames / np.sqrt(2 * inside.sum())
    return np.asarray(np.fft.irfft(spectrum, frames, axis=1), dtype=np.float64)


def draw_regions(maps: TruthMaps, *, rng: np.random.Generator) -> NDArray[np.uint8]:
    """Seven networks, each of several patches: every voxel goes with its nearest seed."""
    from scipy.spatial import KDTree

    places = np.argwhere(maps.brain) * np.array(maps.grid.spacing_mm)
    seeds = places[rng.choice(len(places), min(PATCHES, len(places)), replace=False)]
    network = 1 + np.arange(len(seeds)) % NETWORKS
    regions = np.zeros(maps.brain.shape, dtype=np.uint8)
    regions[maps.brain] = network[KDTree(seeds).query(places)[1]]
    return regions
