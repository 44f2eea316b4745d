"""A network as it comes from outside, read and understood."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from torch import nn

from gliokit.inference import Foreign
from gliokit.study import Modality

__all__ = ["Choices", "Original"]


@dataclass(frozen=True, slots=True)
class Choices:
    """What a user says of a network where its files don't, or to win over them.

    Args:
        channels: Sequence of each image channel, in the order of the network.
        outputs: Region or label of each output, in the order of the network.
        orientation: Where the axes of the images that it was trained on point, as they
            were stored, such as 'LPS'.
        folds: Of an nnU-Net; all that are there by default.
        mirror: Average mirrored windows as the original does; costs up to eight times.
    """

    channels: tuple[str, ...] = ()
    outputs: tuple[str, ...] = ()
    orientation: str = ""
    folds: tuple[str, ...] = ()
    mirror: bool = True


@dataclass(frozen=True, slots=True, eq=False)
class Original:
    """Networks of one kind, whose logits are averaged.

    Args:
        networks: By name, with their weights.
        foreign: How they are run.
        channels: What they see.
        name: What the model is called where it comes from.
    """

    networks: Mapping[str, nn.Module]
    foreign: Foreign
    channels: tuple[Modality, ...]
    name: str
