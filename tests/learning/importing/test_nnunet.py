"""nnU-Net v2 model folders: read without running code, converted, and run as nnU-Net would."""

from __future__ import annotations

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (extra 'train')")

from gliokit.inference import Foreign, load_model  # noqa: E402
from gliokit.learning.importing.meaning import (  # noqa: E402
    channels_of,
    outputs_of,
    outputs_of_labels,
)
from gliokit.learning.importing.nnunet import weights_of  # noqa: E402
from gliokit.learning.importing.original import Choices  # noqa: E402
from gliokit.learning.importing.run import import_model  # noqa: E402
from gliokit.networks import PlannedUNet, UNetSizes  # noqa: E402
from gliokit.study import StudyError, UsageError  # noqa: E402
from tests.learning.importing.foreign_models import (  # noqa: E402
    LABELS,
    REGIONS,
    SIZES,
    write_nnunet,
)

RESIDUAL = UNetSizes(**(SIZES.model_dump() | {"residual": True}))


def foreign_of(folder: Path) -> Foreign:
    found = load_model(folder).card.imported
    assert found is not None
    return found


@pytest.mark.parametrize("sizes", [SIZES, RESIDUAL], ids=["plain", "residual"])
def test_an_imported_network_answers_as_its_original(sizes: UNetSizes, tmp_path: Path) -> None:
    originals = write_nnunet(tmp_path / "nn", sizes, folds=2)
    made = import_model(tmp_path / "nn", tmp_path / "model")
    assert set(made.apart) == {"fold_0", "fold_1"}
    assert max(made.apart.values()) < 1e-4
    model = load_model(tmp_path / "model")
    image = np.random.default_rng(1).normal(size=(4, 8, 16, 16)).astype(np.float32)
    for name, original in originals.items():
        with torch.no_grad():
            expected = original(torch.from_numpy(image)[None])[0].numpy()
        assert np.abs(model.networks[name](image) - expected).max() < 1e-3
    assert made.card.training["agreement"] == made.apart


@pytest.mark.parametrize("sizes", [SIZES, RESIDUAL], ids=["plain", "residual"])
def test_networks_are_those_of_nnunets_own_package(sizes: UNetSizes) -> None:
    unet = pytest.importorskip(
        "dynamic_network_architectures.architectures.unet",
        reason="dynamic-network-architectures is not installed",
    )
    kind = unet.ResidualEncoderUNet if sizes.residual else unet.PlainConvUNet
    counts = {"n_blocks_per_stage" if sizes.residual else "n_conv_per_stage": sizes.convolutions}
    theirs = kind(
        input_channels=4,
        n_stages=3,
        features_per_stage=sizes.features,
        conv_op=torch.nn.Conv3d,
        kernel_sizes=sizes.kernels,
        strides=sizes.strides,
        num_classes=3,
        n_conv_per_stage_decoder=sizes.decoder_convolutions,
        conv_bias=True,
        norm_op=torch.nn.InstanceNorm3d,
        norm_op_kwargs={"eps": 1e-5, "affine": True},
        nonlin=torch.nn.LeakyReLU,
        nonlin_kwargs={"inplace": True},
        **counts,
    ).eval()
    ours = PlannedUNet(4, 3, sizes).eval()
    ours.load_state_dict(weights_of(theirs.state_dict()))
    image = torch.randn(1, 4, 8, 16, 16)
    with torch.no_grad():
        assert torch.allclose(ours(image), theirs(image), atol=1e-5)


def test_the_card_says_how_the_network_is_run(tmp_path: Path) -> None:
    write_nnunet(tmp_path / "nn")
    card = import_model(tmp_path / "nn", tmp_path / "model").card
    assert card.channels == ("t1", "t1c", "t2", "flair")
    assert not card.trained_on_known
    assert foreign_of(tmp_path / "model") == Foreign(
        source="nnU-Net v2",
        orientation="SPL",
        spacing_mm=(1, 1, 1),
        patch=(8, 16, 16),
        normalisation="brain",
        activation="sigmoid",
        outputs=("WT", "TC", "ET"),
        mirror_axes=(0, 1, 2),
    )


def test_choices_win_over_the_files(tmp_path: Path) -> None:
    write_nnunet(tmp_path / "nn", labels=LABELS, folds=2, use_mask_for_norm=[False] * 4)
    choices = Choices(
        channels=("flair", "t2", "t1", "t1c"),
        outputs=("ET", "ED", "NCR"),
        orientation="RAS",
        folds=("1",),
        mirror=False,
    )
    made = import_model(tmp_path / "nn", tmp_path / "model", choices=choices, name="mine")
    assert (made.card.name, made.card.channels[0]) == ("mine", "flair")
    assert list(made.apart) == ["fold_1"]
    foreign = foreign_of(tmp_path / "model")
    assert (foreign.orientation, foreign.mirror_axes) == ("SAR", ())
    assert foreign.outputs == ("BACKGROUND", "ET", "ED", "NCR")
    assert (foreign.activation, foreign.normalisation) == ("softmax", "box")


def test_early_plans_name_no_architecture(tmp_path: Path) -> None:
    early = {
        "architecture": None,
        "UNet_class_name": "PlainConvUNet",
        "UNet_base_num_features": 4,
        "unet_max_num_features": 6,
        "n_conv_per_stage_encoder": [2, 1, 2],
        "n_conv_per_stage_decoder": [1, 2],
        "pool_op_kernel_sizes": [list(s) for s in SIZES.strides],
        "conv_kernel_sizes": [list(k) for k in SIZES.kernels],
    }
    sizes = SIZES.model_copy(update={"features": (4, 6, 6)})
    write_nnunet(tmp_path / "nn", sizes, **early)
    path = tmp_path / "nn" / "plans.json"
    path.write_text(path.read_text().replace('"architecture": null, ', ""))
    assert import_model(tmp_path / "nn", tmp_path / "model").apart["fold_0"] < 1e-4


class _Runs:
    def __reduce__(self) -> tuple[Any, ...]:
        return os.mkdir, ("it-ran",)


def test_weights_that_would_run_code_are_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    write_nnunet(tmp_path / "nn")
    torch.save({"network_weights": {}, "extra": _Runs()}, "nn/fold_0/checkpoint_final.pth")
    with pytest.raises(StudyError, match="tensors, numbers and texts"):
        import_model(tmp_path / "nn", tmp_path / "model")
    assert not (tmp_path / "it-ran").exists()
    assert not (tmp_path / "model").exists()


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"normalization_schemes": ["CTNormalization"] * 4}, "ZScoreNormalization"),
        ({"use_mask_for_norm": [True, False, True, True]}, "all in the brain or none"),
        ({"patch_size": [16, 16]}, "three dimensions"),
        ({"previous_stage": "3d_lowres"}, "cascade"),
        ({"architecture": {"network_class_name": "a.Primus", "arch_kwargs": {}}}, "Primus"),
    ],
)
def test_what_gliokit_cannot_run_is_refused(
    changes: dict[str, Any], rule: str, tmp_path: Path
) -> None:
    write_nnunet(tmp_path / "nn", **changes)
    with pytest.raises(UsageError, match=rule):
        import_model(tmp_path / "nn", tmp_path / "model")


def test_weights_of_another_network_are_refused(tmp_path: Path) -> None:
    write_nnunet(tmp_path / "nn")
    write_nnunet(tmp_path / "other", SIZES.model_copy(update={"features": (4, 6, 12)}))
    name = "fold_0/checkpoint_final.pth"
    (tmp_path / "nn" / name).write_bytes((tmp_path / "other" / name).read_bytes())
    with pytest.raises(StudyError, match="that the plans describe"):
        import_model(tmp_path / "nn", tmp_path / "model")


def test_a_fold_and_a_model_that_are_not_there_are_refused(tmp_path: Path) -> None:
    write_nnunet(tmp_path / "nn")
    with pytest.raises(UsageError, match="found 3"):
        import_model(tmp_path / "nn", tmp_path / "m", choices=Choices(folds=("3",)))
    (tmp_path / "empty").mkdir()
    with pytest.raises(UsageError, match="found neither"):
        import_model(tmp_path / "empty", tmp_path / "m")


def test_labels_are_told_by_name_and_regions_by_what_they_hold() -> None:
    assert outputs_of_labels(REGIONS, "") == ("WT", "TC", "ET")
    assert outputs_of_labels({"background": 0, "a": [3], "b": [1, 2, 3], "c": [1, 3]}, "") == (
        "ET", "WT", "TC",
    )  # fmt: skip
    assert outputs_of_labels(LABELS, "") == ("BACKGROUND", "ED", "NCR", "ET")
    assert outputs_of_labels({"tumour": 1, "background": 0}, "") == ("BACKGROUND", "WT")
    assert outputs_of(("wt", "et", "tc"), "") == ("WT", "ET", "TC")
    for strange in ({"background": 0, "stroke": 1}, {"a": [1, 2], "b": [2, 3], "c": [3]}):
        with pytest.raises(UsageError, match="--outputs"):
            outputs_of_labels(strange, "")
    with pytest.raises(UsageError, match="--outputs"):
        outputs_of(("WT", "RC"), "")


def test_channels_are_told_by_name() -> None:
    assert channels_of(("T1c", "T1", "T2", "FLAIR"), "") == ("t1c", "t1", "t2", "flair")
    for names in (("T1", "T1"), ("MRI",), ()):
        with pytest.raises(UsageError, match="--channels"):
            channels_of(names, "")


def spoilt(folder: Path, file: str, spoil: Callable[[dict[str, Any]], object]) -> None:
    content = json.loads((folder / file).read_text())
    spoil(content)
    (folder / file).write_text(json.dumps(content))


@pytest.mark.parametrize(
    ("file", "spoil", "said"),
    [
        ("plans", lambda p: p["configurations"]["3d_fullres"].pop("spacing"), "under 'spacing'"),
        (
            "plans",
            lambda p: p["configurations"]["3d_fullres"].update(inherits_from="3d_fullres"),
            "leads back to itself",
        ),
        ("plans", lambda p: p["configurations"].update({"3d_fullres": None}), "NoneType"),
        ("plans", lambda p: p.update(configurations=None), "NoneType"),
        ("plans", lambda p: p.update(transpose_forward=[0, 1, 5]), "out of range"),
        ("plans", lambda p: p.update(transpose_forward=[0, 1, 1]), "three axes"),
        ("plans", lambda p: p.update(transpose_forward=None), "NoneType"),
        ("plans", lambda p: p["configurations"]["base"].update(patch_size=[0, 16, 16]), "above 0"),
        ("plans", lambda p: p["configurations"]["base"].update(patch_size=[9, 15, 9]), "windows"),
        (
            "plans",
            lambda p: p["configurations"]["3d_fullres"]["architecture"]["arch_kwargs"].update(
                strides=[[1, 1, 1]]
            ),
            "shorter",
        ),
        ("dataset", lambda d: d.update(channel_names=["T1", "T1ce", "T2", "Flair"]), "list"),
        ("dataset", lambda d: d.update(labels=["background", "tumour"]), "list"),
    ],
)
def test_a_malformed_folder_is_refused_with_what_was_read(
    file: str, spoil: Callable[[dict[str, Any]], object], said: str, tmp_path: Path
) -> None:
    write_nnunet(tmp_path / "nn")
    spoilt(tmp_path / "nn", f"{file}.json", spoil)
    with pytest.raises(StudyError, match=f"(nn: plans.json|fold_0: the network sees).*{said}"):
        import_model(tmp_path / "nn", tmp_path / "model")
    assert not (tmp_path / "model").exists()


def test_a_checkpoint_without_its_configuration_is_told_by_the_folder(tmp_path: Path) -> None:
    folder = tmp_path / "nnUNetTrainer__nnUNetPlans__3d_fullres"
    write_nnunet(folder)
    path = folder / "fold_0" / "checkpoint_final.pth"
    torch.save({**torch.load(path, weights_only=False), "init_args": None}, path)
    assert import_model(folder, tmp_path / "model").apart["fold_0"] < 1e-4
