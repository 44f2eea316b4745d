"""RANO's diameters of rings, cysts, cavities and several lesions."""

from __future__ import annotations

import numpy as np
import pytest

from gliokit.measurement.bidimensional import least_measurable_mm
from gliokit.measurement.fluid import like_fluid
from gliokit.measurement.hollow import cysts, solid_parts
from gliokit.measurement.regions import regions_of
from gliokit.measurement.schema import RegionFigures
from gliokit.preprocessing import Alignment, PreparedStudy
from gliokit.study import BRATS, BRATS_POSTOPERATIVE, Grid, LabelMap, Labels, Modality

SHAPE = (70, 66, 60)
NCR, ED, ET, RC = 1, 2, 3, 4


def grid(*spacing: float) -> Grid:
    return Grid(SHAPE, np.diag([*(spacing or (1.0, 1.0, 1.0)), 1.0]))


def ball(radius: float, centre: tuple[float, float, float] = (30, 32, 30)) -> np.ndarray:
    return radius >= np.linalg.norm(np.indices(SHAPE).T - centre, axis=-1).T


def enhancing(
    data: np.ndarray,
    cyst: np.ndarray | None = None,
    labels: Labels = BRATS,
    on: Grid | None = None,
) -> RegionFigures:
    return regions_of(LabelMap(on or grid(), data.astype(np.uint8), labels), cyst)["ET"]


def ring(inside: int, *, rim: int = 3, radius: float = 18) -> np.ndarray:
    data = np.where(ball(radius), ET, 0)
    data[ball(radius - rim)] = inside
    return data


def test_a_necrotic_ring_is_measured_from_outer_edge_to_outer_edge() -> None:
    solid = enhancing(np.where(ball(18), ET, 0)).bidimensional
    found = enhancing(ring(NCR)).bidimensional
    assert solid is not None
    assert found == solid


def test_a_ring_with_a_nodule_within_its_core_is_one_target() -> None:
    data = ring(NCR)
    data[ball(4)] = ET
    figures = enhancing(data)
    assert len(figures.lesions) == 2
    assert figures.targets == 1
    assert figures.bidimensional == enhancing(ring(NCR)).bidimensional
    assert figures.lesions[1].bidimensional is None


def test_of_a_cyst_the_nodule_in_its_wall_is_measured_and_its_thin_wall_is_not() -> None:
    data = ring(NCR, rim=2)
    nodule = ball(8, (30, 45, 30))
    data[nodule] = ET
    cyst = data == NCR
    found = enhancing(data, cyst).bidimensional
    alone = enhancing(np.where(nodule, ET, 0)).bidimensional
    across = enhancing(data).bidimensional
    assert found is not None
    assert alone is not None
    assert across is not None
    assert across.longest_mm > 35
    assert found.longest_mm == pytest.approx(alone.longest_mm, rel=0.25)
    assert found.product_mm2 == pytest.approx(alone.product_mm2, rel=0.35)


def test_a_cyst_with_a_thin_wall_alone_is_not_measured() -> None:
    data = ring(NCR, rim=2)
    figures = enhancing(data, data == NCR)
    assert figures.bidimensional is None
    assert (figures.targets, figures.sum_of_products_mm2) == (0, 0.0)
    assert figures.volume_ml > 0


def test_a_second_lesion_beside_a_cyst_keeps_its_diameters() -> None:
    data = ring(NCR, rim=2, radius=14)
    other = ball(8, (58, 32, 30))
    data[other] = ET
    figures = enhancing(data, data == NCR)
    assert figures.targets == 1
    assert figures.bidimensional == enhancing(np.where(other, ET, 0)).bidimensional


def test_a_resection_cavity_is_not_measured_across() -> None:
    rim = enhancing(ring(RC, rim=2), labels=BRATS_POSTOPERATIVE)
    assert rim.bidimensional is None
    data = ring(RC, rim=2)
    data[ball(8, (30, 45, 30))] = ET
    nodule = enhancing(data, labels=BRATS_POSTOPERATIVE).bidimensional
    assert nodule is not None
    assert 14 < nodule.longest_mm < 24


def test_without_anything_hollow_nothing_is_taken_away() -> None:
    thin = ring(NCR, rim=2) == ET
    assert np.array_equal(solid_parts(thin, np.zeros(SHAPE, bool), grid()), thin)


def test_of_several_lesions_the_largest_two_products_are_added() -> None:
    data = np.zeros(SHAPE, int)
    single = []
    for radius, centre in ((9, (12, 12, 12)), (7, (50, 20, 20)), (6, (20, 50, 45))):
        data[ball(radius, centre)] = ET
        found = enhancing(np.where(ball(radius, centre), ET, 0)).bidimensional
        assert found is not None
        single.append(found.product_mm2)
    figures = enhancing(data)
    assert figures.targets == 2
    assert figures.sum_of_products_mm2 == pytest.approx(single[0] + single[1])
    assert figures.bidimensional is not None
    assert figures.bidimensional.product_mm2 == pytest.approx(single[0])


def test_a_lesion_of_one_slice_is_not_measurable_and_no_target() -> None:
    data = np.zeros(SHAPE, int)
    data[10:30, 10:30, 20] = ET
    figures = enhancing(data)
    assert figures.bidimensional is not None
    assert not figures.bidimensional.measurable
    assert figures.targets == 0
    data[10:30, 10:30, 21] = ET
    assert enhancing(data).targets == 1


def test_in_thick_slices_twice_their_distance_is_asked_for() -> None:
    assert least_measurable_mm(grid(1, 1, 5)) == 10
    assert least_measurable_mm(grid(1, 1, 6.5)) == pytest.approx(13)
    data = np.zeros(SHAPE, int)
    data[10:18, 10:18, 20:22] = ET
    assert enhancing(data, on=grid(1, 1, 5)).targets == 1
    assert enhancing(data, on=grid(1, 1, 6.5)).targets == 0


def wet_study(core: float) -> tuple[PreparedStudy, LabelMap]:
    """A brain with ventricles of fluid, and a tumour core of which a share looks like them."""
    brain = ball(28, (34, 32, 30))
    random = np.random.default_rng(0)
    dry = random.normal(0, 0.4, SHAPE)
    data = np.zeros(SHAPE, np.uint8)
    data[ball(9, (24, 32, 30))] = ET
    data[ball(7, (24, 32, 30))] = NCR
    wet = ball(5, (44, 32, 30)) | ((data == NCR) & (random.random(SHAPE) < core))
    images = {
        modality: np.where(brain, np.where(wet, sign * 4.0, dry), 0).astype(np.float32)
        for modality, sign in ((Modality.T2, 1), (Modality.FLAIR, -1))
    }
    on = grid()
    alignment = Alignment(on, (0, 1, 2), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    return PreparedStudy("p", on, images, brain, alignment), LabelMap(on, data)


def test_a_core_that_looks_like_fluid_is_a_cyst_and_half_a_one_is_not() -> None:
    prepared, label_map = wet_study(0.95)
    assert np.array_equal(cysts(prepared, label_map), label_map.data == NCR)
    prepared, label_map = wet_study(0.5)
    assert not cysts(prepared, label_map).any()


def test_fluid_within_the_tumour_is_seen_but_does_not_set_the_scale() -> None:
    prepared, label_map = wet_study(1.0)
    assert like_fluid(prepared, label_map.region("WT"))[label_map.data == NCR].all()


def test_without_flair_nothing_is_called_a_cyst() -> None:
    prepared, label_map = wet_study(1.0)
    images = {Modality.T2: prepared.images[Modality.T2]}
    only = PreparedStudy("p", prepared.grid, images, prepared.brain, prepared.alignment)
    assert not cysts(only, label_map).any()
