"""What tests of several rooms share: real data where it is, and tiny studies."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import nibabel as nib
import numpy as np
import pytest

TINY_SHAPE = (12, 13, 14)
TINY_AFFINE = np.array([[-1.0, 0, 0, 6], [0, -1, 0, 7], [0, 0, 1, -5], [0, 0, 0, 1]])


@pytest.fixture(scope="session")
def shared_data() -> Path:
    """The folder of real patients beside the repository."""
    folder = Path(__file__).resolve().parents[2] / "shared" / "data"
    if not folder.is_dir():
        pytest.skip(f"no real data at {folder}")
    return folder


def tiny_brain(seed: int) -> np.ndarray:
    """A ball of noise in a background of 0, float32."""
    centre = (np.array(TINY_SHAPE) - 1) / 2
    distance = np.linalg.norm(np.indices(TINY_SHAPE).T - centre, axis=-1).T
    noise = np.random.default_rng(seed).uniform(50, 150, TINY_SHAPE)
    return np.where(distance < 5, noise, 0).astype(np.float32)


@pytest.fixture
def write_image() -> Callable[..., Path]:
    """Writes an array as NIfTI: `write_image(path, data, affine=..., sform=1, qform=1)`."""

    def write(
        path: Path,
        data: np.ndarray | None = None,
        *,
        seed: int = 0,
        affine: np.ndarray = TINY_AFFINE,
        sform: int = 1,
        qform: int = 1,
    ) -> Path:
        path.parent.mkdir(parents=True, exist_ok=True)
        image = nib.Nifti1Image(tiny_brain(seed) if data is None else data, affine)
        image.set_sform(affine, sform)
        image.set_qform(affine, qform)
        nib.save(image, path)
        return path

    return write


@pytest.fixture
def tiny_study(tmp_path: Path, write_image: Callable[..., Path]) -> Path:
    """A case of 2023 with four sequences and labels, 12 x 13 x 14 voxels of 1 mm."""
    folder = tmp_path / "BraTS-GLI-00007-000"
    for seed, ending in enumerate(("t1n", "t1c", "t2w", "t2f")):
        write_image(folder / f"{folder.name}-{ending}.nii.gz", seed=seed)
    labels = np.zeros(TINY_SHAPE, np.uint8)
    labels[4:8, 4:8, 4:8] = 2
    labels[5:7, 5:7, 5:7] = 3
    labels[5, 5, 5] = 1
    write_image(folder / f"{folder.name}-seg.nii.gz", labels)
    return folder
