"""A run ends when patients kept back gain no more, with the weights that were best for them."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (extra 'train')")

from gliokit.inference import load_model  # noqa: E402
from gliokit.learning import EarlyStopping  # noqa: E402
from gliokit.learning.curve import read_curve  # noqa: E402
from gliokit.learning.drawing import unvaried  # noqa: E402
from gliokit.learning.examples import Example  # noqa: E402
from gliokit.learning.method import method_of  # noqa: E402
from gliokit.learning.run import train_segmentation  # noqa: E402
from gliokit.learning.training import train  # noqa: E402
from gliokit.study import Cohort, UsageError  # noqa: E402
from tests.learning.test_training import SETTINGS, example, patient  # noqa: E402

STOPPING = SETTINGS.model_copy(
    update={
        "steps": 40,
        "average": 0.0,
        "learning_rate": 0.05,
        "stop_early": EarlyStopping(share=0.3, every=2, patience=2),
    }
)


def contrary() -> Example:
    """Whose tumour lies where those of the others never do: learning makes him worse."""
    other = example(5)
    return Example("contrary", other.image, 1 - other.regions)


def test_a_run_that_gains_no_more_ends_with_its_best_weights(tmp_path: Path) -> None:
    network = train([example(0)], STOPPING, tmp_path, watched=[contrary()])
    steps, watched = read_curve(tmp_path / "curve.jsonl", "watched")
    best = min(range(len(watched)), key=lambda n: watched[n])
    assert len(steps) == best + 1 + 2
    assert read_curve(tmp_path / "curve.jsonl")[0][-1] + 1 == steps[-1] + 1 < 40
    image, regions = unvaried(contrary(), STOPPING)
    method = method_of(STOPPING)
    with torch.no_grad():
        loss = float(method.loss(method.predict(network, image[None]), regions[None]))
    assert loss == pytest.approx(min(watched), abs=1e-4)


def test_a_run_that_stopped_early_and_is_resumed_learns_no_further(tmp_path: Path) -> None:
    network = train([example(0)], STOPPING, tmp_path, watched=[contrary()])
    rows = (tmp_path / "curve.jsonl").read_text()
    again = train([example(0)], STOPPING, tmp_path, watched=[contrary()])
    assert (tmp_path / "curve.jsonl").read_text() == rows
    assert all(torch.equal(v, again.state_dict()[k]) for k, v in network.state_dict().items())


def test_looking_changes_nothing_of_what_is_learnt(tmp_path: Path) -> None:
    longer = STOPPING.model_copy(
        update={"steps": 4, "stop_early": EarlyStopping(every=1, patience=9)}
    )
    train([example(0)], longer, tmp_path / "looking", watched=[example(1)])
    train([example(0)], longer.model_copy(update={"stop_early": None}), tmp_path / "not")
    looking, plain = (
        torch.load(tmp_path / name / "checkpoint.pt", weights_only=True)["network"]
        for name in ("looking", "not")
    )
    assert all(torch.equal(v, plain[k]) for k, v in looking.items())


def test_the_patients_kept_back_are_of_those_to_learn_from_and_count_as_seen(
    tmp_path: Path,
) -> None:
    cohort = Cohort(tuple(patient(n) for n in "abcd"), ("collection",), tmp_path)
    settings = STOPPING.model_copy(update={"steps": 2})
    folder = train_segmentation(cohort, tmp_path / "run", settings=settings, held_out=["b"])
    patients = json.loads((tmp_path / "run" / "patients.json").read_text())
    assert len(patients["watched"]) == 1
    assert set(patients["watched"]) < set("acd")
    assert {p.subject for p in load_model(folder).card.trained_on} == set("acd")
    assert (tmp_path / "run" / "curve.png").stat().st_size > 1000


def test_a_run_that_stops_early_needs_somebody_to_look_at(tmp_path: Path) -> None:
    with pytest.raises(UsageError, match="kept back"):
        train([example(0)], STOPPING, tmp_path)
