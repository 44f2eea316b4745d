"""What is in the repository holds no place of one machine and no image of a patient."""

from __future__ import annotations

import re
import shutil
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Written in pieces, so that this file is clean too.
UNCLEAN = re.compile(
    "|".join(
        (
            r"(?<![\w./])/(?:work|root|home)/",
            r"files?\.python" + "hosted",
            r"\bpy" + r"pi\.org",
            r"download\.py" + "torch",
            r"file:" + "///",
            r"[a-z0-9-]+\.conda\." + "org",
        )
    )
)
IMAGES = (".nii", ".nii.gz", ".mha", ".dcm")


def _files() -> list[Path]:
    """Files that git tracks or would add."""
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("not a git checkout")
    listed = subprocess.run(
        ["git", "ls-files", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    return [ROOT / name for name in listed.stdout.splitlines() if (ROOT / name).is_file()]


def test_no_file_names_a_place_of_one_machine() -> None:
    unclean = []
    for path in _files():
        try:
            text = path.read_text(encoding="utf-8")
        except UnicodeDecodeError:
            continue
        unclean += [f"{path.relative_to(ROOT)}: {m[0]}" for m in UNCLEAN.finditer(text)]
    assert not unclean


def test_no_image_of_a_patient_is_in_the_repository() -> None:
    assert not [p for p in _files() if p.name.lower().endswith(IMAGES)]


def test_every_installed_version_is_pinned_without_a_local_tag() -> None:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").split()
    assert len(lines) > 50
    for line in lines:
        assert re.fullmatch(r"[A-Za-z0-9_.-]+==[0-9A-Za-z.]+", line), line
