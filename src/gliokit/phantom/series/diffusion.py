"""Diffusion-weighted series of a digital patient: a tensor and free water in each voxel."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.chance import Chance
from gliokit.phantom.series.directions import DiffusionTable, diffusion_table
from gliokit.phantom.series.noise import rician, sigma_for
from gliokit.phantom.series.substance import Array, inside, on_grid, substance_of
from gliokit.phantom.signals import spin_echo
from gliokit.phantom.tissue import Relaxation, Tissue, relaxation
from gliokit.phantom.truth import TruthMaps
from gliokit.study import Modality, Series, UsageError

__all__ = [
    "DiffusionTruth",
    "SimulatedDwi",
    "axial_tensors",
    "diffusion_signal",
    "diffusion_truth",
    "make_dwi",
]

WATER_UM2_PER_MS = 3.0
# Diffusivity of solid tumour falls with its cells: 1.25 um2/ms where there are few, 0.75 where
# there are most (Kono 2001: 1.14 in grade II, 0.82 in glioblastoma).
FEW_CELLS, BY_CELLS = 1.25, 0.50
SCALE = 1000.0
"""Brightness of fluid at b = 0 without relaxation."""
PAIRS = ((0, 0), (0, 1), (1, 1), (0, 2), (1, 2), (2, 2))


@dataclass(frozen=True, slots=True, eq=False)
class DiffusionTruth:
    """What a diffusion series is made of, float32 on the patient's grid, 0 outside the brain.

    Args:
        tensors: (i, j, k, 6): xx, xy, yy, xz, yz, zz of the tissue without free water, in
            mm2/s and RAS+.
        fa, md: Of that tensor; md in mm2/s.
        free_water: Share of the signal at b = 0 that is free water's.
        s0: Signal at b = 0 without noise.
    """

    tensors: Array
    fa: Array
    md: Array
    free_water: Array
    s0: Array


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedDwi:
    """A series and its truth.

    Args:
        series: DWI.
        truth: What made it.
        sigma: Standard deviation of the noise in each channel.
    """

    series: Series
    truth: DiffusionTruth
    sigma: float


def make_dwi(
    maps: TruthMaps,
    *,
    seed: int,
    table: DiffusionTable | None = None,
    snr: float | None = 30.0,
    te_ms: float = 85.0,
    tr_ms: float = 8000.0,
    field_t: float = 3.0,
    tumour_md_um2_per_ms: float | None = None,
) -> SimulatedDwi:
    """The diffusion series of a patient, exactly 0 outside the brain.

    Args:
        maps: What the patient is made of.
        seed: Of the noise.
        table: Weightings and directions; one b = 0 and 64 directions at 1000 s/mm2.
        snr: Mean signal of the brain at b = 0 over the noise's sigma; None without noise.
        te_ms, tr_ms: Of the spin echo.
        field_t: 1.5 or 3 tesla.
        tumour_md_um2_per_ms: Diffusivity of solid tumour, 0.4 to 2.5; by default it falls
            with the density of cells.

    Raises:
        UsageError: a value that can't be.
    """
    table = diffusion_table({1000.0: 64}) if table is None else table
    truth = diffusion_truth(
        maps, te_ms=te_ms, tr_ms=tr_ms, field_t=field_t, tumour_md_um2_per_ms=tumour_md_um2_per_ms
    )
    brain = maps.brain
    signals = diffusion_signal(
        truth.tensors[brain], s0=truth.s0[brain], free_water=truth.free_water[brain], table=table
    )
    sigma = sigma_for(truth.s0[brain], snr)
    noisy = rician(signals, sigma, Chance(seed).of("noise of dwi"))
    series = Series.from_array(
        Modality.DWI, maps.grid, on_grid(noisy, maps), source="digital patient",
        bvals=table.bvals, bvecs=table.bvecs, te_ms=te_ms, tr_ms=tr_ms,
    )  # fmt: skip
    return SimulatedDwi(series, truth, sigma)


def diffusion_signal(
    tensors: Array, *, s0: Array, free_water: Array, table: DiffusionTable
) -> Array:
    """S0 [(1 - f) exp(-b g'Dg) + f exp(-b Dw)], (voxel, frame), without noise.

    Args:
        tensors: (voxel, 6), xx, xy, yy, xz, yz, zz in mm2/s, in the frame of the table.
        s0, free_water: (voxel,).
        table: Weightings and directions.
    """
    factors = [
        (1 if i == j else 2) * table.bvecs[:, i] * table.bvecs[:, j] * table.bvals for i, j in PAIRS
    ]
    signals = np.exp(tensors @ -np.stack(factors).astype(np.float32))
    signals *= (s0 * (1 - free_water))[:, None]
    water = np.exp(-table.bvals * (WATER_UM2_PER_MS / 1000)).astype(np.float32)
    signals += (s0 * free_water)[:, None] * water
    return np.asarray(signals, dtype=np.float32)


def axial_tensors(md: Array, fa: Array, direction: Array) -> Array:
    """Tensors (voxel, 6) that are round about a direction.

    Definition: D = MD [I + a (3 nn' - I)] with a = FA / sqrt(3 - 2 FA^2), whose fractional
    anisotropy is FA. Where the direction is 0, FA must be 0.

    Args:
        md, fa: (voxel,); FA 0 to 1.
        direction: (voxel, 3), unit vectors.
    """
    stretch = fa / np.sqrt(3 - 2 * fa**2)
    columns = [
        md * ((1 - stretch if i == j else 0) + 3 * stretch * direction[:, i] * direction[:, j])
        for i, j in PAIRS
    ]
    return np.stack(columns, axis=1).astype(np.float32)


def diffusion_truth(
    maps: TruthMaps,
    *,
    te_ms: float,
    tr_ms: float,
    field_t: float,
    tumour_md_um2_per_ms: float | None = None,
) -> DiffusionTruth:
    """Tensor, free water and brightness of each voxel.

    The voxel's tissue has one tensor: its MD is the mean of its tissues' by their signal, its
    anisotropy and direction those of the maps. Free water is fluid, the watery part of
    necrosis, and the water of oedema, which takes the place of tissue.

    Raises:
        UsageError: a diffusivity outside 0.4 to 2.5 um2/ms, or no such field.
    """
    asked = tumour_md_um2_per_ms
    if asked is not None and not 0.4 <= asked <= 2.5:
        rule = "the diffusivity of tumour lies between 0.4 and 2.5 um2/ms"
        raise UsageError(rule, source="tumour_md_um2_per_ms", found=asked)
    table = relaxation(field_t)

    def brightness(tissue: str) -> float:
        return _brightness(_relaxation(table, tissue), te_ms=te_ms, tr_ms=tr_ms)

    brain = maps.brain
    dry = np.zeros(int(brain.sum()), dtype=np.float32)
    wet, signal, flow = dry.copy(), dry.copy(), dry.copy()
    for tissue, share in inside(maps).items():
        row = substance_of(tissue)
        part = share * np.float32(1 - row.water)
        diffusivity: Array | float = row.md_um2_per_ms
        if tissue == Tissue.TUMOUR:
            by_cells = np.float32(FEW_CELLS) - np.float32(BY_CELLS) * maps.cell_density[brain]
            diffusivity = by_cells if asked is None else asked
        dry += part
        wet += share * np.float32(row.water)
        signal += part * np.float32(brightness(tissue))
        flow += part * np.float32(brightness(tissue)) * diffusivity
    water = np.clip(wet + np.minimum(maps.oedema[brain], dry), 0, 1)
    mean_signal = np.divide(signal, dry, out=np.zeros_like(dry), where=dry > 0)
    of_tissue = (1 - water) * mean_signal
    of_water = water * np.float32(brightness(Tissue.CSF))
    s0 = of_tissue + of_water
    md_mm2_per_s = np.zeros_like(dry)
    np.divide(flow, np.float32(1000) * signal, out=md_mm2_per_s, where=signal > 0)
    direction = _in_patient(maps.fibres[brain], maps)
    directed = (np.abs(direction).max(axis=1) > 0) & (md_mm2_per_s > 0)
    fa: Array = np.where(directed, np.clip(maps.anisotropy[brain], 0, 0.99), np.float32(0))
    tensors = axial_tensors(md_mm2_per_s, fa, direction)
    share_of_water = np.zeros_like(s0)
    np.divide(of_water, s0, out=share_of_water, where=s0 > 0)
    return DiffusionTruth(
        tensors=on_grid(tensors, maps),
        fa=on_grid(fa, maps),
        md=on_grid(md_mm2_per_s, maps),
        free_water=on_grid(share_of_water, maps),
        s0=on_grid(np.float32(SCALE) * s0, maps),
    )


def _relaxation(table: Mapping[Tissue, Relaxation], tissue: str) -> Relaxation:
    return next(row for name, row in table.items() if str(name) == tissue)


def _brightness(row: Relaxation, *, te_ms: float, tr_ms: float) -> float:
    t1, t2 = (np.array([t], dtype=np.float32) for t in (row.t1_ms, row.t2_ms))
    return float(spin_echo(t1, t2, row.density, tr_ms=tr_ms, te_ms=te_ms)[0])


def _in_patient(fibres: Array, maps: TruthMaps) -> Array:
    """Unit vectors along the array's axes as unit vectors in RAS+."""
    axes: NDArray[np.float64] = maps.grid.affine[:3, :3] / np.array(maps.grid.spacing_mm)
    return np.asarray(fibres @ axes.T.astype(np.float32), dtype=np.float32)
