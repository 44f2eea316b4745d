"""Networks on disk give what torch gave, in any batch, without torch."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (extra 'train')")

from torch import Tensor, nn  # noqa: E402

from gliokit.learning.exchange import first_weights  # noqa: E402
from gliokit.study import StudyError  # noqa: E402
from gliokit.systems.stored_network import load_network, save_network  # noqa: E402

torch.set_num_threads(1)


class _Two(nn.Module):
    """Two inputs, two outputs, sides of any length."""

    def __init__(self, width: int = 4) -> None:
        super().__init__()
        self.first = nn.Conv3d(2, width, 3, padding=1)
        self.last = nn.Linear(width + 1, 2)

    def forward(self, image: Tensor, number: Tensor) -> tuple[Tensor, Tensor]:
        maps = self.first(image).relu()
        return self.last(torch.cat([maps.mean((2, 3, 4)), number], 1)), maps


def example(n: int, side: int = 6) -> tuple[np.ndarray, np.ndarray]:
    generator = np.random.default_rng(n + side)
    image = generator.normal(size=(n, 2, side, side, side)).astype(np.float32)
    return image, generator.normal(size=(n, 1)).astype(np.float32)


def test_a_stored_network_answers_other_batches_and_sides_as_torch_does(tmp_path: Path) -> None:
    network = first_weights(_Two, 1, width=5).eval()
    save_network(tmp_path, network, example(2), free_axes=(0, 2, 3, 4))
    stored = load_network(tmp_path)
    for inputs in (example(1), example(5), example(3, side=9)):
        with torch.no_grad():
            expected = network(*(torch.from_numpy(x) for x in inputs))
        for wanted, found in zip(expected, stored(*inputs), strict=True):
            np.testing.assert_allclose(found, wanted.numpy(), atol=1e-5)


def test_first_weights_depend_on_the_seed_alone() -> None:
    torch.manual_seed(3)
    one = first_weights(_Two, 1).state_dict()["first.weight"]
    torch.manual_seed(8)
    same, other = (first_weights(_Two, s).state_dict()["first.weight"] for s in (1, 2))
    assert torch.equal(one, same)
    assert not torch.equal(one, other)


def test_a_network_is_loaded_and_run_where_torch_can_not_be_imported(tmp_path: Path) -> None:
    save_network(tmp_path, _Two().eval(), example(2), name="part")
    code = (
        "import sys; sys.modules['torch'] = None; import numpy as np;"
        "from pathlib import Path; from gliokit.systems.stored_network import load_network;"
        f"run = load_network(Path({str(tmp_path)!r}), name='part');"
        "print(run(np.ones((1, 2, 6, 6, 6), np.float32), np.ones((1, 1), np.float32))[0].shape)"
    )
    ending = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True)
    assert ending.stdout.strip() == "(1, 2)", ending.stderr


def test_a_network_in_training_and_a_missing_file_are_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="evaluation mode"):
        save_network(tmp_path, _Two().train(), example(2))
    with pytest.raises(StudyError, match="no file"):
        load_network(tmp_path, name="other")
