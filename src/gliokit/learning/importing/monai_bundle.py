"""A MONAI bundle: a network that its configuration names, and its weights."""

from __future__ import annotations

import json
from collections.abc import Mapping
from importlib import import_module
from pathlib import Path
from typing import Any

from torch import nn

from gliokit.inference import BACKGROUND, Foreign
from gliokit.learning.importing.checkpoint import load_checkpoint
from gliokit.learning.importing.meaning import channels_of, outputs_of
from gliokit.learning.importing.original import Choices, Original
from gliokit.study import MissingExtraError, StudyError, UsageError

__all__ = ["is_monai_bundle", "read_monai_bundle"]

CONFIGS = ("configs/inference.json", "configs/inference.yaml", "configs/inference.yml")
NETWORKS = ("SegResNet", "SegResNetVAE", "UNet", "BasicUNet", "DynUNet", "VNet", "AttentionUnet")
"""Networks of MONAI that take an image and give one answer, and need no code of a bundle."""

STORED = "LPS"
WEIGHTS = "models/model.pt"


def is_monai_bundle(folder: Path) -> bool:
    """Whether a folder holds a configuration of inference and weights."""
    return any((folder / c).is_file() for c in CONFIGS) and (folder / WEIGHTS).is_file()


def read_monai_bundle(folder: Path, choices: Choices) -> Original:
    """The network of a bundle, with its weights, and how it is run.

    Expressions of the configuration ('$...') are never run: a bundle that needs them for
    its network or its window is refused. Bundles don't say in a fixed place what their
    channels are: the metadata is asked, then the user.

    Raises:
        UsageError: a network or a transform that gliokit can't run, or channels or outputs
            that nobody names.
        StudyError: a file can't be read, or the weights are of another network.
        MissingExtraError: MONAI is not installed.
    """
    path = next(folder / c for c in CONFIGS if (folder / c).is_file())
    config = _read(path)
    definition = _plain(config.get("network_def", config.get("network")), config, path)
    channels, outputs = _meaning(folder, choices)
    network = _network(definition, folder, path)
    inferer = _plain(config.get("inferer"), config, path)
    foreign = Foreign(
        source="MONAI bundle",
        orientation=choices.orientation or _orientation(config),
        spacing_mm=_spacing_mm(config, path),
        patch=_patch(inferer, path),
        overlap=_overlap(inferer, path),
        window=inferer.get("mode", "constant"),
        normalisation=_normalisation(config, path),
        activation="softmax" if BACKGROUND in outputs else "sigmoid",
        outputs=outputs,
    )
    return Original({"model": network}, foreign, channels, folder.resolve().name)


def _read(path: Path) -> dict[str, Any]:
    try:
        text = path.read_text(encoding="utf-8")
        if path.suffix == ".json":
            content = json.loads(text)
        else:
            try:
                yaml = import_module("yaml")
            except ImportError as error:
                raise MissingExtraError("a bundle whose configuration is YAML", "train") from error
            content = yaml.safe_load(text)
    except (OSError, ValueError) as error:
        raise StudyError("the configuration can be read", source=path, found=str(error)) from error
    if not isinstance(content, dict):
        raise StudyError("the configuration is a mapping", source=path)
    return content


def _plain(part: Any, config: Mapping[str, Any], path: Path) -> Any:
    """A part of a configuration with its references ('@name') followed, without expressions."""
    if isinstance(part, str) and part.startswith("@"):
        target: Any = config
        for key in part[1:].replace("::", "#").split("#"):
            if not isinstance(target, Mapping) or key not in target:
                raise _unclear(path, part)
            target = target[key]
        return _plain(target, config, path)
    if isinstance(part, str) and part.startswith(("$", "%")):
        raise _unclear(path, part)
    if isinstance(part, Mapping):
        kept = {k: v for k, v in part.items() if k not in ("network", "sw_device", "device")}
        return {k: _plain(v, config, path) for k, v in kept.items()}
    if isinstance(part, list):
        return [_plain(v, config, path) for v in part]
    if part is None:
        raise UsageError("the configuration holds 'network_def' and 'inferer'", source=path)
    return part


def _unclear(path: Path, found: str) -> UsageError:
    return UsageError(
        "the network and its window are plain values; nothing of a bundle is run",
        source=path,
        found=found,
        way_out="Write the value itself into the configuration.",
    )


def _network(definition: Mapping[str, Any], folder: Path, path: Path) -> nn.Module:
    name = str(definition.get("_target_", "")).rpartition(".")[2]
    if name not in NETWORKS:
        raise UsageError(f"the network is one of {', '.join(NETWORKS)}", source=path, found=name)
    try:
        from monai.networks import nets
    except ImportError as error:
        raise MissingExtraError("a MONAI bundle", "train") from error
    settings = {k: v for k, v in definition.items() if not k.startswith("_")}
    content = load_checkpoint(folder / WEIGHTS)
    state = next((content[k] for k in ("model", "state_dict") if k in content), content)
    try:
        network: nn.Module = getattr(nets, name)(**settings)
        network.load_state_dict(state)
    except (TypeError, ValueError, RuntimeError, AttributeError) as error:
        raise StudyError(
            "the weights are those of the network that the configuration describes",
            source=folder / WEIGHTS,
            found=" ".join(str(error).split())[:300],
        ) from error
    return network


def _patch(inferer: Mapping[str, Any], path: Path) -> tuple[int, int, int]:
    if not str(inferer.get("_target_", "")).endswith("SlidingWindowInferer"):
        raise UsageError(
            "the image is seen by a SlidingWindowInferer",
            source=path,
            found=inferer.get("_target_"),
        )
    size = inferer.get("roi_size", ())
    patch = (size,) * 3 if isinstance(size, int) else tuple(size)
    if len(patch) != 3:
        raise UsageError("'roi_size' holds three numbers", source=path, found=list(patch))
    return (int(patch[0]), int(patch[1]), int(patch[2]))


def _overlap(inferer: Mapping[str, Any], path: Path) -> float:
    """One part for all axes; MONAI takes one for each too."""
    found = inferer.get("overlap", 0.25)
    each = found if isinstance(found, list) else [found]
    if len(set(each)) != 1:
        raise UsageError("windows overlap alike along all axes", source=path, found=found)
    return float(each[0])


def _transforms(config: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    part = config.get("preprocessing", {})
    found = part.get("transforms", []) if isinstance(part, Mapping) else []
    return [t for t in found if isinstance(t, Mapping) and not bool(t.get("_disabled_", False))]


def _named(config: Mapping[str, Any], name: str) -> Mapping[str, Any] | None:
    return next((t for t in _transforms(config) if str(t.get("_target_", "")).endswith(name)), None)


def _orientation(config: Mapping[str, Any]) -> str:
    turn = _named(config, "Orientationd")
    return STORED if turn is None else str(turn.get("axcodes"))


def _spacing_mm(config: Mapping[str, Any], path: Path) -> tuple[float, float, float]:
    """Of the transform that resamples; BraTS's 1 mm where there is none."""
    resampled = _named(config, "Spacingd")
    pixdim = (1.0, 1.0, 1.0) if resampled is None else tuple(resampled.get("pixdim", ()))
    if len(pixdim) != 3:
        raise UsageError("'pixdim' of Spacingd holds three numbers", source=path, found=pixdim)
    return (float(pixdim[0]), float(pixdim[1]), float(pixdim[2]))


def _normalisation(config: Mapping[str, Any], path: Path) -> str:
    scores = _named(config, "NormalizeIntensityd")
    if scores is None or scores.get("channel_wise") is not True:
        raise UsageError(
            "sequences are normalised by NormalizeIntensityd, each on its own",
            source=path,
            found="none" if scores is None else "channel_wise not true",
        )
    return "nonzero" if scores.get("nonzero") is True else "box"


def _meaning(folder: Path, choices: Choices) -> tuple[Any, tuple[str, ...]]:
    """Sequences and outputs: of the user, else of the metadata's channel definitions."""
    channels, outputs = choices.channels, choices.outputs
    metadata = folder / "configs" / "metadata.json"
    if metadata.is_file() and not (channels and outputs):
        formats = _read(metadata).get("network_data_format", {})
        channels = channels or _definitions(formats.get("inputs", {}))
        outputs = outputs or _short(_definitions(formats.get("outputs", {})))
    return channels_of(channels, metadata), outputs_of(outputs, metadata)


def _definitions(part: Any) -> tuple[str, ...]:
    first: Any = next(iter(part.values()), {}) if isinstance(part, Mapping) else {}
    names = first.get("channel_def", {}) if isinstance(first, Mapping) else {}
    return tuple(str(names[k]) for k in sorted(names, key=int))


def _short(names: tuple[str, ...]) -> tuple[str, ...]:
    short = {"whole tumor": "WT", "tumor core": "TC", "enhancing tumor": "ET"}
    return tuple(short.get(n.lower().replace("tumour", "tumor"), n) for n in names)
