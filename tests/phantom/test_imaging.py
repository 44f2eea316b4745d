from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import ndimage

from gliokit.phantom import DigitalPatient
from gliokit.phantom.acquisition import Sequence, draw_acquisition
from gliokit.phantom.imaging import ghosted, slices_of
from gliokit.preprocessing import normalise
from gliokit.study import Modality

THICK = Sequence("spin_echo", 5000.0, 100.0, 0.0, 90.0, 0.5, 4.0, 1.0, 0.02, 0.0)
AT = np.arange(100) + 0.5


def test_slices_lie_their_thickness_and_gap_apart() -> None:
    into, _, centres = slices_of(AT, THICK, 1.0)
    np.testing.assert_allclose(np.diff(centres), 5.0)
    assert into is not None
    np.testing.assert_allclose(into.sum(axis=0), 1, rtol=1e-5)


def test_slice_averages_over_its_thickness_alone() -> None:
    into, _, centres = slices_of(AT, THICK, 1.0)
    assert into is not None
    reached = [AT[into[:, s] > 1e-6] for s in range(1, 15)]
    for centre, places in zip(centres[1:15], reached, strict=True):
        assert np.abs(places - centre).max() <= 2.5
    # A gap of 1 mm between slices of 4: something no slice sees fully.
    assert into.sum(axis=1)[5:90].min() < 0.15


def test_between_slices_is_read_linearly() -> None:
    into, back, _ = slices_of(AT, THICK, 1.0)
    assert into is not None
    assert back is not None
    ramp = AT[None, None].astype(np.float32)
    read = (ramp @ into @ back)[0, 0]
    np.testing.assert_allclose(read[5:90], AT[5:90], atol=1e-3)


@pytest.mark.parametrize("slice_mm", [0.0, 1.0])
def test_slices_no_thicker_than_voxels_are_those_voxels(slice_mm: float) -> None:
    into, back, centres = slices_of(AT, replace(THICK, slice_mm=slice_mm), 1.0)
    assert into is None
    assert back is None
    np.testing.assert_array_equal(centres, AT)


def test_motion_puts_ghosts_along_the_phase_encoding_and_keeps_energy() -> None:
    image = np.zeros((6, 96, 2), dtype=np.float32)
    image[:, 40:56] = 1
    moved = ghosted(image, shift_voxels=1.5, rng=np.random.default_rng(0))
    assert np.sum(np.abs(moved) ** 2) == pytest.approx(float(np.sum(image**2)), rel=1e-4)
    assert np.abs(moved[:, :30]).max() > 0.05


def test_still_head_has_no_ghosts() -> None:
    image = np.ones((3, 8, 2), dtype=np.float32)
    assert ghosted(image, shift_voxels=0.0, rng=np.random.default_rng(0)) is image


def test_protocols_differ_and_restlessness_is_kept() -> None:
    first, second = (draw_acquisition(np.random.default_rng(s), field_t=3.0) for s in (0, 1))
    assert first != second
    restless = draw_acquisition(np.random.default_rng(0), field_t=3.0, motion=1.0)
    assert all(1.0 <= s.ghost_mm <= 2.0 for s in restless.sequences.values())
    assert all(s.ghost_mm == 0 for s in first.sequences.values())


def test_acquired_images_lie_where_the_study_does(patient: DigitalPatient) -> None:
    for modality, acquired in patient.acquired.items():
        study = patient.study.volumes[modality]
        centres = []
        for volume in (acquired, study):
            brain = volume.data > 150
            centres.append(volume.grid.to_mm(np.argwhere(brain).mean(0)))
        np.testing.assert_allclose(centres[0], centres[1], atol=3.0, err_msg=modality)


def test_noise_alone_is_around_the_acquired_brain(patient: DigitalPatient) -> None:
    for acquired in patient.acquired.values():
        corner = acquired.data[:3, :3]
        assert 0 < corner.mean() < 0.1 * np.percentile(acquired.data, 99)


def test_most_scanners_take_thick_slices() -> None:
    protocols = [draw_acquisition(np.random.default_rng(s), field_t=3.0) for s in range(200)]
    for modality in protocols[0].sequences:
        thick = np.mean([p.sequences[modality].slice_mm >= 3 for p in protocols])
        assert 0.5 < thick < 0.95, modality


def test_surface_is_as_bright_in_t2_as_that_of_stripped_patients(healthy: DigitalPatient) -> None:
    # Twelve real patients: -0.75 to 0.24 between the 10th and the 90th percentile, at 2 mm.
    # Without dura and flow it would be 1.1.
    depth_mm = 3 * ndimage.distance_transform_edt(healthy.brain)
    image = normalise(healthy.study.volumes[Modality.T2].data, healthy.brain)
    rim, inside = image[healthy.brain & (depth_mm <= 3)], image[depth_mm > 8]
    assert -0.75 < rim.mean() - inside.mean() < 0.4
