"""The command line run in this process, and a model small enough for tests."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from gliokit.cli import main
from tests.tiny_model import write_tiny_model


@dataclass(frozen=True)
class Ending:
    """How a run of the command line ended."""

    code: int
    out: str
    err: str


@pytest.fixture
def run(capsys: pytest.CaptureFixture[str]) -> Iterator[Callable[..., Ending]]:
    """Runs `gliokit` with arguments: `run("analyze", folder, "-o", out)`."""
    before = signal.getsignal(signal.SIGTERM)

    def call(*arguments: object) -> Ending:
        with pytest.raises(SystemExit) as left:
            main([str(a) for a in arguments])
        said = capsys.readouterr()
        return Ending(int(left.value.code or 0), said.out, said.err)

    yield call
    signal.signal(signal.SIGTERM, before)


@pytest.fixture(scope="session")
def tiny_model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A model folder that thresholds FLAIR and T1C."""
    return write_tiny_model(tmp_path_factory.mktemp("model") / "tiny")


def everything_in(folder: Path) -> set[str]:
    """All files and folders below a folder, hidden ones too."""
    return {
        os.path.relpath(os.path.join(root, name), folder)
        for root, folders, files in os.walk(folder)
        for name in (*folders, *files)
    }
