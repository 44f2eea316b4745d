"""An nnU-Net v2 model folder: plans, data set and the weights of its folds."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from pydantic import ValidationError
from torch import Tensor, nn

from gliokit.inference import BACKGROUND, Foreign
from gliokit.learning.importing.checkpoint import load_checkpoint
from gliokit.learning.importing.meaning import channels_of, outputs_of, outputs_of_labels
from gliokit.learning.importing.original import Choices, Original
from gliokit.networks import PlannedUNet, UNetSizes
from gliokit.study import StudyError, UsageError

__all__ = ["is_nnunet", "read_nnunet", "weights_of"]

STORED, REORIENTED = "LPS", "RAS"
"""nnU-Net sees voxels as they are stored, which BraTS does in LPS, but for one reader."""

CHECKPOINTS = ("checkpoint_final.pth", "checkpoint_best.pth")
PLAIN, RESIDUAL = "PlainConvUNet", "ResidualEncoderUNet"


def is_nnunet(folder: Path) -> bool:
    """Whether a folder holds plans and a data set of nnU-Net v2."""
    return (folder / "plans.json").is_file() and (folder / "dataset.json").is_file()


def read_nnunet(folder: Path, choices: Choices) -> Original:
    """The networks of a model folder, with their weights, and how they are run.

    Args:
        folder: Of one configuration, `TRAINER__PLANS__CONFIGURATION`.
        choices: What the user says; wins over what the files say.

    Raises:
        UsageError: a configuration, normalisation, architecture or label that gliokit
            can't run; a fold that isn't there.
        StudyError: a file can't be read, or the weights are of another network.
    """
    plans, dataset = _json(folder / "plans.json"), _json(folder / "dataset.json")
    folds = _folds(folder, choices.folds)
    states = [load_checkpoint(path) for path in folds]
    name = _configuration_name(folder, states[0])
    configuration = _configuration(plans, name, folder)
    by_labels = outputs_of_labels(dataset.get("labels", {}), folder / "dataset.json")
    outputs = by_labels if not choices.outputs else outputs_of(choices.outputs, "--outputs")
    named = choices.channels or tuple(dataset.get("channel_names", {}).values())
    channels = channels_of(named, folder / "dataset.json")
    sizes = _sizes(configuration, folder)
    mirrors = states[0].get("inference_allowed_mirroring_axes") or ()
    foreign = Foreign(
        source="nnU-Net v2",
        orientation=_orientation(configuration, plans, choices.orientation),
        spacing_mm=tuple(configuration["spacing"]),
        patch=tuple(configuration["patch_size"]),
        overlap=0.5,
        window="gaussian",
        normalisation=_normalisation(configuration, folder),
        activation="softmax" if BACKGROUND in outputs else "sigmoid",
        outputs=outputs,
        mirror_axes=tuple(mirrors) if choices.mirror else (),
    )
    networks = {
        path.parent.name: _network(len(channels), len(outputs), sizes, state, path)
        for path, state in zip(folds, states, strict=True)
    }
    return Original(networks, foreign, channels, f"{plans.get('dataset_name', '')} {name}".strip())


def weights_of(state: Mapping[str, Tensor]) -> dict[str, Tensor]:
    """The parameters of a checkpoint, each once.

    nnU-Net's modules hold their parts under several names, and compiling or training on
    several GPUs puts a word before all of them.
    """
    plain = {k.removeprefix("_orig_mod.").removeprefix("module."): v for k, v in state.items()}
    return {
        k: v
        for k, v in plain.items()
        if ".all_modules." not in k and not k.startswith("decoder.encoder.")
    }


def _json(path: Path) -> dict[str, Any]:
    try:
        content = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StudyError("the file holds JSON", source=path, found=str(error)) from error
    if not isinstance(content, dict):
        raise StudyError("the file holds a JSON object", source=path, found=type(content).__name__)
    return content


def _folds(folder: Path, wanted: Sequence[str]) -> list[Path]:
    """The checkpoint of each fold: those asked for, or all."""
    there = {
        f.name.removeprefix("fold_"): next((f / c for c in CHECKPOINTS if (f / c).is_file()), None)
        for f in sorted(folder.glob("fold_*"))
    }
    found = {name: path for name, path in there.items() if path is not None}
    if missing := [name for name in wanted if name not in found]:
        raise UsageError(
            f"folds that were trained are {', '.join(found) or 'none'}",
            source=folder,
            found=", ".join(missing),
        )
    if not found:
        raise UsageError(f"a model folder of nnU-Net holds fold_0/{CHECKPOINTS[0]}", source=folder)
    return [found[name] for name in (wanted or found)]


def _configuration_name(folder: Path, state: Mapping[str, Any]) -> str:
    stored = (state.get("init_args") or {}).get("configuration")
    return str(stored or folder.name.rpartition("__")[2])


def _configuration(plans: Mapping[str, Any], name: str, folder: Path) -> dict[str, Any]:
    """A configuration with all that it inherits."""
    known = plans.get("configurations", {})
    if name not in known or len(known[name].get("patch_size", (0, 0, 0))) != 3:
        raise UsageError(
            "the configuration is one of three dimensions that the plans hold",
            source=folder,
            found=name,
            way_out="Give the folder of a 3d_fullres configuration.",
        )
    own = dict(known[name])
    parent = own.pop("inherits_from", None)
    merged = {**_configuration(plans, parent, folder), **own} if parent else own
    if merged.get("previous_stage"):
        raise UsageError("a cascade is not imported: its second stage sees the first", found=name)
    return merged


def _orientation(configuration: Mapping[str, Any], plans: Mapping[str, Any], asked: str) -> str:
    """Where the network's axes point: stored axes the other way round, then transposed."""
    reorients = plans.get("image_reader_writer") == "NibabelIOWithReorient"
    stored = asked or (REORIENTED if reorients else STORED)
    reversed_axes = stored[::-1]
    order = plans.get("transpose_forward", [0, 1, 2])
    return "".join(reversed_axes[a] for a in order)


def _normalisation(configuration: Mapping[str, Any], folder: Path) -> str:
    schemes = set(configuration.get("normalization_schemes", ()))
    masks = set(configuration.get("use_mask_for_norm", ()))
    if schemes != {"ZScoreNormalization"} or len(masks) != 1:
        raise UsageError(
            "all sequences are normalised by ZScoreNormalization, all in the brain or none",
            source=folder / "plans.json",
            found=f"{sorted(schemes)}, masks {sorted(masks)}",
            way_out="Networks with other schemes are not imported.",
        )
    return "brain" if masks == {True} else "box"


def _sizes(configuration: Mapping[str, Any], folder: Path) -> UNetSizes:
    try:
        if "architecture" in configuration:
            return _sizes_of_architecture(configuration["architecture"])
        return _sizes_of_early_plans(configuration)
    except (KeyError, TypeError, ValidationError) as error:
        raise UsageError(
            f"the architecture is {PLAIN} or {RESIDUAL}, as nnU-Net plans it",
            source=folder / "plans.json",
            found=str(error).splitlines()[0],
        ) from error


def _sizes_of_architecture(architecture: Mapping[str, Any]) -> UNetSizes:
    name = str(architecture["network_class_name"]).rpartition(".")[2]
    if name not in (PLAIN, RESIDUAL):
        raise TypeError(name)
    plan = architecture["arch_kwargs"]
    n = plan["n_stages"]
    norm = plan.get("norm_op_kwargs") or {}
    stages = plan["n_blocks_per_stage" if name == RESIDUAL else "n_conv_per_stage"]
    return UNetSizes(
        residual=name == RESIDUAL,
        features=_each(plan["features_per_stage"], n),
        kernels=tuple(_triple(k) for k in _each(plan["kernel_sizes"], n)),
        strides=tuple(_triple(s) for s in _each(plan["strides"], n)),
        convolutions=_each(stages, n),
        decoder_convolutions=_each(plan["n_conv_per_stage_decoder"], n - 1),
        bias=bool(plan.get("conv_bias", False)),
        norm=_kind(plan["norm_op"], {"InstanceNorm3d": "instance", "BatchNorm3d": "batch"}),
        norm_eps=norm.get("eps", 1e-5),
        norm_affine=norm.get("affine", "BatchNorm" in plan["norm_op"]),
        activation=_kind(plan["nonlin"], {"LeakyReLU": "leaky", "ReLU": "relu"}),
    )


def _sizes_of_early_plans(plan: Mapping[str, Any]) -> UNetSizes:
    """Plans of nnU-Net before 2.4, which name no architecture."""
    if plan["UNet_class_name"] not in (PLAIN, RESIDUAL):
        raise TypeError(plan["UNet_class_name"])
    strides = tuple(_triple(s) for s in plan["pool_op_kernel_sizes"])
    first, most = plan["UNet_base_num_features"], plan["unet_max_num_features"]
    return UNetSizes(
        residual=plan["UNet_class_name"] == RESIDUAL,
        features=tuple(min(first * 2**level, most) for level in range(len(strides))),
        kernels=tuple(_triple(k) for k in plan["conv_kernel_sizes"]),
        strides=strides,
        convolutions=tuple(plan["n_conv_per_stage_encoder"]),
        decoder_convolutions=tuple(plan["n_conv_per_stage_decoder"]),
        bias=True,
    )


def _each(value: Any, n: int) -> tuple[Any, ...]:
    return (value,) * n if isinstance(value, int) else tuple(value)


def _triple(value: Any) -> Any:
    return (value,) * 3 if isinstance(value, int) else tuple(value)


def _kind(path: str, kinds: Mapping[str, Any]) -> Any:
    return kinds[str(path).rpartition(".")[2]]


def _network(
    inputs: int, outputs: int, sizes: UNetSizes, state: Mapping[str, Any], path: Path
) -> nn.Module:
    network = PlannedUNet(inputs, outputs, sizes)
    try:
        network.load_state_dict(weights_of(state["network_weights"]))
    except (KeyError, RuntimeError, AttributeError) as error:
        raise StudyError(
            "the weights are those of the network that the plans describe",
            source=path,
            found=" ".join(str(error).split())[:300],
        ) from error
    return network
