"""Every kind of bad input: which message, which exit code, and nothing half-written."""

from __future__ import annotations

import errno
import os
import shutil
import struct
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np
import pytest

from tests.cli.conftest import Ending, everything_in
from tests.conftest import TINY_AFFINE, TINY_SHAPE, tiny_brain

Write = Callable[..., Path]
FLAIR = "case/flair.nii.gz"


@dataclass(frozen=True)
class Bad:
    """One kind of bad input.

    `make` writes it into a folder that holds a good case, `case`, and gives the arguments
    of `gliokit analyze`; the message has all of `words`: file, rule, value, way out.
    """

    name: str
    make: Callable[[Path, Write], list[object]]
    words: tuple[str, ...]
    code: int = field(default=3)


def _case(folder: Path) -> list[object]:
    return [folder / "case"]


def _flair_is(**options: object) -> Callable[[Path, Write], list[object]]:
    """The case, its FLAIR written anew."""

    def make(folder: Path, write: Write) -> list[object]:
        write(folder / FLAIR, **options)
        return _case(folder)

    return make


def _flair_with(value: float) -> Callable[[Path, Write], list[object]]:
    data = tiny_brain(9)
    data[6, 6, 6] = value
    return _flair_is(data=data)


def _missing(folder: Path, _: Write) -> list[object]:
    return [*_case(folder), "--flair", folder / "nowhere.nii.gz"]


def _unreadable(folder: Path, _: Write) -> list[object]:
    if os.geteuid() == 0:
        pytest.skip("root may read every file")
    (folder / FLAIR).chmod(0)
    return _case(folder)


def _folder_as_image(folder: Path, _: Write) -> list[object]:
    (folder / "scans.nii.gz").mkdir()
    return [*_case(folder), "--flair", folder / "scans.nii.gz"]


def _truncated(folder: Path, _: Write) -> list[object]:
    path = folder / FLAIR
    path.write_bytes(path.read_bytes()[: path.stat().st_size // 2])
    return _case(folder)


def _text(folder: Path, _: Write) -> list[object]:
    (folder / FLAIR).write_text("See the other folder.\n")
    return _case(folder)


def _two_for_one(folder: Path, write: Write) -> list[object]:
    write(folder / "case" / "flair_2.nii.gz", seed=8)
    return _case(folder)


def _one_file_for_two(folder: Path, _: Write) -> list[object]:
    return ["--t2", folder / FLAIR, "--flair", folder / FLAIR]


def _one_image_for_two(folder: Path, _: Write) -> list[object]:
    shutil.copy(folder / FLAIR, folder / "case" / "t2.nii.gz")
    return _case(folder)


def _other_affine(folder: Path, write: Write) -> list[object]:
    moved = TINY_AFFINE.copy()
    moved[0, 3] += 3
    write(folder / FLAIR, seed=9, affine=moved)
    return _case(folder)


def _patched(offset: int, form: str, *values: float) -> Callable[[Path, Write], list[object]]:
    """The case, with an uncompressed FLAIR whose header holds other numbers."""

    def make(folder: Path, write: Write) -> list[object]:
        (folder / FLAIR).unlink()
        path = write(folder / "case" / "flair.nii", seed=9, sform=0 if offset == 80 else 1)
        content = bytearray(path.read_bytes())
        struct.pack_into(f"<{form}", content, offset, *values)
        path.write_bytes(content)
        return _case(folder)

    return make


def _labels() -> np.ndarray:
    labels = np.zeros(TINY_SHAPE, np.uint8)
    labels[4:8, 4:8, 4:8] = 2
    labels[5:7, 5:7, 5:7] = 1
    labels[5, 5, 5] = 4
    return labels


def _no_sequence(folder: Path, write: Write) -> list[object]:
    write(folder / "other" / "dwi.nii.gz")
    return [folder / "other"]


def _coarse_head(folder: Path, write: Write) -> list[object]:
    for path in (folder / "case").iterdir():
        path.unlink()
    write(folder / FLAIR, affine=np.diag([18.0, 18, 18, 1]))
    return _case(folder)


def _unknown_labels(folder: Path, write: Write) -> list[object]:
    labels = np.where(_labels() == 4, 0, _labels())
    labels[5, 5, 5] = 3
    write(folder / "corrected.nii.gz", np.where(labels == 2, 0, labels))
    return [*_case(folder), "--segmentation", folder / "corrected.nii.gz"]


def _labels_elsewhere(folder: Path, write: Write) -> list[object]:
    moved = TINY_AFFINE.copy()
    moved[2, 3] += 2
    write(folder / "corrected.nii.gz", np.minimum(_labels(), 2), affine=moved)
    return [*_case(folder), "--segmentation", folder / "corrected.nii.gz"]


ONE_GRID = "lies voxel on voxel on"
RESAMPLE = "Register and resample"
STRIP = "strip the skull first"

TABLE = (
    Bad("missing file", _missing, ("nowhere.nii.gz", "no such file")),
    Bad("unreadable file", _unreadable, (FLAIR, "can be read", "ermission", "Open it")),
    Bad("folder as image", _folder_as_image, ("scans.nii.gz", "found a folder")),
    Bad("truncated", _truncated, (FLAIR, "can be read", "again")),
    Bad("text", _text, (FLAIR, "can be read", "not a gzip file", "Check that the file")),
    Bad(
        "4-D", _flair_is(data=np.ones((*TINY_SHAPE, 5), np.float32)),
        (FLAIR, "three dimensions", "12 x 13 x 14 x 5", "Give a single 3-D image"),
    ),
    Bad(
        "2-D", _flair_is(data=np.ones((12, 13), np.float32)),
        (FLAIR, "three dimensions", "12 x 13", "Give a single 3-D image"),
    ),
    Bad("NaN", _flair_with(np.nan), (FLAIR, "finite", "1 voxels", "Replace them")),
    Bad("infinity", _flair_with(np.inf), (FLAIR, "finite", "1 voxels", "Replace them")),
    Bad(
        "zeros", _flair_is(data=np.zeros(TINY_SHAPE, np.float32)),
        (FLAIR, "more than one value", "0 in all 2184 voxels", "leave FLAIR out"),
    ),
    Bad(
        "two for one", _two_for_one,
        ("case", "one file is the FLAIR", "flair.nii.gz, flair_2.nii.gz", "--flair FILE"),
    ),
    Bad("one file for two", _one_file_for_two, (FLAIR, "one sequence", "--t2", "Leave out")),
    Bad(
        "one image for two", _one_image_for_two,
        (FLAIR, "two images", "t2.nii.gz", "Leave out the sequence"),
    ),
    Bad(
        "other shape", _flair_is(data=tiny_brain(9)[:, :, :-1]),
        (FLAIR, ONE_GRID, "12 x 13 x 13 voxels", RESAMPLE),
    ),
    Bad("other affine", _other_affine, (FLAIR, ONE_GRID, "3.0 mm apart", RESAMPLE)),
    Bad(
        "singular affine", _patched(280, "12f", 1, 1, 0, 0, 1, 1, 0, 0, 0, 0, 1, 0),
        ("flair.nii", "can be inverted", "Correct the orientation"),
    ),
    Bad(
        "voxels of 0", _patched(80, "fff", 0, 0, 0),
        ("flair.nii", "have a size", "0 x 0 x 0 mm", "Correct the voxel size"),
    ),
    Bad(
        "voxels of 1000", _flair_is(affine=np.diag([1000.0, 1000, 1000, 1])),
        (FLAIR, "voxels measure", "1000 x 1000 x 1000 mm", "Correct the voxel size"),
    ),
    Bad(
        "labels as image", _flair_is(data=_labels()),
        (FLAIR, "a signal, not labels", "0, 1, 2, 4", "a label map goes in as a segmentation"),
    ),
    Bad("no sequence", _no_sequence, ("other", "at least one of", "dwi.nii.gz", "Say which file")),
    Bad(
        "head by volume", _coarse_head, (FLAIR, "at most 2100 mL", "head with its skull", STRIP)
    ),
    Bad(
        "head without background", _flair_is(data=tiny_brain(9) + 5),
        (FLAIR, "is 0", "0 in 0.0%", STRIP),
    ),
    Bad(
        "head cut off", _flair_is(data=np.pad(tiny_brain(9)[:, :, 5:], [(0, 0), (0, 0), (0, 5)])),
        (FLAIR, "any side of the image", "mL", STRIP),
    ),
    Bad("unknown generation", _unknown_labels, ("corrected.nii.gz", "generation", "1, 3")),
    Bad(
        "labels on another grid", _labels_elsewhere,
        ("corrected.nii.gz", ONE_GRID, "2.0 mm apart", RESAMPLE),
    ),
    Bad(
        "unknown model", lambda folder, _: [*_case(folder), "--model", "oracle"],
        ("oracle", "a model is", "gliokit models"), code=2,
    ),
    Bad("no study", lambda *_: [], ("a study is a folder or files", "--t1"), code=2),
)  # fmt: skip


@pytest.fixture
def bench(tmp_path: Path, write_image: Write) -> Path:
    """A folder with a good case of two sequences."""
    write_image(tmp_path / "case" / "t1.nii.gz", seed=1)
    write_image(tmp_path / FLAIR, seed=2)
    return tmp_path


@pytest.mark.parametrize("bad", TABLE, ids=[b.name for b in TABLE])
def test_bad_input_is_refused_in_words_and_leaves_nothing(
    bad: Bad, bench: Path, write_image: Write, run: Callable[..., Ending], tiny_model: Path
) -> None:
    arguments = bad.make(bench, write_image)
    if "--model" not in arguments:
        arguments += ["--model", tiny_model]
    before = everything_in(bench)
    ending = run("analyze", *arguments, "-o", bench / "made" / "out")
    assert ending.code == bad.code, ending.err
    for word in bad.words:
        assert word in ending.err
    assert "Traceback" not in ending.err
    assert everything_in(bench) == before


def _file_in_place(folder: Path) -> tuple[Path, str]:
    (folder / "out").write_text("mine")
    return folder / "out", "found a file"


def _below_a_file(folder: Path) -> tuple[Path, str]:
    (folder / "out").write_text("mine")
    return folder / "out" / "result", "can be written"


def _other_content(folder: Path) -> tuple[Path, str]:
    (folder / "out").mkdir()
    (folder / "out" / "thesis.txt").write_text("mine")
    return folder / "out", "thesis.txt"


def _read_only(folder: Path) -> tuple[Path, str]:
    if os.geteuid() == 0:
        pytest.skip("root may write everywhere")
    (folder / "closed").mkdir(mode=0o500)
    return folder / "closed" / "out", "ermission"


def _no_real_disk(_: Path) -> tuple[Path, str]:
    if not Path("/proc/self").is_dir():
        pytest.skip("no /proc, where even root can't write")
    return Path("/proc/gliokit/out"), "can be written"


@pytest.mark.parametrize(
    "make", [_file_in_place, _below_a_file, _other_content, _read_only, _no_real_disk]
)
def test_an_output_that_can_not_be_written_is_refused_before_any_work(
    make: Callable[[Path], tuple[Path, str]],
    bench: Path,
    run: Callable[..., Ending],
    tiny_model: Path,
) -> None:
    out, word = make(bench)
    before = everything_in(bench)
    ending = run("analyze", bench / "case", "-o", out, "--model", tiny_model)
    assert ending.code == 4, ending.err
    assert str(out) in ending.err
    assert word in ending.err
    assert "reading" not in ending.err
    assert everything_in(bench) == before


@pytest.mark.parametrize("verb", ["analyze", "segment"])
def test_a_full_disk_is_said_and_leaves_nothing(
    verb: str,
    bench: Path,
    run: Callable[..., Ending],
    tiny_model: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    import nibabel as nib

    def save(_image: object, path: Path) -> None:
        Path(path).write_bytes(b"half")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(nib, "save", save)
    before = everything_in(bench)
    out = bench / "made" / "seg.nii.gz"
    ending = run(verb, bench / "case", "-o", out, "--model", tiny_model)
    assert ending.code == 4, ending.err
    assert str(out) in ending.err
    assert "No space left on device" in ending.err
    assert "make room" in ending.err
    assert everything_in(bench) == before


def test_a_label_map_is_not_written_over_a_file(
    bench: Path, run: Callable[..., Ending], tiny_model: Path
) -> None:
    (bench / "seg.nii.gz").write_text("mine")
    ending = run("segment", bench / "case", "-o", bench / "seg.nii.gz", "--model", tiny_model)
    assert ending.code == 4
    assert (bench / "seg.nii.gz").read_text() == "mine"
