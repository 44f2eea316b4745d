from __future__ import annotations

import numpy as np
import pytest

from gliokit.phantom.anatomy import build_anatomy, frame_around, make_grid
from gliokit.phantom.template import load_template
from gliokit.phantom.warp import LATTICE_MM, draw_warp, pushed


def test_grid_of_1_mm_is_that_of_brats() -> None:
    grid = make_grid(1.0)
    assert grid.shape == (240, 240, 155)
    np.testing.assert_array_equal(grid.affine[:3, 3], (0, 239, 0))


@pytest.mark.parametrize("spacing_mm", [2.0, 3.0])
def test_grids_start_at_the_same_corner(spacing_mm: float) -> None:
    corner = np.array([-0.5, -0.5, -0.5])
    fine, coarse = (make_grid(s).to_mm(corner) for s in (1.0, spacing_mm))
    np.testing.assert_allclose(fine, coarse)


@pytest.mark.parametrize("seed", range(4))
def test_shape_does_not_fold(seed: int) -> None:
    warp = draw_warp(np.random.default_rng(seed), load_template())
    slopes = np.stack([np.stack(np.gradient(d, LATTICE_MM)) for d in warp.displacement])
    jacobian = np.linalg.det(slopes.transpose(2, 3, 4, 0, 1) + np.eye(3))
    assert jacobian.min() > 0.05


def test_brain_is_the_same_at_every_voxel_size() -> None:
    template = load_template()
    warp = draw_warp(np.random.default_rng(7), template)
    volumes = []
    for spacing in (2.0, 4.0):
        frame = frame_around(warp, template, make_grid(spacing))
        anatomy = build_anatomy(warp, template, at=frame.at, rng=np.random.default_rng(1))
        voxel_ml = frame.grid.voxel_ml
        volumes.append([float(s.sum()) * voxel_ml for s in (anatomy.white, anatomy.grey)])
    np.testing.assert_allclose(volumes[0], volumes[1], rtol=0.03)


def test_push_moves_tissue_outwards_and_leaves_far_places() -> None:
    template = load_template()
    warp = draw_warp(np.random.default_rng(7), template)
    centre = warp.middle + np.array([30.0, 0.0, 15.0])
    aside = pushed(warp, template, centre_mm=centre, reach_mm=25.0, push=0.5)
    near = tuple(np.array([c]) for c in centre + np.array([12.0, 0.0, 0.0]))
    far = tuple(np.array([c]) for c in centre - np.array([110.0, 0.0, 0.0]))
    moved = aside.indices(near).ravel() - warp.indices(near).ravel()  # type: ignore[arg-type]
    # What lies there now came from nearer the centre.
    assert moved[0] < -2
    np.testing.assert_allclose(aside.indices(far), warp.indices(far), atol=1e-2)  # type: ignore[arg-type]
