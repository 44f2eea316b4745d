"""How fast the segmenter is: beside MONAI's sliding window in torch, and as the image grows.

    python benchmarks/segmentation_speed.py STUDY [STUDY ...]

Writes results/segmentation/speed.json. Needs the extra [train] and MONAI. The studies are
folders of four sequences of 240x240x155 voxels.

(a) The same weights, tensor, windows and number of passes in 32-bit floats on two threads,
    OpenVINO as gliokit runs it against torch under `inference_mode` in MONAI's
    `sliding_window_inference`, the better of the two memory layouts.
(b) The whole pipeline, from arrays to labels, against MONAI with windows of 128x128x128 and
    an overlap of a quarter at 1 mm over the whole image.
(c) `gliokit segment` as a process of its own: seconds and memory by quality, and on images
    of two and four times the voxels.
"""

from __future__ import annotations

import argparse
import os
import platform
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
import torch
from monai.inferers import sliding_window_inference
from numpy.typing import NDArray
from record import figure, store

from gliokit.inference import Model, load_model, slide
from gliokit.learning.start import stored_weights
from gliokit.networks import ResidualUNet
from gliokit.preprocessing import channels, prepare
from gliokit.segmentation import segment
from gliokit.study import STRUCTURAL, read_study

THREADS = 2
ROI = (80, 96, 80)
TENSOR = (140, 168, 140)
"""Two windows an axis, at the same places by MONAI's rule and by ours."""
REPEATS = 3
WATCH = """
import resource, subprocess, sys, time
began = time.monotonic()
subprocess.run(sys.argv[1:], check=True)
print(time.monotonic() - began, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)
"""
GROWTH = {1: 1.0, 2: 2 ** (1 / 3), 4: 4 ** (1 / 3)}


def median_seconds(run: Callable[[], Any]) -> float:
    """After one run to warm up."""
    run()
    times = []
    for _ in range(REPEATS):
        began = time.monotonic()
        run()
        times.append(time.monotonic() - began)
    return statistics.median(times)


def torch_network(model: Model, stage: str, layout: torch.memory_format) -> torch.nn.Module:
    network = ResidualUNet()
    network.load_state_dict(stored_weights(model.networks[stage].path))
    return network.eval().to(memory_format=layout)  # type: ignore[call-overload]


def by_monai(
    network: torch.nn.Module, image: NDArray[np.float32], roi: tuple[int, ...], layout: Any
) -> NDArray[np.float32]:
    with torch.inference_mode():
        tensor = torch.from_numpy(image)[None].contiguous(memory_format=layout)
        answer = sliding_window_inference(
            tensor, roi, 1, lambda x: network(x).sigmoid(), overlap=0.25, mode="constant"
        )
        return answer[0].numpy()


def same_windows(model: Model, image: NDArray[np.float32]) -> dict[str, Any]:
    """(a): one row."""
    network = model.networks["coarse"]

    def ours() -> NDArray[np.float32]:
        return slide(network, image, ROI, overlap=0.25, window="constant")

    seconds: dict[str, float] = {}
    apart = 0.0
    for name, layout in (
        ("contiguous", torch.contiguous_format),
        ("channels_last", torch.channels_last_3d),
    ):
        theirs = torch_network(model, "coarse", layout)
        seconds[name] = median_seconds(lambda n=theirs, m=layout: by_monai(n, image, ROI, m))
        apart = max(apart, float(np.abs(by_monai(theirs, image, ROI, layout) - ours()).max()))
    own = median_seconds(ours)
    return {
        "what": "same windows",
        "windows": 8,
        "gliokit_seconds": round(own, 3),
        "monai_seconds": {k: round(v, 3) for k, v in seconds.items()},
        "speedup": round(min(seconds.values()) / own, 3),
        "largest_difference": float(f"{apart:.2g}"),
    }


def whole_pipeline(model: Model, study: Path) -> dict[str, Any]:
    """(b): one row."""
    prepared = prepare(read_study(study))
    image = channels(prepared, STRUCTURAL)
    layout = torch.contiguous_format
    stage = "fine" if "fine" in model.networks else "coarse"
    theirs = torch_network(model, stage, layout)
    began = time.monotonic()
    by_monai(theirs, image, (128, 128, 128), layout)
    monai = time.monotonic() - began
    return {
        "what": "whole pipeline, arrays to labels",
        "study": study.name,
        "gliokit_seconds": round(median_seconds(lambda: segment(prepared, model)), 3),
        "monai_128_seconds": round(monai, 2),
    }


def process(study: Path, quality: str) -> dict[str, Any]:
    """(c): seconds and memory of `gliokit segment`, from files to file."""
    program = shutil.which("gliokit") or str(Path(sys.executable).with_name("gliokit"))
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "labels.nii.gz"
        # A process of its own in between: Linux counts the memory of the process that a
        # program was started from as the program's, and torch is loaded here.
        said = subprocess.run(
            [sys.executable, "-c", WATCH, program, "segment", str(study), "-o", str(out),
             "--quality", quality],
            stdout=subprocess.PIPE,
            check=True,
            env={**os.environ, "OMP_NUM_THREADS": str(THREADS)},
        ).stdout.split()  # fmt: skip
    seconds, kib = float(said[-2]), int(said[-1])
    return {
        "what": "process",
        "study": study.name,
        "quality": quality,
        "seconds": round(seconds, 2),
        "gib": round(kib / 2**20, 3),
    }


def grown(study: Path, times: int, folder: Path) -> Path:
    """The study with so many times the voxels, over the same millimetres."""
    factor = GROWTH[times]
    out = folder / f"{study.name}_x{times}"
    out.mkdir()
    for path in sorted(study.glob("*.nii*")):
        if "seg" in path.name:
            continue
        image = nib.load(path)
        data = np.asanyarray(image.dataobj)
        shape = [round(n * factor) for n in data.shape]
        index = [
            np.minimum((np.arange(m) + 0.5) * n / m, n - 1).astype(int)
            for m, n in zip(shape, data.shape, strict=True)
        ]
        affine = image.affine @ np.diag(
            [*(n / m for n, m in zip(data.shape, shape, strict=True)), 1]
        )
        nib.save(nib.Nifti1Image(data[np.ix_(*index)], affine), out / path.name)
    return out


def processor() -> dict[str, str]:
    """Name and vector instructions, since the ratio depends on them."""
    names, flags = {platform.machine()}, ""
    info = Path("/proc/cpuinfo")
    if info.exists():
        lines = info.read_text(encoding="utf-8").splitlines()
        names = {line.split(":", 1)[1].strip() for line in lines if line.startswith("model name")}
        flags = next((line for line in lines if line.startswith("flags")), "")
    known = ("avx2", "avx512f", "avx512_bf16", "avx512_vnni", "amx_bf16")
    sets = [name for name in known if name in flags.split()]
    return {"what": "processor", "name": ", ".join(sorted(names)), "instructions": " ".join(sets)}


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("studies", type=Path, nargs="+")
    arguments = parser.parse_args()
    torch.set_num_threads(THREADS)
    model = load_model()
    image = np.random.default_rng(0).standard_normal((4, *TENSOR)).astype(np.float32)
    rows: list[dict[str, Any]] = [processor(), same_windows(model, image)]
    rows.append(whole_pipeline(model, arguments.studies[0]))
    for quality in ("standard", "best"):
        rows += [process(study, quality) for study in arguments.studies]
    with tempfile.TemporaryDirectory() as folder:
        for times in (2, 4):
            bigger = grown(arguments.studies[0], times, Path(folder))
            rows.append({**process(bigger, "standard"), "voxels": times})
    figures = {}
    for quality in ("standard", "best"):
        runs = [r for r in rows if r.get("quality") == quality and "voxels" not in r]
        for key, unit in (("seconds", "s"), ("gib", "GiB")):
            values = [r[key] for r in runs]
            figures[f"{quality}_{key}"] = figure(
                statistics.fmean(values),
                low=min(values),
                high=max(values),
                n=len(values),
                unit=unit,
            )
    figures["speedup_vs_monai"] = figure(rows[1]["speedup"], n=1, unit="times")
    figures["largest_difference"] = {
        **figure(0, n=1, unit="probability"),
        "value": rows[1]["largest_difference"],
    }
    path = store(
        "segmentation/speed",
        command="python benchmarks/segmentation_speed.py "
        + " ".join(f"<data>/{s.parent.name}/{s.name}" for s in arguments.studies),
        data="studies of 240x240x155 voxels as published, four sequences each; low and high are "
        "the fastest and slowest",
        seed=0,
        figures=figures,
        rows=rows,
    )
    print(f"stored {path}")


if __name__ == "__main__":
    main()
