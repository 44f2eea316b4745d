"""Ctrl-C and a polite kill: the exit code, and nothing half-written."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from tests.cli.conftest import everything_in

WAITING = """
import signal
# A suite in the background of a shell has Ctrl-C ignored, and its children would ignore it too.
signal.signal(signal.SIGINT, signal.default_int_handler)
from gliokit.analysis import finding
from gliokit.cli import main
finding.segment = lambda *_, **__: signal.pause()
main()
"""


@pytest.mark.skipif(os.name == "nt", reason="Windows has no such signals")
@pytest.mark.parametrize(("sent", "code"), [(signal.SIGINT, 130), (signal.SIGTERM, 143)])
@pytest.mark.parametrize("is_there", [True, False])
def test_an_interrupted_analysis_leaves_nothing(
    sent: signal.Signals,
    code: int,
    is_there: bool,
    tmp_path: Path,
    write_image: Callable[..., Path],
    tiny_model: Path,
) -> None:
    write_image(tmp_path / "case" / "flair.nii.gz")
    out = tmp_path / "made" / "out"
    if is_there:
        out.mkdir(parents=True)
    before = everything_in(tmp_path)
    arguments = ["analyze", str(tmp_path / "case"), "-o", str(out), "--model", str(tiny_model)]
    with subprocess.Popen(
        [sys.executable, "-c", WAITING, *arguments], stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        said = ""
        while "finding the tumour" not in said:
            line = process.stderr.readline()
            assert line, said
            said += line
        process.send_signal(sent)
        killer = threading.Timer(30, process.kill)
        killer.start()
        said += process.stderr.read()
        killer.cancel()
    assert process.returncode == code, said
    assert "Traceback" not in said
    assert everything_in(tmp_path) == before
