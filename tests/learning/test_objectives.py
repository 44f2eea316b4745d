"""Losses by worked numbers."""

from __future__ import annotations

import math

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (extra 'train')")

from gliokit.learning.objectives import hazard_objective  # noqa: E402
from gliokit.systems.discrete_time import intervals_lived  # noqa: E402

ENDS = np.array([100.0, 200.0, 400.0])


def logits(*hazards: float) -> list[float]:
    return [math.log(h / (1 - h)) for h in hazards]


def batch(days: list[float], died: list[bool]) -> tuple[torch.Tensor, torch.Tensor]:
    lived = intervals_lived(np.array(days), np.array(died), ENDS)
    return tuple(torch.tensor(a, dtype=torch.float32) for a in (lived.at_risk, lived.died))


def test_the_loss_of_hazards_is_minus_the_log_likelihood_of_lives() -> None:
    said = torch.tensor([logits(0.1, 0.2, 0.3), logits(0.4, 0.5, 0.6), logits(0.2, 0.2, 0.2)])
    # Died in the second interval; censored late in the second; censored after all three.
    lives = (0.9 * 0.2, 0.6 * 0.5, 0.8**3)
    expected = -sum(map(math.log, lives)) / 3
    found = hazard_objective(
        torch.nn.Identity(), said, *batch([150, 180, 900], [True, False, False])
    )
    assert float(found) == pytest.approx(expected, rel=1e-5)


def test_intervals_that_do_not_count_teach_nothing() -> None:
    said = torch.tensor([logits(0.1, 0.2, 0.3)], requires_grad=True)
    hazard_objective(torch.nn.Identity(), said, *batch([60], [True])).backward()
    assert said.grad is not None
    # The derivative of -log h by its logit is h - 1.
    assert said.grad[0].tolist() == pytest.approx([-0.9, 0.0, 0.0])


def test_a_network_taught_by_it_finds_hazards_that_cross() -> None:
    torch.manual_seed(0)
    x = torch.tensor([[0.0], [1.0]]).repeat(50, 1)
    early, late = ([50.0] * 40 + [350.0] * 10), ([50.0] * 5 + [350.0] * 45)
    days = [d for pair in zip(late, early, strict=True) for d in pair]
    targets = batch(days, [True] * 100)
    network = torch.nn.Linear(1, 3)
    optimiser = torch.optim.LBFGS(network.parameters(), max_iter=100)

    def step() -> torch.Tensor:
        optimiser.zero_grad()
        loss = hazard_objective(network, x, *targets)
        loss.backward()
        return loss

    optimiser.step(step)
    hazards = network(torch.tensor([[0.0], [1.0]])).sigmoid()
    assert hazards[:, 0].tolist() == pytest.approx([0.1, 0.8], abs=0.01)
