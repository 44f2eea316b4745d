"""A system whose knowledge is networks and numbers: taught with torch, run and kept without."""

from __future__ import annotations

import tempfile
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from gliokit.study import UsageError
from gliokit.systems.answer import Answer
from gliokit.systems.inputs import Inputs
from gliokit.systems.stored_network import RunnableNetwork, load_network, save_network
from gliokit.systems.storing import read_fitted, write_fitted

if TYPE_CHECKING:
    from torch import nn

__all__ = ["FittedNetworks", "Teaching", "taught"]

Array = NDArray[Any]
Say = Callable[["FittedNetworks", Inputs], Answer]


@dataclass(frozen=True, slots=True, eq=False)
class FittedNetworks:
    """What a system has learnt.

    Args:
        system: Its id.
        settings: All that `say` must know besides, as JSON can hold it.
        networks: By name.
        say: From this and patients to an answer.
        findings: Of the training fold, as JSON can hold it.
    """

    system: str
    settings: Mapping[str, Any]
    networks: Mapping[str, RunnableNetwork]
    say: Say = field(repr=False)
    findings: Mapping[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for name in ("settings", "networks", "findings"):
            object.__setattr__(self, name, MappingProxyType(dict(getattr(self, name))))

    def answer(self, patients: Inputs) -> Answer:
        """What it says of patients."""
        return self.say(self, patients)

    def save(self, folder: Path) -> None:
        """fitted.json, and NAME.onnx of each network."""
        content = {"settings": dict(self.settings), "networks": list(self.networks),
                   "findings": dict(self.findings)}  # fmt: skip
        write_fitted(folder, self.system, content)
        for name, network in self.networks.items():
            (folder / f"{name}.onnx").write_bytes(network.content)

    @classmethod
    def load(cls, folder: Path, system: str, say: Say) -> FittedNetworks:
        """What `save` wrote.

        Raises:
            StudyError, UsageError: of `read_fitted` and `load_network`.
        """
        content = read_fitted(folder, system)
        networks = {name: load_network(folder, name=name) for name in content["networks"]}
        return cls(system, content["settings"], networks, say, content["findings"])


@dataclass(frozen=True, slots=True)
class Teaching:
    """How a network is taught.

    Args:
        steps: Of the optimiser.
        batch: Examples a step.
        rate: Of learning.
        seed: Of first weights and of what each step draws.
    """

    steps: int
    batch: int
    rate: float
    seed: int


def taught(
    network: str,
    sizes: Mapping[str, Any],
    examples: tuple[Array, ...],
    objective: str,
    how: Teaching,
    *,
    inputs: int = 1,
    strata: Array | None = None,
    vary: Callable[[tuple[Array, ...], np.random.Generator], tuple[Array, ...]] | None = None,
    free_axes: tuple[int, ...] = (0,),
) -> RunnableNetwork:
    """Teach a network by examples drawn at random, each stratum as often as any other.

    Args:
        network: 'MODULE:CLASS' of `networks/`.
        sizes: Arguments of the class.
        examples: Arrays of one length, the objective's in order.
        objective: Its name in `learning.objectives`.
        how: Steps and seed.
        inputs: How many of the arrays the network itself takes.
        strata: (n,), such as the class; None draws evenly.
        vary: Makes another batch of one, such as a shifted one.
        free_axes: Of what it takes, those whose length may be another when it is asked.

    Raises:
        UsageError: there is no example.
    """
    import importlib

    from gliokit.learning import objectives
    from gliokit.learning.exchange import first_weights
    from gliokit.learning.loop import LoopSettings, learn

    n = len(examples[0])
    if n == 0:
        raise UsageError("a network learns from one example or more", source=network, found=0)
    module, _, kind = network.partition(":")
    made: type[nn.Module] = getattr(importlib.import_module(f"gliokit.networks.{module}"), kind)
    chances = _chances(np.zeros(n, dtype=np.int64) if strata is None else strata)

    def draw(step: int, generator: np.random.Generator) -> tuple[Array, ...]:
        rows = generator.choice(n, size=how.batch, p=chances)
        drawn = tuple(part[rows] for part in examples)
        return drawn if vary is None else vary(drawn, generator)

    learnt = learn(
        first_weights(made, how.seed, **sizes),
        draw,
        getattr(objectives, objective),
        LoopSettings(how.steps, how.rate, optimiser="adam", seed=how.seed),
    )
    with tempfile.TemporaryDirectory() as folder:
        # Two rows, so that the file's batch can't be mistaken for a fixed one of 1.
        shown = [np.repeat(part[:1], 2, axis=0) for part in examples[:inputs]]
        return save_network(Path(folder), learnt, shown, free_axes=free_axes)


def _chances(strata: Array) -> NDArray[np.float64]:
    """Of each example to be drawn."""
    _, place, sizes = np.unique(strata, return_inverse=True, return_counts=True)
    return np.asarray(1.0 / (len(sizes) * sizes[place]), dtype=np.float64)
