"""Deep features: what a network's narrowest place says of a region."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from gliokit.inference import Bottleneck, Encoding, Model, Stage
from gliokit.preprocessing import PreparedStudy, block_mean, channels
from gliokit.study import Modality, UsageError

__all__ = ["deep_features", "encode", "pooled"]


def encode(
    prepared: PreparedStudy, model: Model, *, stage: str | None = None
) -> tuple[Encoding, Stage]:
    """The encoding of a study by one network of a model.

    The coarse stage, and any other but the fine one, sees the whole brain, as when it
    segments. A sequence that is missing is given as 0.

    Args:
        prepared: Any subset of the model's sequences.
        model: Its card names channels and stages.
        stage: Name of the stage; the first one without it.

    Raises:
        UsageError: the model has no such stage.
    """
    chosen = _stage(model, stage)
    image = channels(prepared, tuple(Modality(c) for c in model.card.channels))
    network = model.networks[chosen.name]
    bottleneck = Bottleneck(network.path, multiple=network.multiple)
    return bottleneck(block_mean(image, chosen.spacing_mm)), chosen


def _stage(model: Model, name: str | None) -> Stage:
    stages = {s.name: s for s in model.card.stages}
    if name is None:
        return model.card.stages[0]
    if name not in stages:
        raise UsageError(
            f"a stage of {model.title} is one of {', '.join(stages)}", source="stage", found=name
        )
    return stages[name]


def pooled(encoding: Encoding, stage: Stage, region: NDArray[np.bool_]) -> dict[str, float]:
    """Mean and maximum of each channel over the cells that a region fills.

    The mean weighs each cell by the share of it that the region fills; the maximum is over
    the cells that it touches. All are NaN for an empty region.

    Args:
        encoding: Of the study.
        stage: Its spacing brings the region to the network's grid.
        region: bool, of the prepared grid.

    Returns:
        `deep_mean_000`, ... and `deep_max_000`, ..., a number a channel.
    """
    shares = encoding.shares(block_mean(region.astype(np.float32), stage.spacing_mm))
    touched = shares > 0
    count = encoding.data.shape[0]
    means = maxima = np.full(count, np.nan)
    if touched.any():
        values = encoding.data[:, touched].astype(np.float64)
        means = values @ shares[touched] / shares.sum()
        maxima = values.max(axis=1)
    named = (("mean", means), ("max", maxima))
    return {f"deep_{kind}_{n:03d}": float(v) for kind, all_ in named for n, v in enumerate(all_)}


def deep_features(
    prepared: PreparedStudy,
    region: NDArray[np.bool_],
    model: Model,
    *,
    stage: str | None = None,
) -> dict[str, float]:
    """Deep features of one region of one study; see `encode` and `pooled`.

    Args:
        prepared: The study.
        region: bool, of the prepared grid.
        model: Any model folder's, such as the shipped segmenter.
        stage: Name of its network.

    Raises:
        UsageError: the model has no such stage.
    """
    encoding, chosen = encode(prepared, model, stage=stage)
    return pooled(encoding, chosen, region)
