"""The training loop: seeded by step, resumed after a kill, watched by a curve."""

from __future__ import annotations

import json
import os
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from gliokit.learning.augmentation import augment
from gliokit.learning.examples import Example, cut
from gliokit.learning.loss import region_loss
from gliokit.learning.settings import TrainingSettings
from gliokit.networks import ResidualUNet

__all__ = ["train"]

CHECKPOINT_SECONDS = 120.0


def train(
    examples: Sequence[Example],
    settings: TrainingSettings,
    folder: Path,
    *,
    initial: Mapping[str, Tensor] | None = None,
    progress: Callable[[int, float, float], None] = lambda *_: None,
) -> nn.Module:
    """Train one network, or go on where a killed run of the same folder stopped.

    What is drawn at a step depends on the seed and the step alone, so that a run that
    was killed and resumed sees the examples of a run that was not.

    Args:
        examples: The patients to learn from.
        settings: What the run is made of.
        folder: Holds `checkpoint.pt` and `curve.jsonl`; made when it isn't there.
        initial: Weights that the run starts from; random ones unless given.
        progress: Called after each step with step, loss and seconds a step.

    Returns:
        The network with its running average of weights, in evaluation mode.
    """
    torch.manual_seed(settings.seed)
    device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
    network = ResidualUNet(widths=settings.widths)
    if initial is not None:
        network.load_state_dict(initial)
    network = network.to(device, memory_format=torch.channels_last_3d)  # type: ignore[call-overload]
    state = _State(network, settings, folder / "checkpoint.pt")
    folder.mkdir(parents=True, exist_ok=True)
    saved = time.monotonic()
    with (folder / "curve.jsonl").open("a") as curve:
        for step in range(state.step, settings.steps):
            began = time.monotonic()
            drawn = [
                draw(examples, settings, step * settings.batch + n) for n in range(settings.batch)
            ]
            images, regions = (torch.stack(part).to(device) for part in zip(*drawn, strict=True))
            loss = state.learn(images, regions)
            seconds = time.monotonic() - began
            curve.write(json.dumps({"step": step, "loss": round(loss, 5)}) + "\n")
            progress(step + 1, loss, seconds)
            if time.monotonic() - saved > CHECKPOINT_SECONDS:
                state.save()
                curve.flush()
                saved = time.monotonic()
    state.save()
    return state.averaged()


def draw(
    examples: Sequence[Example], settings: TrainingSettings, number: int
) -> tuple[Tensor, Tensor]:
    """The varied example that a run sees after so many others: image (4, ...), regions (3, ...)."""
    generator = np.random.default_rng([settings.seed, number])
    turn, place = divmod(number, len(examples))
    order = np.random.default_rng([settings.seed, turn]).permutation(len(examples))
    example = examples[order[place]]
    a, b, c = (n + 2 * round(n * settings.surplus / 2) for n in settings.patch)
    centre = _centre(example, settings, generator)
    corner = [round(float(m - n / 2)) for m, n in zip(centre, (a, b, c), strict=True)]
    image, regions = cut(example, (a, b, c), corner)
    return augment(
        torch.from_numpy(image),
        torch.from_numpy(regions),
        settings.augmentation,
        generator,
        settings.patch,
    )


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


class _State:
    """What changes while a network learns: weights, their average, optimiser, step."""

    def __init__(self, network: nn.Module, settings: TrainingSettings, path: Path) -> None:
        self.network, self.settings, self.path = network, settings, path
        self.step = 0
        self.average = {k: v.detach().clone() for k, v in network.state_dict().items()}
        self.optimiser = torch.optim.AdamW(
            network.parameters(), lr=settings.learning_rate, weight_decay=settings.weight_decay
        )
        if path.exists():
            stored = torch.load(path, weights_only=True)
            self.step = stored["step"]
            self.average = stored["average"]
            self.network.load_state_dict(stored["network"])
            self.optimiser.load_state_dict(stored["optimiser"])

    def learn(self, image: Tensor, regions: Tensor) -> float:
        """One step of the optimiser; gives the loss."""
        for group in self.optimiser.param_groups:
            group["lr"] = self._learning_rate()
        self.network.train()
        self.optimiser.zero_grad()
        with torch.autocast(
            image.device.type, dtype=torch.bfloat16, enabled=self.settings.precision == "bf16"
        ):
            logits = self.network(image.contiguous(memory_format=torch.channels_last_3d))
        loss = region_loss(logits.float(), regions)
        loss.backward()  # type: ignore[no-untyped-call]
        nn.utils.clip_grad_norm_(self.network.parameters(), 12.0)
        self.optimiser.step()
        self.step += 1
        self._follow()
        return float(loss.detach())

    def _learning_rate(self) -> float:
        """A short warm-up, then a half cosine down to nothing."""
        warm = min(1.0, (self.step + 1) / 50)
        return (
            self.settings.learning_rate
            * warm
            * (0.5 + 0.5 * float(np.cos(np.pi * self.step / self.settings.steps)))
        )

    def _follow(self) -> None:
        keep = min(self.settings.average, self.step / (self.step + 10))
        with torch.no_grad():
            for name, value in self.network.state_dict().items():
                self.average[name].lerp_(value, 1 - keep)

    def averaged(self) -> nn.Module:
        network = ResidualUNet(widths=self.settings.widths)
        network.load_state_dict({k: v.cpu().contiguous() for k, v in self.average.items()})
        return network.eval()

    def save(self) -> None:
        aside = self.path.with_suffix(".part")
        torch.save(
            {
                "step": self.step,
                "settings": self.settings.model_dump_json(),
                "network": self.network.state_dict(),
                "average": self.average,
                "optimiser": self.optimiser.state_dict(),
            },
            aside,
        )
        os.replace(aside, self.path)
