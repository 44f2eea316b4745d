"""What the two networks differ in: architecture, loss, variation, optimiser and its pace."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import Tensor, nn

from gliokit.learning.augmentation import augment
from gliokit.learning.loss import region_loss, supervised_levels_loss
from gliokit.learning.nnunet_augmentation import vary_as_nnunet
from gliokit.learning.settings import TrainingSettings
from gliokit.networks import (
    PlannedUNet,
    ResidualUNet,
    UNetSizes,
    fitted_patch,
    multiples,
    planned_sizes,
)
from gliokit.study import STRUCTURAL, UsageError

__all__ = ["Method", "fitted", "method_of"]

Vary = Callable[[Tensor, Tensor, np.random.Generator], tuple[Tensor, Tensor]]


@dataclass(frozen=True, slots=True)
class Method:
    """One way to learn.

    Args:
        build: Makes the network with random weights.
        predict: Logits of an image (batch, channel, i, j, k), from the finest level on.
        loss: Of those logits, given regions (batch, region, i, j, k).
        vary: One varied copy of an image and its regions, of the size of the patch.
        optimiser: Of a network.
        pace: The learning rate of a step, counted from 0.
        multiple: The sides of an image are multiples of it.
    """

    build: Callable[[], nn.Module]
    predict: Callable[[nn.Module, Tensor], tuple[Tensor, ...]]
    loss: Callable[[Sequence[Tensor], Tensor], Tensor]
    vary: Vary
    optimiser: Callable[[nn.Module], torch.optim.Optimizer]
    pace: Callable[[int], float]
    multiple: int


def method_of(settings: TrainingSettings) -> Method:
    """The method that settings name.

    Raises:
        UsageError: the patch has sides that the network can't halve.
    """
    return _house(settings) if settings.network == "house" else _nnunet_style(settings)


def fitted(settings: TrainingSettings) -> TrainingSettings:
    """The same settings with a patch that trains in `memory_gib`, where that is given.

    nnU-Net's calibration is of 16-bit floats: in 32-bit ones everything counts twice.

    Raises:
        UsageError: no patch is small enough.
    """
    if settings.memory_gib is None:
        return settings
    gib = settings.memory_gib / (2 if settings.precision == "f32" else 1)
    try:
        patch = fitted_patch(
            settings.patch, filters=settings.filters, batch=settings.batch, gib=gib
        )
    except ValueError as error:
        raise UsageError(
            "a patch of the network fits the memory",
            source="memory_gib",
            found=str(error),
            way_out="Give more memory, fewer filters or a smaller batch.",
        ) from error
    return settings.model_copy(update={"patch": patch})


def _house(settings: TrainingSettings) -> Method:
    multiple = 2 ** len(settings.widths)
    _check_sides(settings.patch, (multiple, multiple, multiple))
    if settings.patch == (multiple, multiple, multiple):
        # Nothing can be normalised over one voxel.
        raise UsageError(
            f"a patch has two voxels or more at the last of {len(settings.widths)} widths",
            source="patch",
            found=list(settings.patch),
            way_out=f"Give a patch with a side of {2 * multiple}, or fewer widths.",
        )

    def pace(step: int) -> float:
        """A short warm-up, then a half cosine down to nothing."""
        warm = min(1.0, (step + 1) / 50)
        fall = 0.5 + 0.5 * float(np.cos(np.pi * step / settings.steps))
        return settings.learning_rate * warm * fall

    return Method(
        build=lambda: ResidualUNet(widths=settings.widths),
        predict=lambda network, image: (network(image),),
        loss=lambda levels, regions: region_loss(levels[0], regions),
        vary=lambda image, regions, generator: augment(
            image, regions, settings.augmentation, generator, settings.patch
        ),
        optimiser=lambda network: torch.optim.AdamW(
            network.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
        ),
        pace=pace,
        multiple=multiple,
    )


def _nnunet_style(settings: TrainingSettings) -> Method:
    """Isensee et al., Nature Methods 18 (2021) 203; what differs stands in docs/segmenter.md."""
    sizes = _planned(settings)

    def build() -> nn.Module:
        network = PlannedUNet(len(STRUCTURAL), 3, sizes)
        for module in network.modules():
            if isinstance(module, nn.Conv3d | nn.ConvTranspose3d):
                nn.init.kaiming_normal_(module.weight, a=0.01)
                if module.bias is not None:
                    nn.init.zeros_(module.bias)
        return network

    def predict(network: nn.Module, image: Tensor) -> tuple[Tensor, ...]:
        levels: tuple[Tensor, ...] = network.at_every_level(image)  # type: ignore[operator]
        return levels

    return Method(
        build=build,
        predict=predict,
        loss=supervised_levels_loss,
        vary=lambda image, regions, generator: vary_as_nnunet(
            image, regions, generator, settings.patch
        ),
        optimiser=lambda network: torch.optim.SGD(
            network.parameters(),
            lr=settings.learning_rate,
            momentum=0.99,
            nesterov=True,
            weight_decay=settings.weight_decay,
        ),
        pace=lambda step: settings.learning_rate * (1 - step / settings.steps) ** 0.9,
        multiple=max(multiples(sizes)),
    )


def _planned(settings: TrainingSettings) -> UNetSizes:
    patch = settings.patch
    try:
        sizes = planned_sizes(patch, settings.filters)
    except ValueError as error:
        raise UsageError(
            "a patch has sides of eight voxels or more", source="patch", found=list(patch)
        ) from error
    _check_sides(patch, multiples(sizes))
    return sizes


def _check_sides(patch: tuple[int, int, int], steps: tuple[int, int, int]) -> None:
    if any(side < 1 or side % step for side, step in zip(patch, steps, strict=True)):
        wanted = [max(-(-side // step), 1) * step for side, step in zip(patch, steps, strict=True)]
        raise UsageError(
            "the sides of a patch can be halved as often as its network wants: they are "
            f"multiples of {', '.join(str(step) for step in steps)}",
            source="patch",
            found=list(patch),
            way_out=f"Give patch = {wanted} in --config.",
        )
