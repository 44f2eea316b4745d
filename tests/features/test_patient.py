"""What a patient's table holds: known regions, explained gaps, common intensities."""

from __future__ import annotations

import math
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest
from pydantic import ValidationError

from gliokit.features import FeatureSettings, case_features, open_case
from gliokit.features.case import fingerprint, head_scores
from gliokit.features.patient import CaseFeatures
from gliokit.measurement.radiomics import RadiomicsSettings, Resegmentation, extract
from gliokit.measurement.schema import Measurements, Mismatch, Proportions, Signs
from gliokit.study import Patient, StudyError, UsageError, read_cohort
from tests.conftest import TINY_SHAPE
from tests.features.conftest import QUICK
from tests.tiny_model import write_tiny_model


def _patient(folder: Path, *, generation: str = "") -> Patient:
    table = folder.parent / "one.tsv"
    table.write_text(f"subject_id\tstudy\tgeneration\np\t{folder.name}\t{generation}\n")
    return read_cohort(table).patients[0]


def _features(patient: Patient, settings: FeatureSettings) -> CaseFeatures:
    return case_features(open_case(patient, settings), settings)


def test_features_are_those_of_the_prepared_images(
    write_patient: Callable[..., Path], settings: FeatureSettings
) -> None:
    patient = _patient(write_patient("00001"))
    case = open_case(patient, settings)
    found = _features(patient, settings)
    assert set(found.values) == {"WT", "TC", "ET"}
    assert set(found.values["WT"]) == {"mask", "t1", "t1c", "t2", "flair"}
    assert found.values["WT"]["mask"]["morph_vol_approx"] == 150
    assert found.values["ET"]["mask"]["morph_vol_approx"] == 35
    flair = next(image for m, image in case.images.items() if m.value == "flair")
    alone = extract(flair, case.label_map.region("TC"), (1, 1, 1), QUICK)
    shown = found.values["TC"]["flair"]
    assert shown == {n: alone[n] for n in shown}
    assert not [n for n in shown if n.startswith("morph_vol")]
    assert [n for n in found.values["WT"]["mask"] if n.startswith("margin_")]


def _lone(count: int) -> np.ndarray:
    labels = np.zeros(TINY_SHAPE, np.uint8)
    labels[5 : 5 + count, 6, 6] = 2
    return labels


@pytest.mark.parametrize("labels", [_lone(0), _lone(1), _lone(3)], ids=["empty", "voxel", "row"])
def test_every_gap_is_explained(labels: np.ndarray, write_patient: Callable[..., Path]) -> None:
    settings = FeatureSettings()
    patient = _patient(write_patient("00001", labels), generation="2023")
    found = _features(patient, settings)
    gaps = 0
    for region, by_image in found.values.items():
        for image, features in by_image.items():
            for name, value in features.items():
                if math.isnan(value):
                    gaps += 1
                    assert found.reasons[region][image][name], (region, image, name)
                else:
                    assert math.isfinite(value), (region, image, name)
                    assert name not in found.reasons.get(region, {}).get(image, {})
    assert gaps
    assert set(found.reasons["ET"]["mask"].values()) == {"the region is empty"}
    assert all(math.isnan(v) for v in found.values["ET"]["t1"].values())


def test_flat_and_border_regions_have_values_or_reasons(
    write_patient: Callable[..., Path],
) -> None:
    labels = np.zeros(TINY_SHAPE, np.uint8)
    labels[0, :, :] = 2
    patient = _patient(write_patient("00001", labels), generation="2023")
    found = _features(patient, FeatureSettings(regions=("WT",)))
    for image, features in found.values["WT"].items():
        for name, value in features.items():
            reason = found.reasons.get("WT", {}).get(image, {}).get(name, "")
            assert math.isfinite(value) != bool(reason), (image, name, value)


def test_a_region_that_the_labels_do_not_know_is_absent(
    write_patient: Callable[..., Path], settings: FeatureSettings
) -> None:
    labels = (np.indices(TINY_SHAPE)[0] == 5).astype(np.uint8)
    folder = write_patient("00001", labels)
    found = _features(_patient(folder, generation="whole-tumour"), settings)
    assert found.absent == ("TC", "ET")
    assert set(found.values) == {"WT"}


def test_single_labels_and_sequences_can_be_asked_for(write_patient: Callable[..., Path]) -> None:
    settings = FeatureSettings(regions=("ed",), sequences=("T1C",), radiomics=QUICK)
    found = _features(_patient(write_patient("00001")), settings)
    assert set(found.values["ED"]) == {"mask", "t1c"}


def test_a_patient_without_labels_is_refused(
    write_patient: Callable[..., Path], settings: FeatureSettings
) -> None:
    folder = write_patient("00001")
    next(folder.glob("*-seg.nii.gz")).unlink()
    with pytest.raises(StudyError, match="automatic maps"):
        open_case(_patient(folder), settings)


def test_automatic_maps_and_deep_features_come_of_the_model(
    write_patient: Callable[..., Path], tmp_path: Path
) -> None:
    model = str(write_tiny_model(tmp_path / "tiny"))
    folder = write_patient("00001")
    next(folder.glob("*-seg.nii.gz")).unlink()
    settings = FeatureSettings(groups=("deep",), maps="automatic", model=model, regions=("WT",))
    found = _features(_patient(folder), settings)
    assert set(found.values["WT"]) == {"tiny"}
    assert found.values["WT"]["tiny"].keys() >= {"deep_mean_000", "deep_max_002"}


def test_heads_have_scores_everywhere_and_no_networks(write_patient: Callable[..., Path]) -> None:
    head = FeatureSettings(head=True, radiomics=QUICK)
    case = open_case(_patient(write_patient("00001")), head)
    assert case.prepared is None
    assert case.grid.shape == TINY_SHAPE
    assert _features(_patient(write_patient("00001")), head).values["WT"]["t1"]
    with pytest.raises(UsageError, match="without their skull"):
        FeatureSettings(head=True, groups=("deep",)).check()
    with pytest.raises(UsageError, match="without their skull"):
        FeatureSettings(head=True, maps="automatic").check()


def test_signs_stand_with_the_whole_tumour_and_their_gaps_are_explained(
    write_patient: Callable[..., Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    figures = Measurements(
        subject="p",
        segmentation="given",
        regions={},
        proportions=Proportions(
            enhancing_percent=20, non_enhancing_core_percent=30, flair_outside_core_percent=50
        ),
        location=None,
        signs=Signs(
            cyst_ml=1.5,
            flair_edge_sharpness=None,
            t1c_edge_sharpness=0.5,
            enhancement=None,
            mismatch=Mismatch(index_octaves=0.7, sign=True),
        ),
    )
    monkeypatch.setattr("gliokit.measurement.measure", lambda *_, **__: figures)
    settings = FeatureSettings(groups=("signs",), regions=("WT", "TC"))
    found = _features(_patient(write_patient("00001")), settings)
    signs = found.values["WT"]["study"]
    assert not found.values["TC"]
    assert (signs["signs_cyst_ml"], signs["mismatch_sign"]) == (1.5, 1.0)
    assert signs["proportions_enhancing_percent"] == 20
    for missing in ("signs_flair_edge_sharpness", "location_left_percent", "mismatch_rim_ratio"):
        assert math.isnan(signs[missing])
        assert "docs/measurements.md" in found.reasons["WT"]["study"][missing]
    with pytest.raises(UsageError, match="without their skull"):
        FeatureSettings(head=True, groups=("signs",)).check()
    with pytest.raises(UsageError, match="with the whole tumour"):
        FeatureSettings(groups=("signs",), regions=("TC",)).check()


def test_form_stays_where_resegmentation_leaves_a_sequence_nothing(
    write_patient: Callable[..., Path],
) -> None:
    patient = _patient(write_patient("00001"))
    settings = FeatureSettings(regions=("WT",), groups=("radiomics",), radiomics=QUICK)
    t1 = next(iter(open_case(patient, settings).images.values()))
    beyond = Resegmentation(range=(float(t1.max()) + 0.01, 9.0))
    radiomics = QUICK.model_copy(update={"resegmentation": beyond})
    found = _features(patient, settings.model_copy(update={"radiomics": radiomics}))
    assert math.isnan(found.values["WT"]["t1"]["stat_mean"])
    kept = any(math.isfinite(f["stat_mean"]) for i, f in found.values["WT"].items() if i != "mask")
    assert math.isfinite(found.values["WT"]["mask"]["morph_volume"]) == kept


def test_scores_of_a_head_do_not_change_with_its_scale() -> None:
    image = np.random.default_rng(0).gamma(2, 20, (9, 9, 9)).astype(np.float32)
    assert np.allclose(head_scores(image), head_scores(image * 7), atol=1e-3)


def test_a_fingerprint_is_of_content(write_patient: Callable[..., Path]) -> None:
    folder = write_patient("00001")
    before = fingerprint(_patient(folder))
    write_patient("00001")
    assert fingerprint(_patient(folder)) == before
    write_patient("00001", seed=4)
    other = fingerprint(_patient(folder))
    labels = np.zeros(TINY_SHAPE, np.uint8)
    labels[5, 5, 5] = 3
    write_patient("00001", labels, seed=4)
    assert len({before, other, fingerprint(_patient(folder))}) == 3


def test_settings_have_one_digest_and_refuse_what_is_unknown(tmp_path: Path) -> None:
    assert FeatureSettings().digest() == FeatureSettings(regions=("wt", "tc", "et")).digest()
    assert FeatureSettings().digest() != FeatureSettings(regions=("wt",)).digest()
    quick = FeatureSettings(radiomics=QUICK)
    assert quick.digest() != FeatureSettings(radiomics=RadiomicsSettings()).digest()
    one, other = (
        FeatureSettings(groups=("deep",), model=str(write_tiny_model(tmp_path / "m", fine=f)))
        .digest() for f in (False, True)
    )  # fmt: skip
    assert one != other
    for wrong in ({"regions": ("oedema",)}, {"sequences": ("dwi",)}, {"groups": ()}):
        with pytest.raises(UsageError):
            FeatureSettings(**wrong)
    with pytest.raises(ValidationError):
        FeatureSettings(colour="red")
