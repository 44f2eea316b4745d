"""Tiny networks of others, as their folders look on disk."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import numpy as np
import torch

from gliokit.networks import PlannedUNet, UNetSizes

SIZES = UNetSizes(
    residual=False,
    features=(4, 6, 8),
    kernels=((1, 3, 3), (3, 3, 3), (3, 3, 3)),
    strides=((1, 1, 1), (1, 2, 2), (2, 2, 2)),
    convolutions=(2, 1, 2),
    decoder_convolutions=(1, 2),
    bias=True,
)
REGIONS = {"background": 0, "whole": [1, 2, 3], "core": [2, 3], "enhancing": [3]}
LABELS = {"background": 0, "edema": 1, "non_enhancing_core": 2, "enhancing tumor": 3}


def plans(sizes: UNetSizes, **changes: Any) -> dict[str, Any]:
    """Plans of one configuration, `3d_fullres`, that inherits its normalisation."""
    base = {
        "normalization_schemes": ["ZScoreNormalization"] * 4,
        "use_mask_for_norm": [True] * 4,
        "patch_size": [8, 16, 16],
    }
    key = "n_blocks_per_stage" if sizes.residual else "n_conv_per_stage"
    name = "ResidualEncoderUNet" if sizes.residual else "PlainConvUNet"
    architecture = {
        "network_class_name": f"dynamic_network_architectures.architectures.unet.{name}",
        "arch_kwargs": {
            "n_stages": len(sizes.features),
            "features_per_stage": list(sizes.features),
            "conv_op": "torch.nn.modules.conv.Conv3d",
            "kernel_sizes": [list(k) for k in sizes.kernels],
            "strides": [list(s) for s in sizes.strides],
            key: list(sizes.convolutions),
            "n_conv_per_stage_decoder": list(sizes.decoder_convolutions),
            "conv_bias": sizes.bias,
            "norm_op": "torch.nn.modules.instancenorm.InstanceNorm3d",
            "norm_op_kwargs": {"eps": 1e-5, "affine": True},
            "dropout_op": None,
            "nonlin": "torch.nn.LeakyReLU",
            "nonlin_kwargs": {"inplace": True},
        },
    }
    own = {"inherits_from": "base", "spacing": [1.0, 1.0, 1.0], "architecture": architecture}
    return {
        "dataset_name": "Dataset137_Tiny",
        "image_reader_writer": "SimpleITKIO",
        "transpose_forward": [0, 1, 2],
        "configurations": {"base": base, "3d_fullres": {**own, **changes}},
    }


def write_nnunet(
    folder: Path,
    sizes: UNetSizes = SIZES,
    *,
    labels: dict[str, Any] = REGIONS,
    folds: int = 1,
    mirror: tuple[int, ...] | None = (0, 1, 2),
    **changes: Any,
) -> dict[str, PlannedUNet]:
    """A model folder; gives the networks of its folds."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "plans.json").write_text(json.dumps(plans(sizes, **changes)))
    names = {"0": "T1", "1": "T1ce", "2": "T2", "3": "Flair"}
    dataset = {"channel_names": names, "labels": labels, "regions_class_order": [1, 2, 3]}
    (folder / "dataset.json").write_text(json.dumps(dataset))
    outputs = len(labels) - (1 if any(isinstance(v, list) for v in labels.values()) else 0)
    made = {}
    for fold in range(folds):
        torch.manual_seed(fold)
        network = PlannedUNet(len(names), outputs, sizes).eval()
        state = {f"_orig_mod.{k}": v for k, v in network.state_dict().items()}
        # As nnU-Net's modules, whose parts have two names.
        state |= {
            k.replace(".conv.", ".all_modules.0."): v for k, v in state.items() if ".conv." in k
        }
        path = folder / f"fold_{fold}" / "checkpoint_final.pth"
        path.parent.mkdir()
        checkpoint = {
            "network_weights": state,
            "logging": {"train_losses": [np.float64(0.5), np.float32(0.25)]},
            "init_args": {"configuration": "3d_fullres", "fold": fold},
            "inference_allowed_mirroring_axes": mirror,
        }
        torch.save(checkpoint, path)
        made[path.parent.name] = network
    return made


SEGRESNET = {"_target_": "SegResNet", "in_channels": 4, "out_channels": 3, "init_filters": 8}
UNET = {
    "_target_": "monai.networks.nets.UNet",
    "spatial_dims": 3,
    "in_channels": 4,
    "out_channels": 3,
    "channels": "@widths",
    "strides": [2],
}


def write_bundle(
    folder: Path,
    network: dict[str, Any],
    *,
    transforms: list[dict[str, Any]] | None = None,
    metadata: bool = True,
    yaml: bool = False,
    **changes: Any,
) -> torch.nn.Module:
    """A bundle as MONAI's own for BraTS is laid out; gives its network."""
    from monai.networks import nets

    (folder / "configs").mkdir(parents=True)
    (folder / "models").mkdir()
    scores = {"_target_": "NormalizeIntensityd", "nonzero": True, "channel_wise": True}
    steps = [{"_target_": "LoadImaged"}, scores] if transforms is None else transforms
    config = {
        "device": "$torch.device('cuda:0')",
        "widths": [4, 8],
        "network_def": network,
        "network": "$@network_def.to(@device)",
        "preprocessing": {
            "_target_": "Compose",
            "transforms": steps,
        },
        "inferer": {
            "_target_": "SlidingWindowInferer",
            "roi_size": [16, 16, 8],
            "overlap": 0.5,
            "mode": "gaussian",
        },
        **changes,
    }
    name = "inference.yaml" if yaml else "inference.json"
    (folder / "configs" / name).write_text(json.dumps(config))  # JSON is YAML too
    inputs = {"channel_def": {"0": "T1c", "1": "T1", "2": "T2", "3": "FLAIR"}}
    outputs = {"channel_def": {"0": "Tumor core", "1": "Whole tumor", "2": "Enhancing tumor"}}
    formats = {"inputs": {"image": inputs}, "outputs": {"pred": outputs}}
    if metadata:
        content = json.dumps({"network_data_format": formats})
        (folder / "configs" / "metadata.json").write_text(content)
    torch.manual_seed(0)
    kind = str(network["_target_"]).rpartition(".")[2]
    settings = {k: v for k, v in network.items() if k != "_target_"}
    if settings.get("channels") == "@widths":
        settings["channels"] = [4, 8]
    made: torch.nn.Module = getattr(nets, kind)(**settings).eval()
    torch.save({"model": made.state_dict()}, folder / "models" / "model.pt")
    return made
