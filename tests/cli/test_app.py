"""The command line as a whole: help, version, bugs, and what is imported when."""

from __future__ import annotations

import subprocess
import sys
from collections.abc import Callable

import pytest

import gliokit
from gliokit.cli.exits import DEBUG
from tests.cli.conftest import Ending

VERBS = (
    "analyze",
    "demo",
    "segment",
    "report",
    "train",
    "phantom",
    "evaluate",
    "features",
    "bench",
    "systems",
    "models",
)
HEAVY = (
    "torch",
    "monai",
    "onnx",
    "openvino",
    "SimpleITK",
    "numpy",
    "matplotlib",
    "nibabel",
    "numba",
    "pandas",
    "pyarrow",
    "distributed",
)


def test_help_names_every_verb(run: Callable[..., Ending]) -> None:
    ending = run("--help")
    assert ending.code == 0
    assert "Research use only" in ending.out
    for verb in VERBS:
        assert verb in ending.out


@pytest.mark.parametrize("verb", [*VERBS, "train segmentation"])
def test_every_verb_has_its_help(verb: str, run: Callable[..., Ending]) -> None:
    ending = run(*verb.split(), "-h")
    assert ending.code == 0
    assert "Usage: gliokit" in ending.out


def test_version(run: Callable[..., Ending]) -> None:
    ending = run("--version")
    assert (ending.code, ending.out) == (0, f"gliokit {gliokit.__version__}\n")


@pytest.mark.parametrize("arguments", [["nonsense"], ["analyze"], ["analyze", "x", "--lang", "fr"]])
def test_a_wrong_call_is_2(arguments: list[str], run: Callable[..., Ending]) -> None:
    ending = run(*arguments)
    assert ending.code == 2
    assert "Traceback" not in ending.err


def _break(monkeypatch: pytest.MonkeyPatch) -> None:
    def broken() -> None:
        raise ZeroDivisionError("division by zero")

    monkeypatch.setattr("gliokit.inference.list_models", broken)


def test_a_bug_is_70_and_says_where_to_report_it(
    run: Callable[..., Ending], monkeypatch: pytest.MonkeyPatch
) -> None:
    _break(monkeypatch)
    ending = run("models")
    assert ending.code == 70
    assert "ZeroDivisionError: division by zero" in ending.err
    assert "issue tracker" in ending.err
    assert gliokit.__version__ in ending.err
    assert "Traceback" not in ending.err


def test_the_traceback_is_shown_where_it_is_asked_for(
    run: Callable[..., Ending], monkeypatch: pytest.MonkeyPatch
) -> None:
    _break(monkeypatch)
    monkeypatch.setenv(DEBUG, "1")
    assert "Traceback" in run("models").err


def _imported(code: str) -> set[str]:
    """Top-level packages that a fresh process has imported after the code."""
    ending = subprocess.run(
        [sys.executable, "-c", f"{code}\nimport sys; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
    )
    return {name.partition(".")[0] for name in ending.stdout.split()}


def test_help_imports_nothing_heavy() -> None:
    imported = _imported("import gliokit, gliokit.cli")
    assert not imported & set(HEAVY)


def test_analyze_imports_no_torch() -> None:
    imported = _imported(
        "import gliokit; gliokit.analyze; import gliokit.measurement, gliokit.reporting"
    )
    assert not imported & {"torch", "monai", "onnx"}


def test_models_are_listed(run: Callable[..., Ending]) -> None:
    assert run("models").code == 0
    assert run("models", "--json").out.startswith("[")


def test_settings_of_training_come_from_a_file_and_options_win(tmp_path) -> None:
    from gliokit.cli.train import _settings

    (tmp_path / "a.toml").write_text("steps = 7\nseed = 3\n[augmentation]\nflip = 0.1\n")
    settings = _settings(
        tmp_path / "a.toml", {"steps": 9, "seed": None, "stage": None}, stop_early=False
    )
    assert (settings.steps, settings.seed, settings.augmentation.flip) == (9, 3, 0.1)


@pytest.mark.parametrize("content", ["steps = 'many'", "stepps = 3", "not toml"])
def test_wrong_settings_of_training_are_refused(
    content: str, tmp_path, run: Callable[..., Ending]
) -> None:
    (tmp_path / "a.toml").write_text(content)
    ending = run(
        "train", "segmentation", "--cohort", "c.tsv", "-o", tmp_path / "run",
        "--config", tmp_path / "a.toml",
    )  # fmt: skip
    assert ending.code == 2, ending.err
    assert "a.toml" in ending.err
    assert not (tmp_path / "run").exists()
