"""Model folders are what their cards say, or refused."""

from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest

from gliokit.inference import Bottleneck, list_models, load_model
from gliokit.study import UsageError
from tests.tiny_model import BIASES, WEIGHTS, write_tiny_model

RESULTS = Path(__file__).resolve().parents[2] / "results"


def test_network_gives_the_probabilities_of_its_weights_at_any_size(tmp_path: Path) -> None:
    network = load_model(write_tiny_model(tmp_path)).networks["coarse"]
    for shape in ((5, 6, 7), (4, 9, 3)):
        image = np.random.default_rng(0).normal(size=(4, *shape)).astype(np.float32)
        logits = np.einsum("rc,cijk->rijk", WEIGHTS, image) + BIASES[:, None, None, None]
        np.testing.assert_allclose(network(image), 1 / (1 + np.exp(-logits)), atol=1e-5)


def test_one_compiled_network_is_kept_however_many_shapes_it_has_seen(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    import gc
    import weakref

    import openvino

    folder = write_tiny_model(tmp_path)
    network = load_model(folder).networks["coarse"]
    bottleneck = Bottleneck(network.path, multiple=1)
    compiled: list[weakref.ref[object]] = []
    compile_model = openvino.Core.compile_model

    def watched(*arguments: object, **options: object) -> object:
        made = compile_model(*arguments, **options)
        compiled.append(weakref.ref(made))
        return made

    monkeypatch.setattr(openvino.Core, "compile_model", watched)
    for runs in (network, bottleneck):
        compiled.clear()
        for side in (4, 4, 6, 8):
            runs(np.zeros((4, side, side, side), np.float32))
        gc.collect()
        assert len(compiled) == 3  # image and mirror image share one
        assert sum(made() is not None for made in compiled) == 1


def test_a_network_that_is_not_the_cards_is_refused(tmp_path: Path) -> None:
    folder = write_tiny_model(tmp_path)
    with (folder / "coarse.onnx").open("ab") as stream:
        stream.write(b"x")
    with pytest.raises(UsageError, match="checksum"):
        load_model(folder)


def test_a_missing_network_is_refused(tmp_path: Path) -> None:
    folder = write_tiny_model(tmp_path)
    (folder / "coarse.onnx").unlink()
    with pytest.raises(UsageError, match="no file"):
        load_model(folder)


def test_an_unknown_model_is_refused_with_the_way_to_list_them() -> None:
    with pytest.raises(UsageError, match="gliokit models"):
        load_model("no-such-model")


def test_a_broken_card_is_refused(tmp_path: Path) -> None:
    folder = write_tiny_model(tmp_path)
    (folder / "card.json").write_text("{}", encoding="utf-8")
    with pytest.raises(UsageError, match="card"):
        load_model(folder)


def test_every_shipped_model_loads_and_names_its_training_patients() -> None:
    cards = list_models()
    assert [c.name for c in cards] == ["segmenter"]
    for card in cards:
        model = load_model(card.name)
        assert set(model.networks) == {s.name for s in card.stages}
        assert len({p.subject for p in card.trained_on}) == len(card.trained_on)
        assert len(card.patients) > 30
        others = [p.patient for p in card.trained_on if p.patient]
        assert len(set(others)) == len(others)
        assert {"wt_dice", "tc_dice", "et_dice"} <= set(card.held_out)


def test_the_held_out_figures_of_the_shipped_model_are_those_of_the_stored_run() -> None:
    stored = json.loads((RESULTS / "segmentation" / "cross_validation.json").read_text())
    card = load_model().card
    assert card.held_out == stored["figures"]
    seen = {p.subject for p in card.trained_on}
    if any(row["subject"] in seen for row in stored["rows"]):
        assert any("held-out figures" in limit for limit in card.limits)
