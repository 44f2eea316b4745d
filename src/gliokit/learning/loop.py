"""One training loop for every system: seeded by step, resumed after a kill, shared by torchrun."""

from __future__ import annotations

import hashlib
import json
import math
import os
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from gliokit.learning.workers import Workers, present_workers
from gliokit.study import UsageError

__all__ = ["Batch", "Draw", "LoopSettings", "Loss", "learn"]

CHECKPOINT_SECONDS = 120.0

Optimiser = Literal["adamw", "adam", "sgd"]
Schedule = Literal["constant", "cosine"]

Batch = tuple[Tensor | NDArray[Any], ...]
"""What one step learns from, examples first; arrays become tensors without a copy."""

Draw = Callable[[int, np.random.Generator], Batch]
Loss = Callable[..., Tensor]


@dataclass(frozen=True)
class LoopSettings:
    """How a network learns.

    Args:
        steps: Of the optimiser, in all.
        learning_rate: At the start.
        weight_decay: Decoupled in 'adamw', else added to the gradient.
        optimiser: 'sgd' has a momentum of 0.9.
        schedule: 'cosine' falls to nothing by half a cosine.
        clip_norm: Longest gradient; None leaves it.
        seed: Of all that is drawn.
    """

    steps: int
    learning_rate: float
    weight_decay: float = 0.0
    optimiser: Optimiser = "adamw"
    schedule: Schedule = "constant"
    clip_norm: float | None = None
    seed: int = 0

    def __post_init__(self) -> None:
        for value, known in ((self.optimiser, Optimiser), (self.schedule, Schedule)):
            if value not in get_args(known):
                raise UsageError(f"it is one of {', '.join(get_args(known))}", found=value)
        if self.steps < 1 or not self.learning_rate > 0:
            raise UsageError(
                "a network learns in 1 step or more, at a rate above 0",
                found=(self.steps, self.learning_rate),
            )


def learn(
    network: nn.Module,
    draw: Draw,
    loss: Loss,
    settings: LoopSettings,
    *,
    folder: Path | None = None,
    learners: Sequence[str] = (),
    progress: Callable[[int, float, float], None] = lambda *_: None,
    enough: Callable[[], bool] = lambda: False,
) -> nn.Module:
    """Train a network, or go on where a killed run of the same folder stopped.

    What a step draws, dropout too, depends on the seed and the step alone, so that a run that
    was killed and resumed ends as one that was not.

    Processes that `joined_workers` holds together each draw the same batch, learn from their
    share of it and step by the mean of their gradients, so that all end with equal weights: with
    one process's, but for rounding, where the loss is an even mean over examples and nothing
    looks at the batch as a whole (batch normalisation, weights of classes, Dice of a batch; those
    look at the share) or is drawn in the network (dropout). The first alone writes.

    Args:
        network: With its first weights, which the caller draws.
        draw: From a step and its generator to a batch.
        loss: From the network and a batch to one number.
        settings: How it learns.
        folder: Holds `checkpoint.pt` and `curve.jsonl`; made when it isn't there. None keeps
            nothing. Every process sees it.
        learners: Names of those whose images are drawn, in any order; wherever a folder is
            kept. The checkpoint holds their checksum.
        progress: Called after each step with steps done, loss of the whole batch, seconds of the
            step; in every process.
        enough: Asked before each step; True in any process stops here, and the folder goes on
            later.

    Returns:
        The network, on the CPU, in evaluation mode.

    Raises:
        UsageError: the folder's checkpoint is of other settings, or was made of the images of
            others; a folder without `learners`; fewer examples a step than processes.
        FloatingPointError: a loss that is not finite.
    """
    workers = present_workers()
    network = network.to(workers.device())
    path = None if folder is None else folder / "checkpoint.pt"
    run = _Run(network, settings, path, learners, workers)
    workers.wait()  # until everybody has read the checkpoint that the first one replaces
    saved = time.monotonic()
    for step in range(run.step, settings.steps):
        if workers.any_wishes(enough()):
            break
        began = time.monotonic()
        batch = draw(step, np.random.default_rng([settings.seed, step]))
        value = run.learn([torch.as_tensor(part) for part in batch], loss)
        progress(step + 1, value, time.monotonic() - began)
        if time.monotonic() - saved > CHECKPOINT_SECONDS:
            run.save()
            saved = time.monotonic()
    run.save()
    workers.wait()  # nobody goes on in the same folder before it is written
    return network.cpu().eval()


class _Run:
    """What changes while a network learns: weights, optimiser, step."""

    def __init__(
        self,
        network: nn.Module,
        settings: LoopSettings,
        path: Path | None,
        learners: Sequence[str],
        workers: Workers,
    ) -> None:
        self.network, self.settings, self.path = network, settings, path
        self.workers = workers
        self.learners = _checksum(learners)
        if path is not None and not learners:
            raise UsageError(
                "a run that is kept names whose images it learns from", source=path, found="nobody"
            )
        self.step = 0
        self.losses: list[dict[str, float]] = []
        self.optimiser = _optimiser(network, settings)
        if path is not None and path.exists():
            stored = torch.load(path, weights_only=True, map_location="cpu")
            if stored["settings"] != asdict(settings):
                raise UsageError(
                    "a run goes on with the settings that it was begun with", source=path,
                    found=stored["settings"], way_out="Take these, or name another folder.",
                )  # fmt: skip
            # Checkpoints of earlier versions don't say whose images they were made of.
            if stored.get("learners", self.learners) != self.learners:
                raise UsageError(
                    "a run goes on with the images of those that it was begun with", source=path,
                    found=f"{len(learners)} others, or not all of them",
                    way_out="Name another folder, or the cohort and the split of this run.",
                )  # fmt: skip
            self.step = stored["step"]
            self.network.load_state_dict(stored["network"])
            self.optimiser.load_state_dict(stored["optimiser"])

    def learn(self, batch: list[Tensor], loss: Loss) -> float:
        """One step of the optimiser by this process's share; gives the loss of all of them."""
        share = self.workers.share(len(batch[0]))
        device = self.workers.device()
        mine = [part[share].to(device) for part in batch]
        for group in self.optimiser.param_groups:
            group["lr"] = _rate(self.settings, self.step)
        self.network.train()
        self.optimiser.zero_grad()
        with torch.random.fork_rng():
            # A rank of 0 changes nothing of a seed: the first draws what one process alone does.
            torch.manual_seed(int(np.random.SeedSequence([self.settings.seed, self.step,
                                  self.workers.rank]).generate_state(1)[0]))  # fmt: skip
            found = loss(self.network, *mine)
        # A share of one example more weighs as much more.
        found = found * (len(mine[0]) * self.workers.count / len(batch[0]))
        found.backward()  # type: ignore[no-untyped-call]
        mean = found.detach().clone()
        self.workers.average([mean, *self._exchanged()])
        value = float(mean)
        if not math.isfinite(value):
            raise FloatingPointError(f"the loss of step {self.step} is {value}")
        if self.settings.clip_norm is not None:
            nn.utils.clip_grad_norm_(self.network.parameters(), self.settings.clip_norm)
        self.optimiser.step()
        self.losses.append({"step": self.step, "loss": round(value, 5)})
        self.step += 1
        return value

    def _exchanged(self) -> list[Tensor]:
        """Gradients, and the running means and variances of batch normalisation."""
        gradients = [p.grad for p in self.network.parameters() if p.grad is not None]
        counted = self.network.named_buffers()
        return gradients + [
            b for name, b in counted if name.endswith(("running_mean", "running_var"))
        ]

    def save(self) -> None:
        """Write the checkpoint, whole or not at all, and the losses since the last one."""
        if self.path is None or not self.workers.first:
            return
        self.path.parent.mkdir(parents=True, exist_ok=True)
        # The curve first: cut off in between, its last lines come twice and none is missing.
        with (self.path.parent / "curve.jsonl").open("a", encoding="utf-8") as curve:
            curve.writelines(json.dumps(line) + "\n" for line in self.losses)
        self.losses.clear()
        aside = self.path.with_suffix(".part")
        torch.save(
            {
                "step": self.step,
                "settings": asdict(self.settings),
                "learners": self.learners,
                "network": self.network.state_dict(),
                "optimiser": self.optimiser.state_dict(),
            },
            aside,
        )
        os.replace(aside, self.path)


def _checksum(learners: Sequence[str]) -> str:
    """Of their names, which the checkpoint itself doesn't hold."""
    return hashlib.sha256("\n".join(sorted(set(learners))).encode()).hexdigest()


def _optimiser(network: nn.Module, settings: LoopSettings) -> torch.optim.Optimizer:
    rate, decay = settings.learning_rate, settings.weight_decay
    if settings.optimiser == "sgd":
        return torch.optim.SGD(network.parameters(), lr=rate, momentum=0.9, weight_decay=decay)
    kind = torch.optim.AdamW if settings.optimiser == "adamw" else torch.optim.Adam
    return kind(network.parameters(), lr=rate, weight_decay=decay)


def _rate(settings: LoopSettings, step: int) -> float:
    if settings.schedule == "constant":
        return settings.learning_rate
    return settings.learning_rate * (0.5 + 0.5 * math.cos(math.pi * step / settings.steps))
