"""Edges, rings and uptake of made-up images; reference tissue on the atlas' own brain."""

from __future__ import annotations

import numpy as np
import pytest

from gliokit.measurement.reference_tissue import ReferenceTissue, reference_tissue
from gliokit.measurement.signs import edge_sharpness, rim_thickness_mm, ring_percent, uptake
from gliokit.preprocessing.atlas import AtlasMatch
from gliokit.study import Grid, Modality
from tests.atlas_patient import atlas_patient, ball, known_affine

SHAPE = (50, 48, 46)
GRID = Grid(SHAPE, np.eye(4))
DISTANCE = np.linalg.norm(np.indices(SHAPE).T - (25, 24, 23), axis=-1).T
EVERYWHERE = np.ones(SHAPE, bool)


def slope(width_mm: float, radius: float = 12.0) -> np.ndarray:
    """1 inside, 0 outside, a ramp of this width across the surface."""
    ramp = np.clip(0.5 - (DISTANCE - radius - 0.5) / max(width_mm, 1e-6), 0, 1)
    return ramp.astype(np.float32)


def test_sharpness_is_1_at_a_step_and_a_quarter_along_a_ramp() -> None:
    mask = DISTANCE <= 12
    sharp = edge_sharpness(slope(0), mask, EVERYWHERE, GRID)
    ramp = edge_sharpness(slope(8), mask, EVERYWHERE, GRID)
    blurred = edge_sharpness(slope(4), mask, EVERYWHERE, GRID)
    assert sharp == pytest.approx(1)
    assert ramp == pytest.approx(0.25, abs=0.05)
    assert blurred == pytest.approx(0.5, abs=0.1)


def test_sharpness_has_no_scale_and_needs_a_step() -> None:
    mask = DISTANCE <= 12
    straight = edge_sharpness(slope(4), mask, EVERYWHERE, GRID)
    other = edge_sharpness(7 - 3 * slope(4), mask, EVERYWHERE, GRID)
    assert other == pytest.approx(straight, rel=1e-4)
    flat = np.random.default_rng(0).normal(size=SHAPE).astype(np.float32)
    assert edge_sharpness(flat, mask, EVERYWHERE, GRID) is None
    assert edge_sharpness(slope(4), mask & False, EVERYWHERE, GRID) is None
    assert edge_sharpness(slope(4), mask, mask, GRID) is None


def test_a_closed_ring_borders_on_the_whole_outline_and_half_a_ring_on_half() -> None:
    core = DISTANCE <= 9
    ring = (DISTANCE <= 12) & ~core
    assert ring_percent(ring, core, GRID) == 100
    half = ring & (np.indices(SHAPE)[0] > 25)
    assert ring_percent(half, core, GRID) == pytest.approx(50, abs=4)
    assert ring_percent(ring & False, core, GRID) is None
    assert ring_percent(ring, (DISTANCE <= 2), GRID) is None


def test_a_ring_is_weighted_by_the_area_of_faces() -> None:
    flat = Grid(SHAPE, np.diag([1.0, 1.0, 4.0, 1.0]))
    core = np.zeros(SHAPE, bool)
    core[10:30, 10:30, 10:15] = True
    lid = np.zeros(SHAPE, bool)
    lid[10:30, 10:30, 15:17] = True
    # A block of 20 x 20 x 20 mm: one of six equal sides.
    assert ring_percent(lid, core, flat) == pytest.approx(100 / 6)


@pytest.mark.parametrize("thickness", [3, 6])
def test_thickness_of_a_wall(thickness: int) -> None:
    wall = (DISTANCE <= 20) & (20 - thickness < DISTANCE)
    # The mesh follows the steps of voxels: a tenth too much surface.
    assert rim_thickness_mm(wall, GRID) == pytest.approx(0.9 * thickness, rel=0.1)


def white_block() -> ReferenceTissue:
    block = np.argwhere(np.ones((9, 9, 9))) + 1
    return ReferenceTissue(block, block[:0], block[:0])


def test_uptake_is_in_per_cent_of_white_matter_whatever_the_scales() -> None:
    random = np.random.default_rng(0)
    t1 = random.normal(100, 1, SHAPE)
    t1c = 5 * random.normal(100, 1, SHAPE)
    t1c[DISTANCE <= 8] += 5 * 60
    taken = uptake(t1.astype(np.float32), t1c.astype(np.float32), white_block())
    assert taken is not None
    difference, threshold = taken
    assert np.median(difference[DISTANCE <= 8]) == pytest.approx(60, abs=1)
    assert threshold == pytest.approx(15, abs=0.5)
    assert (difference[DISTANCE <= 8] > threshold).all()
    assert not (difference[DISTANCE > 9] > threshold).any()


def test_noise_raises_the_threshold_and_too_little_white_matter_is_none() -> None:
    random = np.random.default_rng(0)
    t1, t1c = (random.normal(100, 10, SHAPE).astype(np.float32) for _ in range(2))
    taken = uptake(t1, t1c, white_block())
    assert taken is not None
    assert taken[1] == pytest.approx(3 * 10 * 2**0.5, rel=0.1)
    few = white_block()
    assert uptake(t1, t1c, ReferenceTissue(few.white[:100], few.grey, few.fluid)) is None


def test_reference_tissue_lies_on_the_other_side_away_from_the_tumour() -> None:
    affine = known_affine()
    prepared = atlas_patient(affine)
    match = AtlasMatch(affine, 0.99, Modality.T1)
    tumour = ball(prepared, (35.0, 20.0, 20.0), affine, 15.0)
    tissue = reference_tissue(prepared, match, tumour)
    assert min(len(tissue.white), len(tissue.grey)) > 2000
    for part in (tissue.white, tissue.grey):
        mni = match.to_mni(prepared.grid.to_mm(part.astype(float)))
        assert mni[:, 0].max() < 0
    t1 = prepared.images[Modality.T1]
    assert tissue.median(t1, tissue.white) > tissue.median(t1, tissue.grey) + 0.5
    both = reference_tissue(prepared, match, ball(prepared, (0.0, 10.0, 20.0), affine, 12.0))
    apart = np.linalg.norm(
        match.to_mni(prepared.grid.to_mm(both.white.astype(float))) - (0, 10, 20), axis=1
    )
    assert apart.min() > 12 + 8
    sides = np.sign(match.to_mni(prepared.grid.to_mm(both.white.astype(float)))[:, 0])
    assert {-1.0, 1.0} <= set(sides)
    assert len(both.fluid) == 0, "without T2 no fluid is known"
