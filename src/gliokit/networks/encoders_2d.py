"""Encoders of two-dimensional networks: a slice to features at ever coarser resolution.

Each gives its features from the finest to the coarsest, and says their `widths` and the
`stride` of the finest. Those of the ImageNet networks follow the Keras model zoo without its
classifier, from whose weights Zeineldin 2020 starts; here they start at random.
"""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional

__all__ = ["VGG16", "DenseNet121", "Encoder", "MobileNet", "ResNet50", "UNetEncoder", "norm"]


class Encoder(nn.Module):
    """Features at several resolutions; each is half as fine as the one before.

    `widths` are their channels, `stride` is pixels of the input to a pixel of the finest.
    """

    widths: tuple[int, ...]
    stride: int = 1

    def forward(self, slices: Tensor) -> list[Tensor]:
        """(batch, channel, rows, columns) to features, the finest first."""
        raise NotImplementedError


def norm(width: int) -> nn.BatchNorm2d:
    """Batch normalisation with the constants of Keras."""
    return nn.BatchNorm2d(width, eps=1e-3, momentum=0.01)


def _unit(
    before: int, width: int, size: int, *, stride: int = 1, groups: int = 1, bias: bool = False
) -> nn.Sequential:
    """Convolution and batch normalisation."""
    convolution = nn.Conv2d(
        before, width, size, stride=stride, padding=size // 2, groups=groups, bias=bias
    )
    return nn.Sequential(convolution, norm(width))


class UNetEncoder(Encoder):
    """Five levels of two 3x3 convolutions with ReLU; dropout after the last.

    Args:
        inputs: Channels of the slice.
        filters: Channels of the first level; each level doubles them.
        normalised: Batch normalisation before each ReLU ('UNet-Mod').
    """

    def __init__(self, inputs: int = 3, *, filters: int = 32, normalised: bool = False) -> None:
        super().__init__()
        self.widths = tuple(filters * 2**level for level in range(5))
        self.levels = _levels(inputs, self.widths, (2,) * 5, normalised=normalised)
        self.dropout = nn.Dropout(0.5)

    def forward(self, slices: Tensor) -> list[Tensor]:
        found = _pooled_levels(self.levels, slices)
        return [*found[:-1], self.dropout(found[-1])]


class VGG16(Encoder):
    """Thirteen 3x3 convolutions (Simonyan and Zisserman 2015)."""

    def __init__(self, inputs: int = 3) -> None:
        super().__init__()
        self.widths = (64, 128, 256, 512, 512)
        self.levels = _levels(inputs, self.widths, (2, 2, 3, 3, 3), normalised=False)

    def forward(self, slices: Tensor) -> list[Tensor]:
        return _pooled_levels(self.levels, slices)


def _levels(
    inputs: int, widths: Sequence[int], depths: Sequence[int], *, normalised: bool
) -> nn.ModuleList:
    levels, before = nn.ModuleList(), inputs
    for width, depth in zip(widths, depths, strict=True):
        parts: list[nn.Module] = []
        for _ in range(depth):
            parts.append(nn.Conv2d(before, width, 3, padding=1))
            parts += [norm(width)] if normalised else []
            parts.append(nn.ReLU(inplace=True))
            before = width
        levels.append(nn.Sequential(*parts))
    return levels


def _pooled_levels(levels: nn.ModuleList, slices: Tensor) -> list[Tensor]:
    x, found = slices, []
    for number, level in enumerate(levels):
        x = level(x if number == 0 else functional.max_pool2d(x, 2))
        found.append(x)
    return found


class _Bottleneck(nn.Module):
    """1x1, 3x3 and 1x1 convolutions added to their input; the stride is in the first."""

    def __init__(self, before: int, width: int, stride: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            _unit(before, width, 1, stride=stride, bias=True),
            nn.ReLU(inplace=True),
            _unit(width, width, 3, bias=True),
            nn.ReLU(inplace=True),
            _unit(width, 4 * width, 1, bias=True),
        )
        self.shortcut: nn.Module = nn.Identity()
        if stride != 1 or before != 4 * width:
            self.shortcut = _unit(before, 4 * width, 1, stride=stride, bias=True)

    def forward(self, x: Tensor) -> Tensor:
        return functional.relu(self.body(x) + self.shortcut(x))


class ResNet50(Encoder):
    """Sixteen bottlenecks (He 2016), with biases as in Keras."""

    stride = 2

    def __init__(self, inputs: int = 3) -> None:
        super().__init__()
        self.widths = (64, 256, 512, 1024, 2048)
        self.stem = nn.Sequential(_unit(inputs, 64, 7, stride=2, bias=True), nn.ReLU(inplace=True))
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.stages, before = nn.ModuleList(), 64
        for width, depth, stride in ((64, 3, 1), (128, 4, 2), (256, 6, 2), (512, 3, 2)):
            stage = nn.Sequential()
            for number in range(depth):
                stage.append(_Bottleneck(before, width, stride if number == 0 else 1))
                before = 4 * width
            self.stages.append(stage)

    def forward(self, slices: Tensor) -> list[Tensor]:
        found = [self.stem(slices)]
        x = self.pool(found[0])
        for stage in self.stages:
            x = stage(x)
            found.append(x)
        return found


class MobileNet(Encoder):
    """Thirteen depthwise separable convolutions (Howard 2017)."""

    stride = 2

    def __init__(self, inputs: int = 3) -> None:
        super().__init__()
        self.widths = (64, 128, 256, 512, 1024)
        self.stem = nn.Sequential(_unit(inputs, 32, 3, stride=2), nn.ReLU6(inplace=True))
        self.stages, before = nn.ModuleList(), 32
        for width, depth in zip(self.widths, (1, 2, 2, 6, 2), strict=True):
            stage = nn.Sequential()
            for number in range(depth):
                stride = 2 if number == 0 and width != self.widths[0] else 1
                stage.extend(
                    [
                        _unit(before, before, 3, stride=stride, groups=before),
                        nn.ReLU6(inplace=True),
                        _unit(before, width, 1),
                        nn.ReLU6(inplace=True),
                    ]
                )
                before = width
            self.stages.append(stage)

    def forward(self, slices: Tensor) -> list[Tensor]:
        x, found = self.stem(slices), []
        for stage in self.stages:
            x = stage(x)
            found.append(x)
        return found


class _DenseLayer(nn.Module):
    """What it finds is set beside what it is given."""

    def __init__(self, before: int, growth: int) -> None:
        super().__init__()
        self.body = nn.Sequential(
            norm(before),
            nn.ReLU(inplace=False),
            _unit(before, 4 * growth, 1),
            nn.ReLU(inplace=True),
            nn.Conv2d(4 * growth, growth, 3, padding=1, bias=False),
        )

    def forward(self, x: Tensor) -> Tensor:
        return torch.cat([x, self.body(x)], dim=1)


class DenseNet121(Encoder):
    """Four dense blocks of growth 32 (Huang 2017)."""

    stride = 2

    def __init__(self, inputs: int = 3) -> None:
        super().__init__()
        self.widths = (64, 256, 512, 1024, 1024)
        self.stem = nn.Sequential(_unit(inputs, 64, 7, stride=2), nn.ReLU(inplace=True))
        self.pool = nn.MaxPool2d(3, stride=2, padding=1)
        self.blocks, self.between, before = nn.ModuleList(), nn.ModuleList(), 64
        for number, depth in enumerate((6, 12, 24, 16)):
            block = nn.Sequential(*(_DenseLayer(before + 32 * n, 32) for n in range(depth)))
            self.blocks.append(block)
            before += 32 * depth
            if number < 3:
                halved = nn.Conv2d(before, before // 2, 1, bias=False)
                self.between.append(nn.Sequential(norm(before), nn.ReLU(), halved, nn.AvgPool2d(2)))
                before //= 2
        self.last = nn.Sequential(norm(before), nn.ReLU())

    def forward(self, slices: Tensor) -> list[Tensor]:
        found = [self.stem(slices)]
        x = self.pool(found[0])
        for block, between in zip(self.blocks, [*self.between, self.last], strict=True):
            x = block(x)
            found.append(x if between is not self.last else between(x))
            x = between(x)
        return found
