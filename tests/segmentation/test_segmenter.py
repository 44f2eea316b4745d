"""The segmenter's street: sequences in, nested regions out, in any orientation."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gliokit.inference import Model, load_model
from gliokit.preprocessing import map_to_native, prepare, to_native
from gliokit.segmentation import labels_of, segment
from gliokit.study import BRATS, Grid, Modality, Study, UsageError, Volume
from tests.preprocessing.test_prepare import SHAPE, head, oblique, orientations, turned
from tests.tiny_model import write_tiny_model


@pytest.fixture(scope="module")
def tiny(tmp_path_factory: pytest.TempPathFactory) -> Model:
    return load_model(write_tiny_model(tmp_path_factory.mktemp("model")))


def lesion_study(orientation: np.ndarray) -> tuple[Study, np.ndarray, Grid]:
    """A brain with a bright box on FLAIR and a brighter core on T1C, and the box."""
    base = head()
    flair, t1c = base.copy(), base.copy()
    flair[60:90, 40:80, 50:70] = 400
    t1c[70:80, 50:70, 55:65] = 600
    lesion, grid = turned((flair == 400).astype(np.float32), oblique(), orientation)
    volumes = {}
    for modality, data in ((Modality.FLAIR, flair), (Modality.T1C, t1c)):
        image, _ = turned(data, oblique(), orientation)
        volumes[modality] = Volume.from_array(modality, grid, image)
    return Study("x", volumes), lesion > 0, grid


@pytest.mark.parametrize("orientation", orientations())
def test_millilitres_and_voxels_are_the_same_in_all_48_orientations(
    orientation: np.ndarray, tiny: Model
) -> None:
    study, lesion, grid = lesion_study(orientation)
    prepared = prepare(study)
    found = to_native(segment(prepared, tiny).label_map, prepared)
    np.testing.assert_array_equal(found.region("WT"), lesion)
    assert found.grid.same_as(grid)
    whole = segment(prepared, tiny, keep_probabilities=True).probabilities
    assert whole is not None
    np.testing.assert_array_equal(map_to_native(whole["WT"], prepared) > 0.5, lesion)
    assert found.region("ET").sum() * grid.voxel_ml == pytest.approx(10 * 20 * 10 / 1000)


def test_a_fine_stage_answers_within_the_box_of_the_coarse_one(tmp_path: Path) -> None:
    model = load_model(write_tiny_model(tmp_path, spacing_mm=2, fine=True))
    study, lesion, _ = lesion_study(orientations()[0])
    prepared = prepare(study)
    answer = segment(prepared, model)
    found = to_native(answer.label_map, prepared)
    np.testing.assert_array_equal(found.region("WT"), lesion)
    assert answer.looks is not None
    agreed = answer.looks["WT"].stage_agreement
    assert agreed is not None
    assert 0.8 < agreed <= 1
    assert answer.looks["WT"].flip_agreement is None


def test_the_best_quality_is_the_mean_with_the_mirror_image_and_treats_sides_alike(
    tiny: Model,
) -> None:
    def leaning(image: np.ndarray) -> np.ndarray:
        """Believes in tumour the more, the further to the right a bright voxel is."""
        slope = np.linspace(0, 1, image.shape[1], dtype=np.float32)[:, None, None]
        return np.stack([slope * (image[3] > 2)] * 3)

    model = Model(tiny.card, {"coarse": leaning})  # type: ignore[dict-item]
    prepared = prepare(lesion_study(orientations()[0])[0])
    once = segment(prepared, model, keep_probabilities=True).probabilities
    best = segment(prepared, model, quality="best", keep_probabilities=True)
    both = best.probabilities
    assert once is not None
    assert both is not None
    bright = prepared.images[Modality.FLAIR] > 2
    assert np.ptp(once["WT"][bright]) > 0.1
    np.testing.assert_allclose(both["WT"][bright], 0.5, atol=1e-6)
    # One look believes in the right half, the other in the left one: they share nothing.
    assert best.looks is not None
    assert best.looks["WT"].flip_agreement == pytest.approx(0, abs=0.05)
    assert best.looks["WT"].stage_agreement is None
    with pytest.raises(UsageError, match="standard, best"):
        segment(prepared, model, quality="fast")  # type: ignore[arg-type]


def test_a_brain_without_tumour_gives_empty_regions(tiny: Model) -> None:
    volume = Volume.from_array(Modality.FLAIR, Grid(SHAPE, oblique()), head())
    prepared = prepare(Study("x", {Modality.FLAIR: volume}))
    prepared.images[Modality.FLAIR].clip(-5, 0.5, out=prepared.images[Modality.FLAIR])
    answer = segment(prepared, tiny, keep_probabilities=True)
    assert not answer.label_map.data.any()
    assert answer.probabilities is not None
    assert set(answer.probabilities) == {"WT", "TC", "ET"}


def test_the_innermost_region_decides_the_label() -> None:
    wt, tc, et = (
        np.array(p, np.float32)[:, None, None]
        for p in ([0.9, 0.9, 0.9, 0.1], [0.1, 0.9, 0.9, 0.1], [0.1, 0.1, 0.9, 0.1])
    )
    labels = labels_of({"WT": wt, "TC": tc, "ET": et}, voxel_ml=1)
    assert labels[:, 0, 0].tolist() == [
        BRATS.values["ED"],
        BRATS.values["NCR"],
        BRATS.values["ET"],
        0,
    ]
