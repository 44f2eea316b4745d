"""Patients of whom the expert drew the whole tumour alone, and who lack sequences."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (extra 'train')")

from torch import Tensor  # noqa: E402

from gliokit.learning import TrainingSettings  # noqa: E402
from gliokit.learning.curve import read_curve  # noqa: E402
from gliokit.learning.drawing import draw, unvaried  # noqa: E402
from gliokit.learning.examples import Example, cut, load_examples  # noqa: E402
from gliokit.learning.loss import region_loss, supervised_levels_loss  # noqa: E402
from gliokit.learning.method import method_of  # noqa: E402
from gliokit.learning.training import train  # noqa: E402
from gliokit.study import (  # noqa: E402
    WHOLE_TUMOUR,
    Grid,
    LabelMap,
    Labels,
    Modality,
    Patient,
    Study,
    StudyError,
    Volume,
)
from tests.learning.test_training import SETTINGS, STILL, example  # noqa: E402

NNUNET = TrainingSettings(network="nnunet-style", patch=(16, 16, 16), filters=4, steps=2)
WHOLE_ALONE = (True, False, False)


def partial(seed: int = 0) -> Example:
    """The ball of noise, of which the whole tumour alone is drawn."""
    full = example(seed)
    regions = full.regions.copy()
    regions[1:] = 0
    return Example(f"partial{seed}", full.image, regions, WHOLE_ALONE)


def levels_loss(logits: Tensor, regions: Tensor) -> Tensor:
    return supervised_levels_loss((logits,), regions)


@pytest.mark.parametrize("loss", [region_loss, levels_loss])
def test_a_region_that_nobody_drew_has_no_gradient_and_the_others_weigh_as_before(
    loss: object,
) -> None:
    generator = torch.Generator().manual_seed(1)
    logits = torch.randn(2, 3, 8, 8, 8, generator=generator)
    regions = (torch.rand(2, 3, 8, 8, 8, generator=generator) > 0.7).float()
    gradients = []
    for marked in (regions.clone(), regions.clone()):
        if gradients:
            marked[0, 1:] = torch.nan
        given = logits.clone().requires_grad_()
        value = loss(given, marked)  # type: ignore[operator]
        value.backward()
        assert torch.isfinite(value)
        gradients.append(given.grad)
    full, some = gradients
    assert torch.count_nonzero(some[0, 1:]) == 0
    assert torch.count_nonzero(full[0, 1:]) > 0
    torch.testing.assert_close(some[0, :1], full[0, :1])
    torch.testing.assert_close(some[1], full[1])


def test_what_an_undrawn_region_would_hold_changes_no_loss() -> None:
    logits = torch.randn(1, 3, 8, 8, 8, generator=torch.Generator().manual_seed(1))
    regions = torch.zeros(1, 3, 8, 8, 8)
    regions[:, 0, 2:6] = 1
    regions[:, 1:] = torch.nan
    other = logits.clone()
    other[:, 1:] += 7
    assert float(region_loss(logits, regions)) == float(region_loss(other, regions))


@pytest.mark.parametrize("settings", [SETTINGS, NNUNET])
def test_what_a_run_sees_of_such_a_patient_is_marked(settings: TrainingSettings) -> None:
    method = method_of(settings)
    for image, regions in (
        draw([partial()], settings, method, 3),
        unvaried(partial(), settings),
    ):
        assert regions[0].isfinite().all()
        assert regions[1:].isnan().all()
        assert image.isfinite().all()
    assert draw([example()], settings, method, 3)[1].isfinite().all()


def whole_alone(labels: Labels = WHOLE_TUMOUR, *, draw_it: bool = True) -> Patient:
    """A brain of 1,200 mL at 2 mm with FLAIR and T1C alone, and a mask of the whole tumour."""
    shape = (80, 80, 80)
    grid = Grid(shape, np.diag([2.0, 2.0, 2.0, 1.0]))
    distance = np.linalg.norm((np.indices(shape).T - 39.5).T, axis=0)
    noise = np.random.default_rng(0).normal(100, 10, shape)
    mask = np.zeros(shape, np.uint8)
    mask[30:44, 30:44, 30:44] = int(draw_it)
    brain = np.where(distance < 33, noise, 0).astype(np.float32)
    images = {
        m: Volume.from_array(m, grid, gain * brain)
        for m, gain in ((Modality.FLAIR, 1), (Modality.T1C, 2))
    }
    return Patient(
        "lgg", {}, lambda: Study("lgg", images), lambda: LabelMap(grid, mask, labels)
    )  # fmt: skip


def test_a_mask_of_the_whole_tumour_is_read_as_that_and_missing_sequences_are_0() -> None:
    said: list[str] = []
    (read,) = load_examples([whole_alone()], spacing_mm=4, progress=said.append)
    assert read.drawn == WHOLE_ALONE
    assert read.regions[0].max() == 1
    assert read.regions[1:].max() == 0
    present = [bool(channel.any()) for channel in read.image]
    assert present == [False, True, False, True]  # T1, T1C, T2, FLAIR
    assert "reading lgg (drawn: WT alone)" in said


def test_what_is_drawn_of_a_partial_label_map_is_said() -> None:
    two = Labels("two", {"E": 1, "C": 2}, {"WT": frozenset({1, 2}), "TC": frozenset({2})})
    said: list[str] = []
    (read,) = load_examples([whole_alone(two)], spacing_mm=4, progress=said.append)
    assert read.drawn == (True, True, False)
    assert "reading lgg (drawn: WT and TC alone)" in said


def test_a_label_map_without_the_whole_tumour_is_refused() -> None:
    cavity = Labels("cavity", {"RC": 1}, {"RC": frozenset({1})})
    with pytest.raises(StudyError, match=r"whole tumour is drawn.*cavity"):
        load_examples([whole_alone(cavity)], spacing_mm=4)


def test_patients_with_the_whole_tumour_alone_improve_it_and_leave_the_others_alone(
    tmp_path: Path,
) -> None:
    settings = SETTINGS.model_copy(update={"steps": 150, "augmentation": STILL, "average": 0.8})
    method = method_of(settings)
    torch.manual_seed(settings.seed)
    before = {k: v.clone() for k, v in method.build().state_dict().items()}
    network = train([partial(0)], settings, tmp_path)
    losses = read_curve(tmp_path / "curve.jsonl")[1]
    assert all(np.isfinite(losses))
    assert losses[-1] < 0.6 * losses[0]
    image, regions = cut(example(0), (16, 16, 16), (0, 0, 0))
    with torch.no_grad():
        found = network(torch.from_numpy(image)[None])[0, 0] > 0
    wanted = torch.from_numpy(regions[0]) > 0.5
    assert 2 * int((found & wanted).sum()) / int(found.sum() + wanted.sum()) > 0.8
    head = {k: v for k, v in network.state_dict().items() if k == "head.bias"}
    # No gradient ever came to the biases of TC and ET; weight decay alone drew at them.
    torch.testing.assert_close(head["head.bias"][1:], before["head.bias"][1:], atol=1e-3, rtol=1e-2)
    assert abs(float(head["head.bias"][0] - before["head.bias"][0])) > 1e-2
