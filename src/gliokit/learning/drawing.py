"""What a run sees at a step, drawn from its seed and the step alone."""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from gliokit.learning.examples import Example, cut
from gliokit.learning.method import Method
from gliokit.learning.settings import TrainingSettings

__all__ = ["draw", "unvaried"]


def draw(
    examples: Sequence[Example], settings: TrainingSettings, method: Method, number: int
) -> tuple[Tensor, Tensor]:
    """The varied example that a run sees after so many others: image (4, ...), regions (3, ...).

    Regions that the expert didn't draw are NaN, by which the loss knows them.
    """
    generator = np.random.default_rng([settings.seed, number])
    example = _whose_turn(examples, settings, number)
    a, b, c = (n + 2 * round(n * settings.surplus / 2) for n in settings.patch)
    image, regions = _cut_about(example, _centre(example, settings, generator), (a, b, c))
    image, regions = method.vary(image, regions, generator)
    return image, _marked(regions, example)


def _whose_turn(examples: Sequence[Example], settings: TrainingSettings, number: int) -> Example:
    """Everybody once before anybody twice; digital patients among themselves, as often as asked."""
    share = settings.digital_share
    if share is not None:
        earlier = math.floor(number * share)
        digital = math.floor((number + 1) * share) > earlier
        examples = [e for e in examples if e.digital == digital]
        number = earlier if digital else number - earlier
    turn, place = divmod(number, len(examples))
    order = np.random.default_rng([settings.seed, turn]).permutation(len(examples))
    return examples[int(order[place])]


def unvaried(example: Example, settings: TrainingSettings) -> tuple[Tensor, Tensor]:
    """A patient as he is: the same patch of him at every look."""
    generator = np.random.default_rng(settings.seed)
    image, regions = _cut_about(example, _centre(example, settings, generator), settings.patch)
    return image, _marked(regions, example)


def _marked(regions: Tensor, example: Example) -> Tensor:
    """Regions that nobody drew as NaN: a sum that forgot them would be none."""
    if all(example.drawn):
        return regions
    return regions.masked_fill(~torch.tensor(example.drawn)[:, None, None, None], torch.nan)


def _cut_about(
    example: Example, centre: NDArray[np.float64], size: tuple[int, int, int]
) -> tuple[Tensor, Tensor]:
    corner = [round(float(m - n / 2)) for m, n in zip(centre, size, strict=True)]
    image, regions = cut(example, size, corner)
    return torch.from_numpy(image), torch.from_numpy(regions)


def _centre(
    example: Example, settings: TrainingSettings, generator: np.random.Generator
) -> NDArray[np.float64]:
    """Where a patch lies: about the brain's middle, or in the tumour or the box around it."""
    size = np.array(example.image.shape[1:])
    if settings.stage == "coarse":
        middle: NDArray[np.float64] = size / 2 + generator.uniform(-4, 4, 3)
        return middle
    whole, core = (np.argwhere(r[::4, ::4, ::4] > 0) * 4.0 for r in example.regions[:2])
    if not len(whole):
        inner: NDArray[np.float64] = generator.uniform(0.25, 0.75, 3) * size
        return inner
    where = generator.random()
    if where < settings.around_box:
        low, high = whole.min(axis=0), whole.max(axis=0)
        anywhere: NDArray[np.float64] = generator.uniform(low, high + 1e-6)
        return anywhere
    voxels = core if len(core) and where < (1 + settings.around_box) / 2 else whole
    voxel: NDArray[np.float64] = voxels[generator.integers(len(voxels))]
    return voxel
