"""MONAI bundles: their values are read, their expressions never run."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (extra 'train')")
pytest.importorskip("monai", reason="MONAI is not installed")

from gliokit.inference import Foreign, load_model  # noqa: E402
from gliokit.learning.importing.original import Choices  # noqa: E402
from gliokit.learning.importing.run import import_model  # noqa: E402
from gliokit.study import StudyError, UsageError  # noqa: E402
from tests.learning.importing.foreign_models import SEGRESNET, UNET, write_bundle  # noqa: E402

# MONAI and torch's exporter warn of their own futures when they are imported.
pytestmark = pytest.mark.filterwarnings("ignore::DeprecationWarning", "ignore::FutureWarning")


@pytest.mark.parametrize("network", [SEGRESNET, UNET], ids=["SegResNet", "UNet"])
def test_an_imported_bundle_answers_as_its_original(
    network: dict[str, Any], tmp_path: Path
) -> None:
    original = write_bundle(tmp_path / "bundle", network)
    made = import_model(tmp_path / "bundle", tmp_path / "model")
    assert made.apart["model"] < 1e-4
    image = np.random.default_rng(1).normal(size=(4, 16, 16, 8)).astype(np.float32)
    with torch.no_grad():
        expected = original(torch.from_numpy(image)[None])[0].numpy()
    found = load_model(tmp_path / "model").networks["model"](image)
    assert np.abs(found - expected).max() < 1e-3
    assert made.card.channels == ("t1c", "t1", "t2", "flair")
    assert made.card.imported == Foreign(
        source="MONAI bundle",
        orientation="LPS",
        spacing_mm=(1, 1, 1),
        patch=(16, 16, 8),
        overlap=0.5,
        window="gaussian",
        normalisation="nonzero",
        activation="sigmoid",
        outputs=("TC", "WT", "ET"),
    )


def test_transforms_say_how_the_image_is_brought(tmp_path: Path) -> None:
    transforms = [
        {"_target_": "Orientationd", "axcodes": "RAS"},
        {"_target_": "Spacingd", "pixdim": [1.0, 1.0, 2.0]},
        {"_target_": "monai.transforms.NormalizeIntensityd", "channel_wise": True},
    ]
    write_bundle(tmp_path / "b", SEGRESNET, transforms=transforms, metadata=False)
    choices = Choices(channels=("t1", "t1c", "t2", "flair"), outputs=("WT", "TC", "ET"))
    foreign = import_model(tmp_path / "b", tmp_path / "m", choices=choices).card.imported
    assert foreign is not None
    assert foreign.orientation == "RAS"
    assert foreign.spacing_mm == (1, 1, 2)
    assert foreign.normalisation == "box"


def test_a_configuration_in_yaml_is_read_too(tmp_path: Path) -> None:
    pytest.importorskip("yaml", reason="PyYAML is not installed")
    write_bundle(tmp_path / "b", SEGRESNET, yaml=True)
    assert import_model(tmp_path / "b", tmp_path / "m").apart["model"] < 1e-4


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"network_def": {**SEGRESNET, "in_channels": "$__import__('os').mkdir('ran')"}}, "plain"),
        ({"network_def": {"_target_": "scripts.mine.Net"}}, "one of SegResNet"),
        ({"network_def": "@nowhere"}, "@nowhere"),
        ({"inferer": {"_target_": "SimpleInferer"}}, "SlidingWindowInferer"),
        ({"preprocessing": {"transforms": []}}, "NormalizeIntensityd"),
    ],
)
def test_what_gliokit_cannot_run_is_refused(
    changes: dict[str, Any], rule: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_bundle(tmp_path / "b", SEGRESNET, **changes)
    with pytest.raises(UsageError, match=rule):
        import_model(tmp_path / "b", tmp_path / "m")
    assert not (tmp_path / "ran").exists()
    assert not (tmp_path / "m").exists()


def test_a_bundle_that_says_no_channels_asks_for_them(tmp_path: Path) -> None:
    write_bundle(tmp_path / "b", SEGRESNET, metadata=False)
    with pytest.raises(UsageError, match="--channels"):
        import_model(tmp_path / "b", tmp_path / "m")


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    write_bundle(tmp_path / "b", SEGRESNET, network_def={**SEGRESNET, "init_filters": 16})
    with pytest.raises(StudyError, match="that the configuration describes"):
        import_model(tmp_path / "b", tmp_path / "m")


WINDOW = {"_target_": "SlidingWindowInferer", "roi_size": [16, 16, 8]}


@pytest.mark.parametrize(
    ("changes", "kind", "said"),
    [
        ({"inferer": {"_target_": "SlidingWindowInferer"}}, UsageError, "three numbers"),
        ({"inferer": {**WINDOW, "roi_size": [16, 16]}}, UsageError, "three numbers"),
        ({"inferer": {**WINDOW, "roi_size": [16, 16, 0]}}, StudyError, "above 0"),
        ({"inferer": {**WINDOW, "roi_size": [16, 16, 7]}}, StudyError, "in windows of"),
        ({"inferer": {**WINDOW, "mode": "triangle"}}, StudyError, "window"),
        ({"inferer": {**WINDOW, "overlap": [0.5, 0.5, 0.25]}}, UsageError, "alike along all"),
        ({"inferer": {**WINDOW, "overlap": "half"}}, StudyError, "half"),
        ({"inferer": ["SlidingWindowInferer"]}, StudyError, "list"),
        ({"inferer": "@a", "a": "@b", "b": "@a"}, StudyError, "leads back to itself"),
        ({"network_def": ["SegResNet"]}, StudyError, "list"),
        ({"preprocessing": {"transforms": None}}, StudyError, "NoneType"),
    ],
)
def test_a_malformed_bundle_is_refused_with_what_was_read(
    changes: dict[str, Any], kind: type[Exception], said: str, tmp_path: Path
) -> None:
    write_bundle(tmp_path / "b", SEGRESNET, **changes)
    with pytest.raises(kind, match=said):
        import_model(tmp_path / "b", tmp_path / "m")
    assert not (tmp_path / "m").exists()


def test_an_overlap_that_is_told_axis_by_axis_is_taken(tmp_path: Path) -> None:
    write_bundle(tmp_path / "b", SEGRESNET, inferer={**WINDOW, "overlap": [0.5, 0.5, 0.5]})
    foreign = import_model(tmp_path / "b", tmp_path / "m").card.imported
    assert foreign is not None
    assert foreign.overlap == 0.5


def test_a_wrong_number_of_channels_is_refused(tmp_path: Path) -> None:
    write_bundle(tmp_path / "b", SEGRESNET)
    choices = Choices(channels=("t1", "t2", "flair"))
    with pytest.raises(StudyError, match=r"sees 3 sequences.*--channels"):
        import_model(tmp_path / "b", tmp_path / "m", choices=choices)
