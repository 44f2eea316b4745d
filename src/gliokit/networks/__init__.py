"""Torch modules and nothing else: no data, no loss, no loop.

In: sizes. Out: `torch.nn.Module`s.
"""

from gliokit.networks.residual_unet import ResidualUNet

__all__ = ["ResidualUNet"]
