"""Signs that a study is unlike the patients whom the model knows."""

from __future__ import annotations

import math
from dataclasses import replace
from itertools import combinations

import numpy as np
import pytest
from scipy import ndimage

from gliokit.preprocessing import Alignment, PreparedStudy
from gliokit.preprocessing.intensity import normalise
from gliokit.segmentation.calibration import Calibration, Usual
from gliokit.segmentation.signs import image_signs, sequences_of, tumour_signs
from gliokit.segmentation.together import distance, exchanged, key_of, limits_of, together_of
from gliokit.segmentation.unusual import farthest, unusual_signs, usual_of
from gliokit.study import Grid, LabelMap, Modality

SHAPE = (56, 60, 52)
RADIUS = 22
T1, T1C, T2, FLAIR = Modality.T1, Modality.T1C, Modality.T2, Modality.FLAIR


def apart(centre: tuple[float, float, float]) -> np.ndarray:
    return np.linalg.norm(np.indices(SHAPE).T - np.array(centre), axis=-1).T


MIDDLE = tuple((n - 1) / 2 for n in SHAPE)


def patient(seed: int, *, radius: float = RADIUS) -> PreparedStudy:
    """White matter, grey matter and fluid, each with its brightness; bright vessels on T1C."""
    rng = np.random.default_rng(seed)
    out = apart(MIDDLE)
    brain = out <= radius
    fluid = (apart((MIDDLE[0], MIDDLE[1] - 6, MIDDLE[2])) < 6) & brain
    grey = (out > radius - 5) & brain
    vessels = (ndimage.gaussian_filter(rng.normal(size=SHAPE), 1.5) > 0.15) & grey
    bright = {T1: (100, 70, 20), T1C: (100, 72, 25), T2: (60, 90, 220), FLAIR: (80, 110, 20)}
    images = {}
    for modality, (white, cortex, water) in bright.items():
        image = np.where(grey, cortex, white).astype(np.float32)
        image[fluid] = water
        if modality is T1C:
            image[vessels] = 200
        image = image + rng.normal(0, 4, SHAPE)
        images[modality] = normalise(np.where(brain, image, 0).astype(np.float32), brain)
    grid = Grid(SHAPE, np.eye(4))
    alignment = Alignment(grid, (0, 1, 2), (1.0, 1.0, 1.0), (0.0, 0.0, 0.0))
    return PreparedStudy(f"p{seed}", grid, images, brain, alignment)


def exchange(study: PreparedStudy, one: Modality, other: Modality) -> PreparedStudy:
    images = {**study.images, one: study.images[other], other: study.images[one]}
    return replace(study, images=images)


@pytest.fixture(scope="module")
def patients() -> list[dict[str, float]]:
    """Twelve whose brains differ a little."""
    radii = np.random.default_rng(1).normal(RADIUS, 0.7, 12)
    return [image_signs(patient(seed, radius=r)) for seed, r in enumerate(radii)]


@pytest.fixture(scope="module")
def known(patients: list[dict[str, float]]) -> Calibration:
    """Beyond 8 standard deviations is unusual."""
    return Calibration(
        networks=(), made_with="tests", level=0.9, patients=12, qualities={},
        usual=usual_of(patients), usual_limit=8.0, usual_patients=12,
    )  # fmt: skip


def test_one_more_patient_like_the_others_is_usual(
    known: Calibration, patients: list[dict[str, float]]
) -> None:
    signs = image_signs(patient(99))
    assert unusual_signs(signs, known) == ()
    together = together_of(patients)
    distances, gains = limits_of(patients, level=12 / 13)
    assert distance(signs, together) < 2 * distances["t1+t1c+t2+flair"]
    assert exchanged(signs, together)[0] < 0
    assert len(distances) == len(gains) == 15
    assert all(gain < 0 for key, gain in gains.items() if "+" in key)


@pytest.mark.parametrize(("one", "other"), list(combinations((T1, T1C, T2, FLAIR), 2)))
def test_sequences_that_were_exchanged_are_named(
    one: Modality, other: Modality, patients: list[dict[str, float]]
) -> None:
    together = together_of(patients)
    signs = image_signs(exchange(patient(99), one, other))
    gain, changed = exchanged(signs, together)
    assert gain > 0
    assert changed == (one, other)
    images = exchange(patient(99), one, other).images
    pair = image_signs(replace(patient(99), images={m: images[m] for m in (one, other)}))
    assert key_of(pair) == f"{one}+{other}"
    assert exchanged(pair, together)[0] > 0


def test_a_study_made_of_one_sequence_can_not_be_exchanged(
    patients: list[dict[str, float]],
) -> None:
    study = patient(99)
    signs = image_signs(replace(study, images={T2: study.images[T2]}))
    assert exchanged(signs, together_of(patients)) == (0.0, ())
    assert 0 < distance(signs, together_of(patients)) < 5
    assert distance({}, together_of(patients)) == 0


def test_signs_under_other_names_are_those_of_the_exchanged_images(
    patients: list[dict[str, float]],
) -> None:
    """Names are changed in the signs; that must be what changing the images does."""
    together = together_of(patients)
    gain, changed = exchanged(image_signs(exchange(patient(99), T1, FLAIR)), together)
    apart = distance(image_signs(exchange(patient(99), T1, FLAIR)), together)
    assert changed == (T1, FLAIR)
    assert apart - gain == pytest.approx(distance(image_signs(patient(99)), together))


def test_a_small_brain_is_seen(known: Calibration) -> None:
    found = unusual_signs(image_signs(patient(99, radius=13)), known)
    assert "brain_log_ml" in {sign.name for sign in found}


def test_noise_in_place_of_an_image_is_seen(patients: list[dict[str, float]]) -> None:
    study = patient(99)
    noise = np.random.default_rng(0).normal(0, 1, SHAPE).astype(np.float32) * study.brain
    signs = image_signs(replace(study, images={**study.images, FLAIR: noise}))
    limit = limits_of(patients, level=12 / 13)[0]["t1+t1c+t2+flair"]
    assert distance(signs, together_of(patients)) > 3 * limit


def test_signs_of_what_is_missing_are_absent() -> None:
    study = patient(0)
    signs = image_signs(replace(study, images={T1: study.images[T1]}))
    assert set(signs) == {"brain_log_ml", "t1_low", "t1_high", "t1_rough"}
    assert signs["brain_log_ml"] == pytest.approx(math.log(study.brain.sum() / 1000))


def with_core(study: PreparedStudy, *centres: tuple[int, int, int], wet: bool) -> PreparedStudy:
    """Balls of 5 mm, of fluid or of what is bright in every sequence."""
    images = {m: image.copy() for m, image in study.images.items()}
    for centre in centres:
        ball = apart(centre) <= 5
        for modality, image in images.items():
            fluid = 5 if modality is T2 else -5
            image[ball] = fluid if wet else 3
    return replace(study, images=images)


def labelled(*centres: tuple[int, int, int]) -> LabelMap:
    data = np.zeros(SHAPE, np.uint8)
    for centre in centres:
        data[apart(centre) <= 5] = 1
    return LabelMap(Grid(SHAPE, np.eye(4)), data)


def test_a_cavity_and_many_parts_show_in_the_tumour() -> None:
    places = ((18, 30, 26), (38, 30, 26), (28, 44, 26))
    solid = tumour_signs(with_core(patient(0), places[0], wet=False), labelled(places[0]))
    wet = tumour_signs(with_core(patient(0), places[0], wet=True), labelled(places[0]))
    assert solid["core_fluid"] == 0
    assert wet["core_fluid"] > 0.9
    three = tumour_signs(with_core(patient(0), *places, wet=False), labelled(*places))
    assert three["core_log_parts"] == pytest.approx(math.log(3))
    assert solid["whole_log_parts"] == 0


def test_a_brain_without_a_tumour_has_no_signs_of_one() -> None:
    assert tumour_signs(patient(0), labelled()) == {}


def test_the_farthest_sign_is_counted_in_standard_deviations() -> None:
    usual = {"a": Usual(mean=1, sd=2), "b": Usual(mean=0, sd=0.5)}
    sign = farthest({"a": 4.0, "b": -1.0, "unknown": 1e9}, usual)
    assert sign is not None
    assert (sign.name, sign.distance) == ("b", 2.0)
    assert farthest({}, usual) is None


def test_a_sign_that_hardly_anybody_has_is_not_usual() -> None:
    pairs = {"t1_t2_correlation": 0.5}
    usual = usual_of([{"a": 1.0, **pairs}, {"a": 2.0, **pairs}, {"a": 3.0, "b": 1.0, **pairs}])
    assert set(usual) == {"a"}
    assert usual["a"] == Usual(mean=2, sd=1)


def test_a_sign_names_its_sequences() -> None:
    assert sequences_of("t2_where_flair_low") == (T2, FLAIR)
    assert sequences_of("brain_log_ml") == ()
