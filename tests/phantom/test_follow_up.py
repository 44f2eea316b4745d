from __future__ import annotations

import numpy as np
import pytest

from gliokit.phantom import VISITS, DigitalPatient, FollowUp, Tissue, Visit, follow_up
from gliokit.study import Modality, UsageError

EXTENT = 0.8


@pytest.fixture(scope="module")
def visits(patient: DigitalPatient) -> dict[str, FollowUp]:
    return {v: follow_up(patient, visit=v, extent_of_resection=EXTENT) for v in VISITS}


def _ml(visit: FollowUp, mask: np.ndarray) -> float:
    return float(mask.sum()) * visit.patient.truth.grid.voxel_ml


def test_surgery_takes_the_asked_share_of_the_core(
    patient: DigitalPatient, visits: dict[str, FollowUp]
) -> None:
    visit = visits["postoperative"]
    core_ml = patient.volumes_ml["TC"]
    assert visit.extent == EXTENT
    assert _ml(visit, visit.cavity) == pytest.approx(EXTENT * core_ml, rel=0.05)
    assert visit.residual_ml == pytest.approx((1 - EXTENT) * core_ml, rel=0.1)
    assert visit.patient.volumes_ml["TC"] == pytest.approx(visit.residual_ml, rel=0.1)


@pytest.mark.parametrize("visit", VISITS)
def test_every_visit_is_a_whole_patient(visit: Visit, visits: dict[str, FollowUp]) -> None:
    seen = visits[visit].patient
    total = np.asarray(sum(seen.tissue.values()))
    np.testing.assert_allclose(total[seen.brain], 1, atol=2e-3)
    assert min(float(s.min()) for s in seen.tissue.values()) >= -1e-4
    np.testing.assert_array_equal(seen.truth.region("RC"), visits[visit].cavity)
    assert seen.maps.cell_density[visits[visit].cavity].max() < 0.05
    assert seen.study.subject.endswith(visit)


@pytest.mark.parametrize("visit", VISITS)
def test_what_is_wet_is_labelled(visit: Visit, visits: dict[str, FollowUp]) -> None:
    seen = visits[visit].patient
    wet = seen.tissue[Tissue.OEDEMA] > 0.5
    assert _ml(visits[visit], wet) > 5
    unlabelled = wet & (seen.truth.data == 0)
    # A border that is soft over 1.2 mm may pass a voxel of 3 mm on a corner.
    assert _ml(visits[visit], unlabelled) < 0.02 * _ml(visits[visit], wet)


def test_fresh_cavity_holds_blood_that_is_bright_in_t1(visits: dict[str, FollowUp]) -> None:
    fresh, later = (visits[v].patient for v in ("postoperative", "after_radiotherapy"))
    blood = fresh.tissue[Tissue.HAEMORRHAGE] > 0.5
    assert blood.sum() > 10
    image = fresh.study.volumes[Modality.T1].data
    fluid = fresh.tissue[Tissue.CAVITY] > 0.8
    assert np.median(image[blood]) > 1.2 * np.median(image[fluid])
    assert Tissue.HAEMORRHAGE not in later.tissue


def test_cavity_shrinks_within_itself(visits: dict[str, FollowUp]) -> None:
    fresh, later = visits["postoperative"].cavity, visits["stable"].cavity
    assert not (later & ~fresh).any()
    assert later.sum() < 0.75 * fresh.sum()


def test_radiation_kills_cells_in_its_field(
    patient: DigitalPatient, visits: dict[str, FollowUp]
) -> None:
    before = patient.maps.cell_density
    after = visits["after_radiotherapy"].patient.maps.cell_density
    field = patient.truth.region("WT") & ~visits["postoperative"].cavity
    assert after[field].sum() < 0.35 * before[field].sum()


def test_progression_is_where_the_cells_say(visits: dict[str, FollowUp]) -> None:
    visit = visits["progression"]
    new, density = visit.new_tumour, visit.patient.maps.cell_density
    assert visit.cause == "tumour"
    assert _ml(visit, new) > 5
    assert np.median(density[new]) > 0.5
    assert (visit.patient.truth.region("ET")[new]).mean() > 0.9
    assert visit.patient.volumes_ml["ET"] > visits["stable"].patient.volumes_ml["ET"] + 4


@pytest.mark.parametrize("visit", ["pseudoprogression", "radiation_necrosis"])
def test_reaction_enhances_without_cells(visit: Visit, visits: dict[str, FollowUp]) -> None:
    seen, stable = visits[visit], visits["stable"].patient
    assert seen.cause == "treatment"
    assert not seen.new_tumour.any()
    more = seen.patient.truth.region("ET") & ~stable.truth.region("ET")
    assert _ml(seen, more) > 3
    assert seen.patient.maps.cell_density[more].mean() < 0.35
    assert seen.patient.maps.leakage[more].mean() > 3 * stable.maps.leakage[more].mean()


def test_necrosis_is_dead_inside(visits: dict[str, FollowUp]) -> None:
    assert visits["radiation_necrosis"].patient.volumes_ml["NCR"] > 1
    assert visits["radiation_necrosis"].days > visits["pseudoprogression"].days


def test_response_leaves_less_than_stable_disease(visits: dict[str, FollowUp]) -> None:
    less, same = (visits[v].patient.volumes_ml for v in ("response", "stable"))
    assert less["TC"] < 0.6 * same["TC"]
    assert less["ED"] < same["ED"]


def test_same_visit_has_the_same_voxels(
    patient: DigitalPatient, visits: dict[str, FollowUp]
) -> None:
    again = follow_up(patient, visit="progression", extent_of_resection=EXTENT).patient
    first = visits["progression"].patient
    np.testing.assert_array_equal(
        first.study.volumes[Modality.T1C].data, again.study.volumes[Modality.T1C].data
    )


def test_progression_comes_on_the_day_asked_by_cells_of_another_speed(
    patient: DigitalPatient, visits: dict[str, FollowUp]
) -> None:
    first = visits["progression"]
    later = follow_up(patient, visit="progression", extent_of_resection=EXTENT, day=600.0)
    assert (first.growth_speed, later.days) == (1.0, 600.0)
    # Radiotherapy ends on day 105.
    assert later.growth_speed == pytest.approx((first.days - 105) / (600 - 105))
    np.testing.assert_array_equal(later.new_tumour, first.new_tumour)


def test_nothing_is_left_of_the_core_after_gross_total_resection(patient: DigitalPatient) -> None:
    visit = follow_up(patient, visit="postoperative", extent_of_resection=1.0)
    assert visit.residual_ml == 0
    assert visit.patient.volumes_ml["TC"] == 0


def test_follow_up_that_cannot_be_is_refused(
    patient: DigitalPatient, healthy: DigitalPatient, visits: dict[str, FollowUp]
) -> None:
    with pytest.raises(UsageError, match="a visit is one of"):
        follow_up(patient, visit="cure")  # type: ignore[arg-type]
    with pytest.raises(UsageError, match="between 0 and 1"):
        follow_up(patient, visit="stable", extent_of_resection=1.5)
    with pytest.raises(UsageError, match=r"day of progression is later than 105; found 90"):
        follow_up(patient, visit="progression", day=90.0)
    with pytest.raises(UsageError, match=r"day of postoperative is from 0 to 105; found 200"):
        follow_up(patient, visit="postoperative", day=200.0)
    with pytest.raises(UsageError, match="patient with a tumour"):
        follow_up(healthy, visit="stable")
    with pytest.raises(UsageError, match="before surgery"):
        follow_up(visits["postoperative"].patient, visit="stable")
