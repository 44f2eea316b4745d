"""How often a place is tumour: counted in the atlas, written as an image and a picture."""

from __future__ import annotations

from pathlib import Path

import nibabel as nib
import numpy as np
import pytest
from PIL import Image

from gliokit.measurement.population_map import (
    SLICES_Z_MM,
    PopulationMap,
    population_map,
    write_picture,
    write_population_map,
)
from gliokit.preprocessing.atlas import AtlasMatch
from gliokit.study import Grid, Modality, UsageError
from tests.atlas_patient import known_affine

SHAPE = (60, 62, 64)
Patient = tuple[np.ndarray, Grid, AtlasMatch]


def patient(mni: tuple[float, float, float], radius: float, turn: float) -> Patient:
    """A ball of MNI millimetres about a point of the atlas, in a patient of other size."""
    affine = known_affine(turns=(turn, -4.0, 9.0))
    middle = np.linalg.inv(affine) @ (*mni, 1.0)
    placed = np.eye(4)
    placed[:3, 3] = middle[:3] - (np.array(SHAPE) - 1) / 2
    grid = Grid(SHAPE, placed)
    match = AtlasMatch(affine, 0.99, Modality.T1)
    places = match.to_mni(grid.to_mm(np.indices(SHAPE).reshape(3, -1).T.astype(float)))
    mask = np.linalg.norm(places - mni, axis=1).reshape(SHAPE) <= radius
    return mask, grid, match


def at(found: PopulationMap, *mni: float) -> float:
    index = np.rint(np.linalg.inv(found.grid.affine) @ (*mni, 1.0))[:3].astype(int)
    return float(found.percent[tuple(index)])


@pytest.fixture(scope="module")
def two_of_three() -> PopulationMap:
    return population_map(
        patient(mni, 15.0, turn)
        for mni, turn in (((-30, 20, 30), 3.0), ((-30, 20, 30), 20.0), ((35, -40, 0), 12.0))
    )


def test_percent_of_patients_at_each_place(two_of_three: PopulationMap) -> None:
    assert two_of_three.patients == 3
    assert at(two_of_three, -30, 20, 30) == pytest.approx(200 / 3)
    assert at(two_of_three, 35, -40, 0) == pytest.approx(100 / 3)
    assert at(two_of_three, 30, 20, 30) == 0
    assert at(two_of_three, -30, 20, 48) == 0


def test_it_covers_as_much_of_the_atlas_as_the_tumours_do(two_of_three: PopulationMap) -> None:
    ball_ml = 4 / 3 * np.pi * 15**3 / 1000
    ml = two_of_three.percent.sum() / 100 * 3 * two_of_three.grid.voxel_ml
    assert ml == pytest.approx(3 * ball_ml, rel=0.03)


def test_the_image_is_in_mni_space(tmp_path: Path, two_of_three: PopulationMap) -> None:
    path = tmp_path / "map.nii.gz"
    write_population_map(path, two_of_three)
    image = nib.load(path)
    assert np.allclose(image.get_fdata(), two_of_three.percent)
    assert np.allclose(image.affine, two_of_three.grid.affine)
    assert int(image.header["sform_code"]) == 4
    assert image.header.get_xyzt_units()[0] == "mm"


def test_the_picture_shows_the_left_on_the_right_in_colour(
    tmp_path: Path, two_of_three: PopulationMap
) -> None:
    path = tmp_path / "map.png"
    write_picture(path, two_of_three)
    pixels = np.asarray(Image.open(path)).astype(int)
    width = pixels.shape[1] // len(SLICES_Z_MM)
    number = SLICES_Z_MM.index(30)
    tile = pixels[:, number * width : (number + 1) * width]
    coloured = np.argwhere(np.ptp(tile, axis=2)[40:220] > 80)
    assert coloured.size
    # The tumours at z = 30 mm lie on the left, in front.
    assert coloured[:, 1].mean() > width / 2
    assert not (np.ptp(pixels[40:220, :width], axis=2) > 80).any()


def test_what_can_not_be_a_map_is_refused(tmp_path: Path, two_of_three: PopulationMap) -> None:
    with pytest.raises(UsageError, match="at least one patient"):
        population_map([])
    mask, grid, match = patient((0, 0, 0), 5.0, 0.0)
    with pytest.raises(UsageError, match="shape of its grid"):
        population_map([(mask[1:], grid, match)])
    with pytest.raises(UsageError, match=r"\.nii"):
        write_population_map(tmp_path / "map.txt", two_of_three)
    with pytest.raises(UsageError, match=r"\.png"):
        write_picture(tmp_path / "map.jpg", two_of_three)
