"""Left is left, in slices, places and the drawn page."""

from __future__ import annotations

import re

import numpy as np
import pytest

from gliokit.reporting import Analysis, render_report
from gliokit.reporting.plane import AXIAL, CORONAL, PLANES, SAGITTAL, Plane
from tests.reporting.conftest import AFFINE, CENTRE, SHAPE, ball


def middle_of(picture: np.ndarray) -> tuple[float, float]:
    """Column and row of the bright part, from 0 to 1."""
    rows, columns = np.nonzero(picture)
    return columns.mean() / picture.shape[1], rows.mean() / picture.shape[0]


def test_the_made_up_tumour_lies_on_the_patients_left() -> None:
    x = (AFFINE @ (*CENTRE, 1))[0]
    assert x < 0, "RAS+: negative is left"


@pytest.mark.parametrize("plane", [AXIAL, CORONAL], ids=lambda p: p.name)
def test_the_patients_left_is_on_the_right_of_the_picture(plane: Plane) -> None:
    across, _ = middle_of(plane.slice_of(ball(CENTRE, 5), CENTRE[plane.axis]))
    assert across > 0.5
    assert plane.sides == ("R", "L")


def test_the_front_is_on_top_of_axial_and_on_the_left_of_sagittal_pictures() -> None:
    front = ball((24, 50, 22), 4)
    assert middle_of(AXIAL.slice_of(front, 22))[1] < 0.5
    assert middle_of(SAGITTAL.slice_of(front, 24))[0] < 0.5
    assert SAGITTAL.sides == ("A", "P")


def test_the_vertex_is_on_top_of_coronal_and_sagittal_pictures() -> None:
    vertex = ball((24, 28, 38), 3)
    assert middle_of(CORONAL.slice_of(vertex, 28))[1] < 0.5
    assert middle_of(SAGITTAL.slice_of(vertex, 24))[1] < 0.5


@pytest.mark.parametrize("plane", PLANES, ids=lambda p: p.name)
def test_a_place_is_where_its_voxel_is_drawn(plane: Plane) -> None:
    voxel = (3, 41, 17)
    volume = np.zeros(SHAPE, dtype=bool)
    volume[voxel] = True
    row, column = np.argwhere(plane.slice_of(volume, voxel[plane.axis]))[0]
    place = plane.place(np.array([voxel], dtype=float), SHAPE)[0]
    assert place.tolist() == [column + 0.5, row + 0.5]


def section(page: str, name: str) -> str:
    return page.split(f'<section id="{name}"')[1].split("</section>")[0]


def drawings(text: str) -> list[str]:
    return re.findall(r"<svg.*?</svg>", text, flags=re.DOTALL)


LETTER = r'<text class="side[^"]*" x="([-\d.]+)"[^>]*>(\w)<'


@pytest.mark.parametrize("plane", PLANES, ids=lambda p: p.name)
def test_contours_and_letters_of_the_page_agree_with_the_patient(
    analysis: Analysis, plane: Plane
) -> None:
    drawing = drawings(section(render_report(analysis), "pictures"))[PLANES.index(plane)]
    left, _, width, _ = map(float, re.search(r'viewBox="([^"]+)"', drawing)[1].split())
    path = re.search(r'data-region="ET" d="([^"]+)"', drawing)[1]
    across = np.mean([float(x) for x in re.findall(r"[ML]([\d.]+) ", path)])
    letters = {letter: float(x) for x, letter in re.findall(LETTER, drawing)}
    assert letters[plane.sides[0]] < left + width / 2 < letters[plane.sides[1]]
    if plane is SAGITTAL:
        assert across < left + width / 2, "the tumour lies in front, so left in the picture"
    else:
        assert across > left + width / 2, "the tumour is on the left, so right in the picture"


def test_diameters_lie_on_the_tumour(analysis: Analysis) -> None:
    drawing = drawings(section(render_report(analysis), "diameters"))[0]
    path = re.search(r'data-region="ET" d="([^"]+)"', drawing)[1]
    xs = [float(x) for x in re.findall(r"[ML]([\d.]+) ", path)]
    x1, x2 = map(float, re.search(r'x1="([\d.]+)"[^>]*x2="([\d.]+)"', drawing).groups())
    assert min(x1, x2) == pytest.approx(min(xs), abs=1)
    assert max(x1, x2) == pytest.approx(max(xs), abs=1)
