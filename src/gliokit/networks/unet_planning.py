"""Depth and widths of a plain U-Net for a patch, and the patch that fits a memory.

Voxels are cubic here, so that nnU-Net's rules about spacing fall away.

Source: Isensee et al., Nature Methods 18 (2021) 203, supplementary note 2, and the default
planner of nnU-Net v2.
"""

from __future__ import annotations

import math

from gliokit.networks.planned_unet import ONE, Triple, UNetSizes

__all__ = ["fitted_patch", "multiples", "planned_sizes", "training_gib"]

SHORTEST_SIDE = 4  # of the deepest level
MOST_FILTERS = 320
REFERENCE_MAPS, REFERENCE_BATCH, REFERENCE_GIB = 560e6, 2, 8.0
"""nnU-Net's calibration: so many values in all feature maps of one patch, at so large a
batch, train in so much memory in 16-bit floats."""


def planned_sizes(patch: Triple, filters: int = 32) -> UNetSizes:
    """The plain U-Net that nnU-Net would plan for a patch of cubic voxels.

    A side is halved while that leaves four voxels; the last side alone only from twelve on.
    Each level doubles the filters, up to 320; two 3x3x3 convolutions each.

    Raises:
        ValueError: the patch is too small to be halved once.
    """
    sides, strides = list(patch), [ONE]
    while True:
        long = [side >= 2 * SHORTEST_SIDE for side in sides]
        alone = sum(long) == 1 and max(sides) < 3 * SHORTEST_SIDE
        if not any(long) or alone:
            break
        a, b, c = (2 if halved else 1 for halved in long)
        strides.append((a, b, c))
        sides = [math.ceil(side / s) for side, s in zip(sides, (a, b, c), strict=True)]
    levels = len(strides)
    if levels == 1:
        raise ValueError(f"a patch of {list(patch)} voxels can't be halved")
    return UNetSizes(
        residual=False,
        features=tuple(min(filters * 2**level, MOST_FILTERS) for level in range(levels)),
        kernels=((3, 3, 3),) * levels,
        strides=tuple(strides),
        convolutions=(2,) * levels,
        decoder_convolutions=(2,) * (levels - 1),
        bias=True,
    )


def multiples(sizes: UNetSizes) -> Triple:
    """What the sides of an image are multiples of."""
    a, b, c = (math.prod(stride[axis] for stride in sizes.strides) for axis in range(3))
    return a, b, c


def training_gib(sizes: UNetSizes, patch: Triple, batch: int, outputs: int = 3) -> float:
    """Memory that a training takes by nnU-Net's calibration, in 16-bit floats; GiB."""
    maps, voxels = 0.0, float(math.prod(patch))
    below = 0.0
    for level, (features, stride) in enumerate(zip(sizes.features, sizes.strides, strict=True)):
        voxels /= math.prod(stride)
        maps += voxels * features * sizes.convolutions[level]
        if level < len(sizes.features) - 1:
            # The transposed convolution, those after it, and the head.
            n = sizes.decoder_convolutions[len(sizes.features) - 2 - level]
            below += voxels * (features * (n + 1) + outputs)
    return (maps + below) * batch / (REFERENCE_MAPS * REFERENCE_BATCH) * REFERENCE_GIB


def fitted_patch(largest: Triple, *, filters: int, batch: int, gib: float) -> Triple:
    """The patch that trains in a memory, shortened where it is longest for its image.

    Args:
        largest: Where to begin: the size of the image, or of the part that is to be seen.
        filters: Of the finest level.
        batch: Patches to a step.
        gib: Memory for the training, GiB, by `training_gib`.

    Raises:
        ValueError: not even a patch of eight voxels a side fits.
    """
    patch = _filled_up(largest, filters)
    while training_gib(planned_sizes(patch, filters), patch, batch) > gib:
        ratios = [side / whole for side, whole in zip(patch, largest, strict=True)]
        axis = max(range(3), key=lambda n: ratios[n])
        shorter = list(patch)
        shorter[axis] -= multiples(planned_sizes(patch, filters))[axis]
        if shorter[axis] < 2 * SHORTEST_SIDE:
            raise ValueError(f"{filters} filters at a batch of {batch} do not fit {gib:g} GiB")
        # A shorter side may be halved less often, so that a smaller step is enough.
        step = multiples(planned_sizes((shorter[0], shorter[1], shorter[2]), filters))[axis]
        shorter[axis] = patch[axis] - step
        patch = _filled_up((shorter[0], shorter[1], shorter[2]), filters)
    return patch


def _filled_up(patch: Triple, filters: int) -> Triple:
    """The next patch whose sides can be halved as often as its plan wants."""
    steps = multiples(planned_sizes(patch, filters))
    a, b, c = (math.ceil(side / step) * step for side, step in zip(patch, steps, strict=True))
    return a, b, c
