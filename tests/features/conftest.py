"""A cohort of tiny patients on disk."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gliokit.features import FeatureSettings
from gliokit.measurement.radiomics import RadiomicsSettings
from tests.conftest import TINY_SHAPE, tiny_brain

ENDINGS = ("t1n", "t1c", "t2w", "t2f")
QUICK = RadiomicsSettings(families=("morphology", "statistics", "glcm"), aggregations=("3D_avg",))


def tiny_labels() -> np.ndarray:
    labels = np.zeros(TINY_SHAPE, np.uint8)
    labels[3:9, 4:9, 4:9] = 2
    labels[4:8, 5:8, 5:8] = 3
    labels[5, 5, 5] = 1
    return labels


@pytest.fixture
def settings() -> FeatureSettings:
    """Few features, so that tests are quick."""
    return FeatureSettings(radiomics=QUICK)


@pytest.fixture
def write_patient(tmp_path: Path, write_image: Callable[..., Path]) -> Callable[..., Path]:
    """Writes a case of 2023: `write_patient("00001", labels, seed=3)`."""

    def write(number: str, labels: np.ndarray | None = None, *, seed: int = 0) -> Path:
        folder = tmp_path / f"BraTS-GLI-{number}-000"
        for n, ending in enumerate(ENDINGS):
            data = tiny_brain(10 * seed + n)
            write_image(folder / f"{folder.name}-{ending}.nii.gz", data)
        seg = tiny_labels() if labels is None else labels
        write_image(folder / f"{folder.name}-seg.nii.gz", seg)
        return folder

    return write


@pytest.fixture
def cohort_table(tmp_path: Path, write_patient: Callable[..., Path]) -> Path:
    """A table of three patients, of whom the second one's FLAIR is no image."""
    folders = [write_patient(f"0000{n}", seed=n) for n in range(3)]
    (folders[1] / f"{folders[1].name}-t2f.nii.gz").write_text("not an image")
    lines = [f"s{n}\t{f.name}" for n, f in enumerate(folders)]
    table = tmp_path / "cohort.tsv"
    table.write_text("\n".join(["subject_id\tstudy", *lines]) + "\n")
    return table
