"""A study of a brain with a lesion, as files, and a model that finds it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from gliokit.study import Grid, Modality, Volume, write_volume
from tests.preprocessing.test_prepare import head, oblique
from tests.tiny_model import write_tiny_model

SHAPE = (50, 47, 44)
SPACING_MM = 3.0


def write_study(folder: Path, *, lesion: bool) -> Path:
    """T1C and FLAIR of an ellipsoid in 3 mm, with a bright box on both or without."""
    affine = oblique(SHAPE)
    affine[:3, :3] *= SPACING_MM
    grid = Grid(SHAPE, affine)
    rng = np.random.default_rng(0)
    base = head(SHAPE, scale=SPACING_MM)
    flair, t1c = (np.where(base > 0, base + rng.normal(0, 3, SHAPE), 0) for _ in range(2))
    if lesion:
        flair[20:30, 14:26, 16:24] = 400
        t1c[23:27, 17:23, 18:22] = 600
    folder.mkdir()
    for modality, data in ((Modality.FLAIR, flair), (Modality.T1C, t1c)):
        volume = Volume.from_array(modality, grid, data.astype(np.float32))
        write_volume(folder / f"{modality}.nii.gz", volume)
    return folder


@pytest.fixture(scope="session")
def study(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """With a lesion of 26 mL."""
    return write_study(tmp_path_factory.mktemp("studies") / "ill", lesion=True)


@pytest.fixture(scope="session")
def healthy(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Without one."""
    return write_study(tmp_path_factory.mktemp("studies") / "healthy", lesion=False)


@pytest.fixture(scope="session")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder that thresholds FLAIR and T1C."""
    return write_tiny_model(tmp_path_factory.mktemp("model") / "tiny", spacing_mm=1)
