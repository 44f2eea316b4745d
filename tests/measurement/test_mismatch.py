"""The mismatch index on tissue whose signals follow from its relaxation times."""

from __future__ import annotations

import numpy as np
import pytest

from gliokit.measurement.mismatch import mismatch
from gliokit.measurement.reference_tissue import ReferenceTissue
from gliokit.measurement.schema import Mismatch
from gliokit.study import Grid

SHAPE = (48, 44, 40)
GRID = Grid(SHAPE, np.eye(4))


def signals(t1_ms: float, t2_ms: float, density: float) -> tuple[float, float]:
    """Spin echo 4000/100 ms and FLAIR 9000/2500/120 ms (repetition, inversion, echo)."""
    t2w = density * (1 - np.exp(-4000 / t1_ms)) * np.exp(-100 / t2_ms)
    flair = density * abs(1 - 2 * np.exp(-2500 / t1_ms) + np.exp(-9000 / t1_ms))
    return t2w, flair * np.exp(-120 / t2_ms)


WHITE = signals(850, 75, 0.70)
GREY = signals(1400, 95, 0.82)
FLUID = signals(4200, 1800, 1.0)
WILD_TYPE = signals(1500, 120, 0.85)
MISMATCH_CORE = signals(2500, 250, 0.92)
STRONG_CORE = signals(3000, 350, 0.95)
RIM = signals(1600, 140, 0.87)


def ball(radius: float, centre: tuple[float, float, float] = (34, 22, 20)) -> np.ndarray:
    return radius >= np.linalg.norm(np.indices(SHAPE).T - centre, axis=-1).T


def places(*starts: int) -> np.ndarray:
    """1000 voxels in a block that begins at these indices."""
    return np.argwhere(np.ones((10, 10, 10))) + np.array(starts)


TISSUE = ReferenceTissue(white=places(2, 2, 2), grey=places(2, 20, 2), fluid=places(2, 2, 20))
TUMOUR = ball(11)


def found(
    core: tuple[float, float],
    rim: tuple[float, float] = RIM,
    *,
    factors: tuple[float, float] = (1.0, 1.0),
    fluid: tuple[float, float] = FLUID,
    noise: float = 0.0,
) -> Mismatch:
    images = []
    for n in (0, 1):
        image = np.full(SHAPE, GREY[n])
        for tissue, value in (
            (TISSUE.white, WHITE[n]),
            (TISSUE.grey, GREY[n]),
            (TISSUE.fluid, fluid[n]),
        ):
            image[tuple(tissue.T)] = value
        image[TUMOUR] = rim[n]
        image[ball(8)] = core[n]
        image *= 1 + noise * np.random.default_rng(n).standard_normal(SHAPE)
        images.append((factors[n] * image).astype(np.float32))
    return mismatch(images[0], images[1], TUMOUR, np.zeros(SHAPE, bool), TISSUE, GRID)


@pytest.mark.parametrize(
    ("core", "index"),
    [(WILD_TYPE, 0.01), (MISMATCH_CORE, 0.77), (STRONG_CORE, 1.31)],
    ids=["wild type", "mismatch", "strong mismatch"],
)
def test_index_of_tissue_is_what_its_relaxation_times_give(
    core: tuple[float, float], index: float
) -> None:
    assert found(core).index_octaves == pytest.approx(index, abs=0.01)


def test_the_sign_is_there_with_a_dark_core_and_a_bright_rim_and_not_without() -> None:
    there = found(MISMATCH_CORE, noise=0.03)
    assert there.sign is True
    assert there.rim_ratio == pytest.approx(1.31, abs=0.02)
    assert there.mismatched_percent == pytest.approx(100 * ball(8).sum() / TUMOUR.sum(), abs=3)
    assert found(WILD_TYPE, noise=0.03).sign is False
    assert found(MISMATCH_CORE, MISMATCH_CORE).sign is False


def test_a_factor_on_either_sequence_changes_nothing() -> None:
    straight, scaled = found(MISMATCH_CORE), found(MISMATCH_CORE, factors=(37.0, 0.02))
    assert (straight.sign, straight.withheld) == (scaled.sign, scaled.withheld) == (True, None)
    for key, value in straight.model_dump(exclude={"sign", "withheld"}).items():
        assert getattr(scaled, key) == pytest.approx(value, rel=1e-3, abs=1e-3), key


def test_swapping_the_sequences_turns_the_sign_of_the_index() -> None:
    t2, flair = (np.full(SHAPE, 1.0, np.float32) for _ in range(2))
    t2[TUMOUR], flair[TUMOUR] = 3.0, 1.5
    t2[tuple(TISSUE.fluid.T)] = flair[tuple(TISSUE.fluid.T)] = 0.1
    none = np.zeros(SHAPE, bool)
    one = mismatch(t2, flair, TUMOUR, none, TISSUE, GRID).index_octaves
    other = mismatch(flair, t2, TUMOUR, none, TISSUE, GRID).index_octaves
    assert one == pytest.approx(1.0)
    assert other == pytest.approx(-1.0)


def test_free_fluid_and_enhancing_tumour_are_left_out() -> None:
    assert found(FLUID).free_fluid_percent == pytest.approx(100 * ball(8).sum() / TUMOUR.sum())
    assert found(FLUID).index_octaves == pytest.approx(0.05, abs=0.01)
    t2, flair = (np.full(SHAPE, value, np.float32) for value in GREY)
    for tissue, value in ((TISSUE.white, WHITE), (TISSUE.fluid, FLUID)):
        t2[tuple(tissue.T)], flair[tuple(tissue.T)] = value
    t2[ball(8)] *= 4
    without = mismatch(t2, flair, TUMOUR, ball(8), TISSUE, GRID)
    assert without.index_octaves == pytest.approx(0.0, abs=1e-5)


def test_it_is_withheld_with_its_reason() -> None:
    assert found(WILD_TYPE, fluid=signals(1500, 1800, 1.0)).withheld == "fluid_not_dark_in_flair"
    few = ReferenceTissue(TISSUE.white[:400], TISSUE.grey, TISSUE.fluid)
    image = np.ones(SHAPE, np.float32)
    none = np.zeros(SHAPE, bool)
    withheld = mismatch(image, image, TUMOUR, none, few, GRID)
    assert withheld.withheld == "no_normal_tissue"
    assert withheld.index_octaves is None
    dark = image.copy()
    dark[tuple(TISSUE.fluid.T)] = 0.1
    assert mismatch(dark, dark, ball(4), none, TISSUE, GRID).withheld == "too_small"
    assert mismatch(dark, dark, TUMOUR, TUMOUR, TISSUE, GRID).withheld == "too_small"
