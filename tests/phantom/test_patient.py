from __future__ import annotations

from dataclasses import fields

import numpy as np
import pytest
from scipy import ndimage

from gliokit.phantom import DigitalPatient, Tissue, TumourSettings, make_patient
from gliokit.phantom.atlas import LOBES
from gliokit.study import STRUCTURAL, Modality, UsageError


def test_same_seed_gives_the_same_voxels() -> None:
    one, other = (make_patient(seed=5, spacing_mm=4.0) for _ in range(2))
    for modality in STRUCTURAL:
        first, second = (p.study.volumes[modality].data for p in (one, other))
        np.testing.assert_array_equal(first, second)
    np.testing.assert_array_equal(one.truth.data, other.truth.data)


def test_another_seed_gives_another_patient(healthy: DigitalPatient) -> None:
    other = make_patient(seed=4, spacing_mm=3.0, tumour=None)
    assert (other.brain != healthy.brain).mean() > 0.005


def test_grid_is_that_of_brats(patient: DigitalPatient) -> None:
    grid = patient.truth.grid
    assert grid.orientation == "LPS"
    assert grid.shape == (80, 80, 52)
    np.testing.assert_allclose(grid.spacing_mm, 3.0)
    assert all(v.grid.same_as(grid) for v in patient.study.volumes.values())
    assert set(patient.study.volumes) == set(STRUCTURAL)


def test_images_are_0_outside_the_brain_and_nowhere_inside(patient: DigitalPatient) -> None:
    for modality in STRUCTURAL:
        np.testing.assert_array_equal(
            patient.study.volumes[modality].data != 0, patient.brain, err_msg=modality
        )


@pytest.mark.parametrize("which", ["patient", "healthy"])
def test_brain_has_the_volume_of_a_brain(which: str, request: pytest.FixtureRequest) -> None:
    assert 1200 < request.getfixturevalue(which).volumes_ml["brain"] < 1600


def test_shares_of_tissue_sum_to_1_in_the_brain(patient: DigitalPatient) -> None:
    total = sum(patient.tissue.values())
    np.testing.assert_allclose(np.asarray(total)[patient.brain], 1, atol=1e-3)
    assert np.asarray(total)[~patient.brain].max() == 0


def test_regions_have_the_asked_volumes(patient: DigitalPatient) -> None:
    volumes = patient.volumes_ml
    assert volumes["WT"] == pytest.approx(90, rel=0.1)
    assert volumes["TC"] == pytest.approx(45, rel=0.1)
    assert volumes["NCR"] == pytest.approx(0.35 * 45, rel=0.15)
    assert volumes["TC"] == pytest.approx(volumes["NCR"] + volumes["ET"])


def test_enhancing_rim_surrounds_the_necrosis(patient: DigitalPatient) -> None:
    labels = patient.truth.data
    shell = ndimage.binary_dilation(labels == 1) & (labels != 1)
    assert shell.sum() > 50
    assert (labels[shell] == 3).all()


def test_tumour_lies_in_the_brain_in_one_piece(patient: DigitalPatient) -> None:
    whole = patient.truth.region("WT")
    assert patient.brain[whole].all()
    assert ndimage.label(whole)[1] == 1


def test_tumour_lies_on_the_asked_side(patient: DigitalPatient) -> None:
    assert patient.tumour is not None
    assert patient.tumour.side == "right"
    right_of = np.argwhere(patient.truth.region("WT")).mean(0)
    middle = np.argwhere(patient.brain).mean(0)
    x_tumour, x_brain = patient.truth.grid.to_mm(np.stack([right_of, middle]))[:, 0]
    assert x_tumour > x_brain + 10


def test_core_is_dense_and_density_falls_outwards(patient: DigitalPatient) -> None:
    assert patient.tumour is not None
    density = patient.tumour.density
    core, oedema = patient.truth.region("TC"), patient.truth.data == 2
    far = patient.brain & ~ndimage.binary_dilation(core, iterations=10)
    assert density[core].mean() > 0.5 > density[oedema].mean() > density[far].mean()
    assert density.min() >= 0
    assert density.max() <= 1


def test_seed_point_is_in_the_tumour(patient: DigitalPatient) -> None:
    assert patient.tumour is not None
    grid = patient.truth.grid
    inverse = np.linalg.inv(grid.affine)
    index = inverse[:3, :3] @ patient.tumour.seed_point_mm + inverse[:3, 3]
    core = patient.truth.region("TC")
    apart_mm = 3 * ndimage.distance_transform_edt(~core)
    assert apart_mm[tuple(np.round(index).astype(int))] <= 6


def test_without_tumour_the_truth_is_empty(healthy: DigitalPatient) -> None:
    assert healthy.tumour is None
    assert not healthy.truth.data.any()
    assert healthy.volumes_ml["WT"] == 0
    assert Tissue.OEDEMA not in healthy.tissue


def test_parts_are_as_bright_as_radiologists_know_them(patient: DigitalPatient) -> None:
    def median(modality: Modality, where: np.ndarray) -> float:
        return float(np.median(patient.study.volumes[modality].data[where]))

    labels = patient.truth.data
    normal = patient.brain & (labels == 0)
    white, grey, csf = (
        normal & (patient.tissue[t] > 0.8)
        for t in (Tissue.WHITE_MATTER, Tissue.GREY_MATTER, Tissue.CSF)
    )
    rim, dead, wet = (labels == v for v in (3, 1, 2))
    assert median(Modality.T1, white) > median(Modality.T1, grey) > median(Modality.T1, csf)
    assert median(Modality.T2, csf) > median(Modality.T2, grey) > median(Modality.T2, white)
    assert median(Modality.FLAIR, csf) < 0.7 * median(Modality.FLAIR, white)
    assert median(Modality.FLAIR, wet) > 1.1 * median(Modality.FLAIR, grey)
    assert median(Modality.T2, wet) > median(Modality.T2, grey)
    assert median(Modality.T1C, rim) > 1.1 * median(Modality.T1C, white)
    assert median(Modality.T1C, rim) > 1.2 * median(Modality.T1C, dead)


def test_seed_point_and_its_side_are_kept(patient: DigitalPatient) -> None:
    assert patient.tumour is not None
    point = patient.tumour.seed_point_mm
    again = make_patient(
        seed=3, spacing_mm=4.0, tumour=TumourSettings(whole_ml=40, seed_point_mm=point)
    )
    assert again.tumour is not None
    assert again.tumour.seed_point_mm == point
    assert again.tumour.side == "right"
    with pytest.raises(UsageError, match="lies on the right"):
        make_patient(
            seed=3, spacing_mm=4.0, tumour=TumourSettings(side="left", seed_point_mm=point)
        )


@pytest.mark.parametrize("point", [(500.0, 0.0, 0.0), (-1.0, 238.0, 1.0)])
def test_seed_point_outside_the_brain_is_refused(point: tuple[float, float, float]) -> None:
    with pytest.raises(UsageError, match="grey or white matter") as caught:
        make_patient(seed=3, spacing_mm=4.0, tumour=TumourSettings(seed_point_mm=point))
    assert caught.value.source == "seed_point_mm"
    assert caught.value.way_out


@pytest.mark.parametrize("spacing_mm", [0.0, 0.5, 7.0, -1.0, float("nan")])
def test_voxel_size_that_cannot_be_is_refused(spacing_mm: float) -> None:
    with pytest.raises(UsageError, match="voxels of"):
        make_patient(seed=0, spacing_mm=spacing_mm)


def test_negative_seed_is_refused() -> None:
    with pytest.raises(UsageError, match="whole number"):
        make_patient(seed=-1)


def test_unknown_field_is_refused() -> None:
    with pytest.raises(UsageError, match="tesla"):
        make_patient(seed=0, field_t=7.0)


def test_at_the_lower_field_the_same_brain_gives_other_images(patient: DigitalPatient) -> None:
    assert patient.tumour is not None
    settings = TumourSettings(
        **{f.name: getattr(patient.tumour.plan, f.name) for f in fields(TumourSettings)
           if f.name != "seed_point_mm"}
    )  # fmt: skip
    low = make_patient(seed=3, spacing_mm=3.0, tumour=settings, field_t=1.5)
    assert low.acquisition.field_t == 1.5
    assert {s.field_t for s in low.acquisition.sequences.values()} == {1.5}
    np.testing.assert_array_equal(low.truth.data, patient.truth.data)
    white = patient.tissue[Tissue.WHITE_MATTER] > 0.95
    grey = patient.tissue[Tissue.GREY_MATTER] > 0.95
    for modality, brighter in ((Modality.T1, white), (Modality.T2, grey)):
        image = low.study.volumes[modality].data
        assert (image != patient.study.volumes[modality].data)[patient.brain].mean() > 0.5
        other = grey if brighter is white else white
        assert np.median(image[brighter]) > np.median(image[other])


def test_a_brain_without_the_asked_place_has_the_tumour_elsewhere_in_the_lobe(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(
        "gliokit.phantom.places._candidates",
        lambda anatomy, *_, **__: np.zeros_like(anatomy.brain),
    )
    asked = TumourSettings(lobe="temporal", side="left", whole_ml=60.0)
    made = make_patient(seed=3, spacing_mm=5.0, tumour=asked)
    assert made.tumour is not None
    assert not made.tumour.place_as_asked
    assert made.tumour.side == "left"
    lobes = made.maps.lobes[made.truth.region("TC")]
    assert np.bincount(lobes).argmax() == LOBES.index("temporal") + 1


def test_a_place_that_is_there_is_taken_as_asked(patient: DigitalPatient) -> None:
    assert patient.tumour is not None
    assert patient.tumour.place_as_asked
