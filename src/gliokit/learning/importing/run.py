"""`gliokit models import`: from a foreign model folder to one of gliokit."""

from __future__ import annotations

import hashlib
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from gliokit.inference import Foreign, ModelCard, Network, Stage, TrainingPatient
from gliokit.learning.importing.monai_bundle import is_monai_bundle, read_monai_bundle
from gliokit.learning.importing.nnunet import is_nnunet, read_nnunet
from gliokit.learning.importing.original import Choices, Original
from gliokit.study import BRATS, WHOLE_TUMOUR, StudyError, UsageError, output_folder

__all__ = ["Imported", "import_model"]

AGREEMENT = 1e-3
MALFORMED = (KeyError, TypeError, ValueError, IndexError, AttributeError, RecursionError)
"""What reading files raises that hold something else than they should."""
LIMITS = (
    "Research use only; not a medical device.",
    "Imported: what its authors say of it holds; gliokit has not judged it.",
)


@dataclass(frozen=True, slots=True)
class Imported:
    """What was made.

    Args:
        card: Of the model folder.
        apart: Network -> the largest difference of probabilities between the original in
            torch and the converted one, on a random image.
    """

    card: ModelCard
    apart: dict[str, float]


def import_model(
    folder: Path,
    out: Path,
    *,
    choices: Choices | None = None,
    name: str = "",
    trained_on: tuple[TrainingPatient, ...] = (),
    licence: str = "",
    progress: Callable[[str], None] = lambda _: None,
) -> Imported:
    """Convert a network from outside to ONNX, with a card that says how it is run.

    Weights are read without running code, and kept in 32-bit floats. Each converted
    network is run beside its original before the model appears.

    Args:
        folder: An nnU-Net v2 model folder or a MONAI bundle.
        out: The model folder to write, new or empty.
        choices: What the files don't say, or say wrongly.
        name: Of the model; else what it is called where it comes from.
        trained_on: Patients that the network has seen, where they are known.
        licence: Of the weights.
        progress: Told which network begins.

    Raises:
        UsageError: the folder is neither, or holds what gliokit can't run.
        StudyError: a file can't be read or holds something else than it should, or its
            weights don't fit.
        OutputError: OUT can't be written.
        RuntimeError: the converted network disagrees with the original.
    """
    original = _read(folder, choices or Choices())
    stages, apart = [], {}
    with output_folder(out) as aside:
        for title, network in original.networks.items():
            progress(f"converting {title}")
            path = aside / f"{title}.onnx"
            apart[title] = _convert(network, path, original)
            digest = hashlib.sha256(path.read_bytes()).hexdigest()
            stages.append(
                Stage(name=title, file=path.name, sha256=digest, spacing_mm=1, multiple=1)
            )
        card = _card(original, tuple(stages), apart, name or original.name, trained_on, licence)
        (aside / "card.json").write_text(card.model_dump_json(indent=1) + "\n", encoding="utf-8")
    return Imported(card, apart)


def _read(folder: Path, choices: Choices) -> Original:
    if is_nnunet(folder):
        read, files = read_nnunet, "plans.json, dataset.json and the checkpoints of nnU-Net v2"
    elif is_monai_bundle(folder):
        read, files = read_monai_bundle, "configs/ and models/model.pt of a MONAI bundle"
    else:
        raise _neither(folder)
    try:
        return read(folder, choices)
    except MALFORMED as error:
        raise StudyError(
            f"{files} hold what they should", source=folder, found=_in_words(error)
        ) from error


def _in_words(error: Exception) -> str:
    if isinstance(error, RecursionError):
        return "a reference that leads back to itself"
    if isinstance(error, KeyError):
        return f"nothing under {error}"
    return " ".join(str(error).split())[:300]


def _neither(folder: Path) -> UsageError:
    return UsageError(
        "a model to import is an nnU-Net v2 folder with plans.json and dataset.json, or a MONAI "
        "bundle with configs/inference.json and models/model.pt",
        source=folder,
        found="neither" if folder.is_dir() else "no folder",
    )


def _convert(network: nn.Module, path: Path, original: Original) -> float:
    """Write a network as ONNX; the largest difference of probabilities on a random image."""
    network = network.eval()
    shape = (1, len(original.channels), *original.foreign.patch)
    sample = torch.randn(shape, generator=torch.Generator().manual_seed(0))
    try:
        with torch.no_grad():
            expected = network(sample)[0].numpy()
    except (RuntimeError, *MALFORMED) as error:
        raise StudyError(
            f"the network sees {shape[1]} sequences in windows of {list(shape[2:])} voxels",
            source=path.stem,
            found=_in_words(error),
            way_out="See whether --channels names as many sequences as it was trained on.",
        ) from error
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # the exporter warns of its own successor
        torch.onnx.export(
            network,
            (sample,),
            path,
            input_names=["image"],
            output_names=["logits"],
            opset_version=17,
            dynamo=False,
        )
    if expected.shape != (len(original.foreign.outputs), *original.foreign.patch):
        raise UsageError(
            f"the network answers {', '.join(original.foreign.outputs)} for every voxel",
            source=path.stem,
            found=f"an answer of shape {expected.shape}",
        )
    found = Network(path, multiple=1)(sample[0].numpy())
    difference = _probabilities(found, original.foreign) - _probabilities(
        expected, original.foreign
    )
    apart = float(np.abs(difference).max())
    if not apart <= AGREEMENT:
        raise RuntimeError(f"{path.name}: OpenVINO and torch differ by {apart:.2g}")
    return apart


def _probabilities(logits: NDArray[np.float32], foreign: Foreign) -> NDArray[np.float32]:
    tensor = torch.from_numpy(logits)
    answer = tensor.sigmoid() if foreign.activation == "sigmoid" else tensor.softmax(dim=0)
    return answer.numpy()


def _card(
    original: Original,
    stages: tuple[Stage, ...],
    apart: dict[str, float],
    name: str,
    trained_on: tuple[TrainingPatient, ...],
    licence: str,
) -> ModelCard:
    whole = "WT" in original.foreign.outputs and "TC" not in original.foreign.outputs
    return ModelCard(
        name=name,
        version=f"imported from {original.foreign.source}",
        task="segmentation of the whole tumour"
        if whole
        else "segmentation of whole tumour, tumour core and enhancing tumour",
        channels=tuple(str(m) for m in original.channels),
        regions=("WT",) if whole else ("WT", "TC", "ET"),
        labels=WHOLE_TUMOUR.name if whole else BRATS.name,
        stages=stages,
        trained_on=trained_on,
        trained_on_known=bool(trained_on),
        training={"agreement": apart},
        held_out={},
        limits=LIMITS,
        licence=licence or "not stated; that of the weights holds",
        date=datetime.now(UTC).date().isoformat(),
        imported=original.foreign,
    )
