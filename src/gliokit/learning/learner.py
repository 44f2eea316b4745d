"""What changes while a network learns: weights, their average, optimiser, step."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from gliokit.learning.method import Method
from gliokit.learning.settings import TrainingSettings
from gliokit.learning.workers import Workers
from gliokit.study import UsageError

__all__ = ["Learner"]

LONGEST_GRADIENT = 12.0
HALVES = {"f32": torch.bfloat16, "bf16": torch.bfloat16, "f16": torch.float16}


@dataclass(frozen=True, slots=True, eq=False)
class _Best:
    step: int
    loss: float
    weights: Mapping[str, Tensor]


class Learner:
    """One process's copy of a run; it goes on from the checkpoint where there is one.

    Args:
        settings: What the run is made of.
        method: How it learns.
        path: Of the checkpoint.
        initial: Weights to start from; random ones unless given.
        workers: The processes that learn as one; each has equal weights at every step.
    """

    def __init__(
        self,
        settings: TrainingSettings,
        method: Method,
        path: Path,
        *,
        initial: Mapping[str, Tensor] | None,
        workers: Workers,
    ) -> None:
        self.settings, self.method, self.path, self.workers = settings, method, path, workers
        self.device = workers.device()
        torch.manual_seed(settings.seed)
        network = method.build()
        if initial is not None:
            _start(network, initial)
        self.network: nn.Module = network.to(  # type: ignore[call-overload]
            self.device, memory_format=torch.channels_last_3d
        )
        self.step = 0
        self.best: _Best | None = None
        self.average = {k: v.detach().clone() for k, v in self.network.state_dict().items()}
        self.optimiser = method.optimiser(self.network)
        self.scaler = torch.amp.GradScaler(self.device.type, enabled=settings.precision == "f16")
        if path.exists():
            self._load(torch.load(path, weights_only=True, map_location=self.device))

    def _load(self, stored: Mapping[str, Any]) -> None:
        self.step, self.average = stored["step"], stored["average"]
        self.network.load_state_dict(stored["network"])
        self.optimiser.load_state_dict(stored["optimiser"])
        if "scaler" in stored:
            self.scaler.load_state_dict(stored["scaler"])
        if "best" in stored:
            self.best = _Best(**stored["best"])

    def learn(self, images: Tensor, regions: Tensor) -> float:
        """One step of the optimiser; gives the loss, the mean of all processes.

        Raises:
            UsageError: the loss or its gradient is not finite; nothing is learnt from it.
        """
        for group in self.optimiser.param_groups:
            group["lr"] = self.method.pace(self.step)
        self.network.train()
        self.optimiser.zero_grad()
        loss = self._loss(images, regions)
        self.scaler.scale(loss).backward()  # type: ignore[no-untyped-call]
        given = [p.grad for p in self.network.parameters() if p.grad is not None]
        self.workers.average(given)
        mean = loss.detach().clone()
        self.workers.average([mean])
        self.scaler.unscale_(self.optimiser)
        longest = nn.utils.clip_grad_norm_(self.network.parameters(), LONGEST_GRADIENT)
        # In 16 bits a step that overflows is left out and the scale halved, until that fails.
        if not self.scaler.is_enabled() or self.scaler.get_scale() < 1:
            self._check_finite(float(mean), "loss")
            self._check_finite(float(longest), "gradient of the loss")
        self.scaler.step(self.optimiser)
        self.scaler.update()
        self.step += 1
        self._follow()
        return float(mean)

    def _check_finite(self, value: float, what: str) -> None:
        """Every process sees the same mean, so that all of them stop."""
        if math.isfinite(value):
            return
        kept = "the checkpoint of an earlier step is kept" if self.path.exists() else "none is kept"
        raise UsageError(
            f"the {what} stays finite while a network learns",
            source=f"step {self.step}",
            found=f"{value}; {kept}",
            way_out="Start a new run with a lower learning_rate, or with precision 'f32' where "
            "it was another, in --config.",
        )

    def _loss(self, images: Tensor, regions: Tensor) -> Tensor:
        images, regions = images.to(self.device), regions.to(self.device)
        precision = self.settings.precision
        with torch.autocast(self.device.type, dtype=HALVES[precision], enabled=precision != "f32"):
            levels = self.method.predict(
                self.network, images.contiguous(memory_format=torch.channels_last_3d)
            )
        return self.method.loss([logits.float() for logits in levels], regions)

    def _follow(self) -> None:
        keep = min(self.settings.average, self.step / (self.step + 10))
        with torch.no_grad():
            for name, value in self.network.state_dict().items():
                self.average[name].lerp_(value, 1 - keep)

    def look(self, watched: Sequence[tuple[Tensor, Tensor]]) -> float:
        """Loss of the averaged weights on patients kept back; the best weights are kept.

        Raises:
            UsageError: the loss is not finite.
        """
        learning = {k: v.detach().clone() for k, v in self.network.state_dict().items()}
        self.network.load_state_dict(self.average)
        self.network.eval()
        sums = torch.zeros(2, device=self.device)
        with torch.no_grad():
            for image, regions in watched[self.workers.rank :: self.workers.count]:
                sums[0] += self._loss(image[None], regions[None])
                sums[1] += 1
        self.network.load_state_dict(learning)
        self.workers.average([sums])
        loss = float(sums[0] / sums[1])
        self._check_finite(loss, "loss of the patients kept back")
        if self.best is None or loss < self.best.loss:
            weights = {k: v.clone() for k, v in self.average.items()}
            self.best = _Best(self.step, loss, weights)
        return loss

    @property
    def done(self) -> bool:
        """Whether the last step is made, or looks at patients kept back no longer get better."""
        stop = self.settings.stop_early
        if stop is not None and self.best is not None:
            waited = self.step - self.best.step
            if waited >= stop.every * stop.patience:
                return True
        return self.step >= self.settings.steps

    def network_learnt(self) -> nn.Module:
        """The network with the best weights, or else with the average; in evaluation mode."""
        weights = self.average if self.best is None else self.best.weights
        network = self.method.build()
        network.load_state_dict({k: v.cpu().contiguous() for k, v in weights.items()})
        return network.eval()

    def save(self) -> None:
        """Write the checkpoint, whole or not at all; the first process alone does."""
        if not self.workers.first:
            return
        content: dict[str, Any] = {
            "step": self.step,
            "settings": self.settings.model_dump_json(),
            "network": self.network.state_dict(),
            "average": self.average,
            "optimiser": self.optimiser.state_dict(),
        }
        if self.scaler.is_enabled():
            content["scaler"] = self.scaler.state_dict()
        if self.best is not None:
            content["best"] = {
                "step": self.best.step,
                "loss": self.best.loss,
                "weights": dict(self.best.weights),
            }
        aside = self.path.with_suffix(".part")
        torch.save(content, aside)
        os.replace(aside, self.path)


def _start(network: nn.Module, initial: Mapping[str, Tensor]) -> None:
    """Take over weights; an exported network lacks the heads that only training looks at."""
    lacking = {k for k in network.state_dict() if k not in initial and ".seg_layers." in k}
    network.load_state_dict({**{k: network.state_dict()[k] for k in lacking}, **initial})
