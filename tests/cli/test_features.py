"""`gliokit features`: tables, failures, resuming, robustness, and calls that are wrong."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from gliokit.preprocessing import PreparedStudy
from gliokit.preprocessing.atlas import AtlasMatch
from gliokit.study import Modality
from tests.cli.conftest import Ending
from tests.conftest import TINY_SHAPE, tiny_brain

SETTINGS = 'families = ["morphology", "statistics"]\n'


@pytest.fixture
def cohort(tmp_path: Path, write_image: Callable[..., Path]) -> Path:
    """Three patients: all sequences; a FLAIR that is no image; FLAIR and a mask alone."""
    labels = np.zeros(TINY_SHAPE, np.uint8)
    labels[3:9, 4:9, 4:9] = 2
    labels[4:8, 5:8, 5:8] = 3
    for n, name in enumerate(("BraTS-GLI-00001-000", "BraTS-GLI-00002-000")):
        for m, ending in enumerate(("t1n", "t1c", "t2w", "t2f")):
            image = tmp_path / name / f"{name}-{ending}.nii.gz"
            write_image(image, tiny_brain(10 * n + m))
        write_image(tmp_path / name / f"{name}-seg.nii.gz", labels)
    (tmp_path / "BraTS-GLI-00002-000" / "BraTS-GLI-00002-000-t2f.nii.gz").write_text("no image")
    write_image(tmp_path / "c" / "flair.nii.gz", tiny_brain(7))
    write_image(tmp_path / "c" / "mask.nii.gz", (labels > 0).astype(np.uint8))
    (tmp_path / "quick.toml").write_text(SETTINGS)
    table = tmp_path / "cohort.tsv"
    table.write_text(
        "subject_id\tstudy\tflair\tseg\tgeneration\n"
        "a\tBraTS-GLI-00001-000\tn/a\tn/a\t2023\n"
        "b\tBraTS-GLI-00002-000\tn/a\tn/a\t2023\n"
        "c\tn/a\tc/flair.nii.gz\tc/mask.nii.gz\twhole-tumour\n"
    )
    return table


def _rows(path: Path) -> list[dict[str, str]]:
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream, delimiter="\t"))


def test_a_cohort_of_mixed_patients_becomes_a_table(
    cohort: Path, tmp_path: Path, run: Callable[..., Ending]
) -> None:
    out = tmp_path / "made" / "features.tsv"
    call = ("features", "--cohort", cohort, "-o", out, "--settings", tmp_path / "quick.toml")
    ending = run(*call, "--workers", "0")
    assert ending.code == 0, ending.err
    assert "2 patients, 1 failed" in ending.out
    assert "Failed: b: " in ending.out
    assert "t2f.nii.gz" in ending.out
    assert "3 of 3 patients, 1 failed" in ending.err
    a, c = _rows(out)
    assert (a["absent"], c["absent"]) == ("n/a", "TC,ET")
    assert a["WT_mask_morph_vol_approx"] == c["WT_mask_morph_vol_approx"] == "150.0"
    assert c["ET_mask_morph_vol_approx"] == c["WT_t1_stat_mean"] == "n/a"
    record = json.loads(out.with_suffix(".json").read_text())
    assert [f["subject"] for f in record["failures"]] == ["b"]
    assert a["settings"] == record["settings_digest"]
    again = run(*call, "--workers", "0", "--overwrite", "--names", "pyradiomics", "--long")
    assert "2 of them from an earlier run" in again.err
    features = {row["feature"] for row in _rows(out)}
    assert {"original_firstorder_Mean", "original_shape_MeshVolume"} <= features


def test_a_population_map_is_written_beside_the_table(
    cohort: Path, tmp_path: Path, run: Callable[..., Ending], monkeypatch: pytest.MonkeyPatch
) -> None:
    def match(prepared: PreparedStudy, _: np.ndarray) -> AtlasMatch:
        return AtlasMatch(np.linalg.inv(prepared.grid.affine), 0.95, Modality.T1)

    monkeypatch.setattr("gliokit.features.population.match_atlas", match)
    out, path = tmp_path / "features.tsv", tmp_path / "map.nii.gz"
    call = (
        "features", "--cohort", cohort, "-o", out, "--settings", tmp_path / "quick.toml",
        "--workers", "0", "--population-map",
    )  # fmt: skip
    ending = run(*call, path)
    assert ending.code == 0, ending.err
    assert "Not on the map: b: " in ending.out
    assert "2 patients, 1 left out" in ending.out
    assert path.is_file()
    assert path.with_name("map.png").is_file()
    refused = run(*call, tmp_path / "map.jpg", "--overwrite")
    assert refused.code == 2
    assert "of 3 patients" not in refused.err


def test_robustness_is_written_and_used(
    cohort: Path, tmp_path: Path, run: Callable[..., Ending]
) -> None:
    lines = cohort.read_text().splitlines()
    a = lines[1].split("\t", 1)[1]
    cohort.write_text("\n".join([lines[0], *(f"{n}\t{a}" for n in "xyz")]) + "\n")
    common = (
        "--settings", tmp_path / "quick.toml", "--regions", "wt", "--sequences", "flair",
        "--groups", "radiomics",
    )  # fmt: skip
    out = tmp_path / "robust.tsv"
    ending = run(
        "features", "--cohort", cohort, "-o", out, *common,
        "--robustness", "perturbations", "--workers", "0",
    )  # fmt: skip
    assert ending.code == 0, ending.err
    assert {"noise", "contour", "every"} <= {row["change"] for row in _rows(out)}
    # Three times the same patient: nothing varies between patients, so nothing is robust.
    ending = run(
        "features", "--cohort", cohort, "-o", tmp_path / "f.tsv", *common,
        "--keep-robust", out, "--workers", "0",
    )  # fmt: skip
    assert ending.code == 2
    assert "--above" in ending.err
    assert not (tmp_path / "f.tsv").exists()


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (("--regions", "oedema"), ("a region is one of", "OEDEMA")),
        (("--groups", "magic"), ("a group is one of", "magic")),
        (("--sequences", "dwi"), ("a sequence is one of", "dwi")),
        (("--head", "--groups", "deep"), ("without their skull",)),
        (("--maps", "automatic", "--model", "oracle"), ("oracle", "gliokit models")),
        (("--settings", "gone.toml"), ("gone.toml",)),
        (("--keep-robust", "gone.tsv"), ("gone.tsv",)),
    ],
)
def test_a_wrong_call_is_refused_before_any_work(
    options: tuple[str, ...],
    words: tuple[str, ...],
    cohort: Path,
    tmp_path: Path,
    run: Callable[..., Ending],
) -> None:
    ending = run("features", "--cohort", cohort, "-o", tmp_path / "f.tsv", *options)
    assert ending.code == 2, ending.err
    for word in words:
        assert word in ending.err
    assert "of 3 patients" not in ending.err
    assert not (tmp_path / "f.tsv").exists()


def test_a_cohort_without_any_usable_patient_is_3_and_writes_nothing(
    cohort: Path, tmp_path: Path, run: Callable[..., Ending]
) -> None:
    lines = cohort.read_text().splitlines()
    cohort.write_text(f"{lines[0]}\n{lines[2]}\n")
    ending = run("features", "--cohort", cohort, "-o", tmp_path / "f.tsv", "--workers", "0")
    assert ending.code == 3
    assert "t2f.nii.gz" in ending.err
    assert not (tmp_path / "f.tsv").exists()


def test_an_earlier_table_is_not_overwritten_unasked(
    cohort: Path, tmp_path: Path, run: Callable[..., Ending]
) -> None:
    (tmp_path / "f.tsv").write_text("mine")
    ending = run("features", "--cohort", cohort, "-o", tmp_path / "f.tsv")
    assert ending.code == 4
    assert (tmp_path / "f.tsv").read_text() == "mine"
