"""Torch modules and how large they are planned: no data, no loss, no loop.

In: sizes. Out: `torch.nn.Module`s.
"""

from gliokit.networks.planned_unet import PlannedUNet, UNetSizes
from gliokit.networks.residual_unet import ResidualUNet
from gliokit.networks.unet_planning import fitted_patch, multiples, planned_sizes, training_gib

__all__ = [
    "PlannedUNet",
    "ResidualUNet",
    "UNetSizes",
    "fitted_patch",
    "multiples",
    "planned_sizes",
    "training_gib",
]
