"""Radiomics against MIRP and PyRadiomics: one image, one mask, one run.

    python benchmarks/radiomics_speed.py FOLDER [--patient CASE] [--rounds N]

Writes results/measurement/speed.json. FOLDER takes one environment for each of the other two
(made where it isn't there yet) and the image that all read. CASE is a folder of a BraTS patient
with its labels.

Seconds are those of the processor, each process having one thread, so that other work on the
machine doesn't count; the three take turns, N times. Each reads the image and the mask from
disk. The first call of gliokit and PyRadiomics doesn't count; MIRP, whose modules are all loaded
before it, makes only the call that counts.
"""

from __future__ import annotations

import argparse
import json
import math
import os
import statistics
import subprocess
import sys
import time
import venv
from collections.abc import Callable
from pathlib import Path
from typing import Any

SHAPE = (240, 240, 155)
VOXELS = 60_000
BINS = 32
REPEATS = 3
SEED = 20
GROWTH = (7_500, 60_000, 480_000)

INSTALL: dict[str, list[list[str]]] = {
    "mirp": [["mirp==2.7.0"]],
    "pyradiomics": [
        ["numpy<2", "setuptools<81", "wheel", "versioneer"],
        ["--no-build-isolation", "pyradiomics==3.0.1"],
    ],
}
"""What pip installs, call by call. PyRadiomics' build needs numpy and versioneer before it."""

SHARED = ("morphology", "statistics", "histogram", "glcm", "glrlm", "glszm", "ngtdm", "ngldm")
"""The families that PyRadiomics' seven classes cover."""


def environment(folder: Path, name: str) -> Path:
    """The interpreter of an environment, made if need be."""
    place = folder / name
    python = place / "bin" / "python"
    if not (place / "complete").is_file():
        venv.create(place, with_pip=True)
        for wanted in INSTALL[name]:
            subprocess.run([python, "-m", "pip", "install", "-q", *wanted], check=True)
        (place / "complete").touch()
    return python


def make_images(folder: Path) -> None:
    """Smooth noise, and irregular blobs of the sizes asked for about its centre."""
    import nibabel as nib
    import numpy as np
    from scipy import ndimage

    rng = np.random.default_rng(SEED)
    image = ndimage.gaussian_filter(rng.normal(size=SHAPE), 1.0)
    image = (500 + 200 * image / image.std()).astype(np.float32)
    wobble = ndimage.gaussian_filter(rng.normal(size=SHAPE), 6.0)
    wobble /= wobble.std()
    centre = np.array([120.0, 120.0, 77.0])
    distance = np.linalg.norm(np.indices(SHAPE).T - centre, axis=-1).T
    nib.save(nib.Nifti1Image(image, np.eye(4)), folder / "image.nii")
    for voxels in GROWTH:
        radius = (3 * voxels / (4 * math.pi)) ** (1 / 3)
        depth = distance / radius + 0.35 * wobble
        mask = np.zeros(SHAPE, np.uint8)
        mask.ravel()[np.argpartition(depth.ravel(), voxels)[:voxels]] = 1
        nib.save(nib.Nifti1Image(mask, np.eye(4)), folder / f"mask-{voxels}.nii")


def gliokit_worker(image: Path, mask: Path, kind: str) -> Callable[[], dict[str, float]]:
    """`all` is the whole 3-D set of IBSI 1; `shared` the classes that PyRadiomics has."""
    import nibabel as nib
    import numpy as np

    from gliokit.measurement.radiomics import RadiomicsSettings, extract, morphology, spatial

    chosen: dict[str, Any] = {"discretisation": {"method": "fixed_number", "bins": BINS}}
    if kind == "shared":
        chosen |= {"families": SHARED, "aggregations": ["3D_avg"]}
    settings = RadiomicsSettings.model_validate(chosen)

    def once() -> dict[str, float]:
        # What is kept of a mask for the next sequence would make every repeat but the first cheap.
        morphology._form.cache_clear()
        spatial._weights.cache_clear()
        spatial._reach.cache_clear()
        voxels = np.asanyarray(nib.load(image).dataobj)
        region = np.asanyarray(nib.load(mask).dataobj)
        names = "pyradiomics" if kind == "shared" else "ibsi"
        return extract(voxels, region, (1.0, 1.0, 1.0), settings, names=names)

    return once


def pyradiomics_worker(image: Path, mask: Path, kind: str) -> Callable[[], dict[str, float]]:
    """Its seven classes of the original image, with a fixed number of bins."""
    import logging

    from radiomics import featureextractor, setVerbosity

    setVerbosity(logging.ERROR)
    extractor = featureextractor.RadiomicsFeatureExtractor(binCount=BINS)

    def once() -> dict[str, float]:
        found = extractor.execute(str(image), str(mask))
        return {k: float(v) for k, v in found.items() if k.startswith("original_")}

    return once


def mirp_worker(image: Path, mask: Path, kind: str) -> Callable[[], dict[str, float]]:
    """All its families in 3-D, with the settings of the IBSI."""
    from mirp import extract_features

    directional = ["3d_average", "3d_volume_merge"]

    def once() -> dict[str, float]:
        (table,) = extract_features(
            image=str(image),
            mask=str(mask),
            base_feature_families="all",
            base_discretisation_method="fixed_bin_number",
            base_discretisation_n_bins=BINS,
            glcm_spatial_method=directional,
            glrlm_spatial_method=directional,
            ivh_discretisation_method="fixed_bin_number",
            ivh_discretisation_n_bins=1000,
        )
        return {
            name: float(value)
            for name, value in table.iloc[0].items()
            if isinstance(value, (int, float)) and not isinstance(value, bool)
        }

    return once


WORKERS = {"gliokit": gliokit_worker, "pyradiomics": pyradiomics_worker, "mirp": mirp_worker}


def work(name: str, kind: str, image: Path, mask: Path, repeats: int) -> None:
    """In a process of its own: print seconds of every repeat, and values."""
    once = WORKERS[name](image, mask, kind)
    values: dict[str, float] = {} if name == "mirp" else once()
    seconds = []
    for _ in range(repeats):
        began = time.process_time()
        values = once()
        seconds.append(time.process_time() - began)
    print("RESULT " + json.dumps({"seconds": seconds, "values": values}))


def ask(
    python: Path | str, name: str, kind: str, image: Path, mask: Path, repeats: int, **more: str
) -> dict[str, Any]:
    """The answer of a worker, and its whole process's seconds."""
    threads = {f"{n}_NUM_THREADS": "1" for n in ("OMP", "OPENBLAS", "MKL", "NUMBA")}
    before = os.times()
    parts = ["--worker", name, kind, str(image), str(mask), str(repeats)]
    done = subprocess.run(
        [str(python), __file__, *parts],
        env=os.environ | threads | more,
        stdout=subprocess.PIPE,
        text=True,
        check=True,
    )
    after = os.times()
    line = next(x for x in done.stdout.splitlines() if x.startswith("RESULT "))
    answer: dict[str, Any] = json.loads(line.removeprefix("RESULT "))
    used = after.children_user + after.children_system
    answer["process"] = used - before.children_user - before.children_system
    return answer


def disagreement(ours: dict[str, float], theirs: dict[str, float]) -> list[tuple[str, float]]:
    """Relative difference of every feature that both name alike, the largest first."""
    found = [
        (name, abs(ours[name] - value) / max(abs(value), 1e-9))
        for name, value in theirs.items()
        if name in ours and math.isfinite(ours[name]) and math.isfinite(value)
    ]
    return sorted(found, key=lambda pair: -pair[1])


def as_ours(mirp: dict[str, float]) -> dict[str, float]:
    """MIRP's values by IBSI's tags: its names hold distances, ways and bins."""
    ways = {"_3d_avg": "_3D_avg", "_3d_v_mrg": "_3D_comb", "_3d": "_3D"}
    found = {}
    for name, value in mirp.items():
        for part in (f"_fbn_n{BINS}", "_d1.0", "_d1", "_a0.0", "_a0"):
            name = name.replace(part, "")
        ending = next((w for w in ways if name.endswith(w)), "")
        found[name.removesuffix(ending) + ways.get(ending, "")] = value
    return found


def patient_seconds(case: Path) -> tuple[float, int, int]:
    """Four sequences and three regions of one patient: seconds, extractions, voxels of WT."""
    import numpy as np

    from gliokit.measurement.radiomics import RadiomicsSettings, extract
    from gliokit.study import read_brats_case, read_brats_labels

    study, labels = read_brats_case(case), read_brats_labels(case)
    images = [volume.data for volume in study.volumes.values()]
    regions = [labels.region(name) for name in ("WT", "TC", "ET")]
    settings = RadiomicsSettings()
    extract(images[0], regions[2], (1.0, 1.0, 1.0), settings)
    began = time.process_time()
    for image in images:
        for region in regions:
            extract(image, region, (1.0, 1.0, 1.0), settings)
    used = time.process_time() - began
    return used, len(images) * len(regions), int(np.count_nonzero(regions[0]))


def compare(folder: Path, rounds: int) -> tuple[dict[str, list[float]], dict[str, dict[str, Any]]]:
    """Seconds of each tool over rounds in which they take turns, and the last answers."""
    mirp, pyradiomics = environment(folder, "mirp"), environment(folder, "pyradiomics")
    turns = [
        (sys.executable, "gliokit", "all", REPEATS),
        (sys.executable, "gliokit", "shared", REPEATS),
        (pyradiomics, "pyradiomics", "shared", REPEATS),
        (mirp, "mirp", "all", 1),
    ]
    image, mask = folder / "image.nii", folder / f"mask-{VOXELS}.nii"
    seconds: dict[str, list[float]] = {}
    answers: dict[str, dict[str, Any]] = {}
    for _ in range(rounds):
        for python, name, kind, repeats in turns:
            answer = ask(python, name, kind, image, mask, repeats)
            answers[f"{name}_{kind}"] = answer
            seconds.setdefault(f"{name}_{kind}", []).extend(answer["seconds"])
            print(f"{name} {kind}: {min(answer['seconds']):.2f} s", flush=True)
    return seconds, answers


def main() -> None:
    """Time the three, and store the ratios."""
    if sys.argv[1:2] == ["--worker"]:
        name, kind, image, mask, repeats = sys.argv[2:]
        return work(name, kind, Path(image), Path(mask), int(repeats))
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--patient", type=Path)
    parser.add_argument("--rounds", type=int, default=3)
    arguments = parser.parse_args()
    arguments.folder.mkdir(parents=True, exist_ok=True)
    return run(arguments.folder, arguments.patient, arguments.rounds)


def run(folder: Path, patient: Path | None, rounds: int) -> None:
    """All measurements, then results/measurement/speed.json."""
    from record import figure, store

    make_images(folder)
    seconds, answers = compare(folder, rounds)
    image = folder / "image.nii"
    cache = folder / f"cache-{os.getpid()}"
    small = folder / f"mask-{GROWTH[0]}.nii"
    cold, warm = (
        ask(sys.executable, "gliokit", "all", image, small, 1, NUMBA_CACHE_DIR=str(cache))
        for _ in range(2)
    )
    figures = {
        f"{name}_seconds": figure(
            statistics.median(s), low=min(s), high=max(s), n=len(s), unit="s of processor"
        )
        for name, s in seconds.items()
    }
    median = {name: statistics.median(s) for name, s in seconds.items()}
    against = {
        "mirp": (median["mirp_all"], median["gliokit_all"]),
        "pyradiomics": (median["pyradiomics_shared"], median["gliokit_shared"]),
    }
    for name, (theirs, ours) in against.items():
        figures[f"speedup_vs_{name}"] = figure(theirs / ours, n=rounds, unit="times")
    rows = []
    pairs = {
        "mirp": (answers["gliokit_all"]["values"], as_ours(answers["mirp_all"]["values"])),
        "pyradiomics": (
            answers["gliokit_shared"]["values"],
            answers["pyradiomics_shared"]["values"],
        ),
    }
    for name, (ours, theirs) in pairs.items():
        found = disagreement(ours, theirs)
        figures[f"largest_disagreement_with_{name}"] = figure(
            1e6 * found[0][1], n=len(found), unit="millionths of their value"
        )
        rows += [
            {"against": name, "feature": f, "ours": ours[f], "theirs": theirs[f], "relative": d}
            for f, d in found
        ]
    figures["cold_start_seconds"] = figure(cold["process"], n=1, unit="s of processor")
    figures["warm_start_seconds"] = figure(warm["process"], n=1, unit="s of processor")
    for voxels in GROWTH:
        answer = ask(
            sys.executable, "gliokit", "all", image, folder / f"mask-{voxels}.nii", REPEATS
        )
        s = answer["seconds"]
        figures[f"seconds_at_{voxels}_voxels"] = figure(
            statistics.median(s), low=min(s), high=max(s), n=len(s), unit="s of processor"
        )
    data = f"Smooth noise of {SHAPE[0]} x {SHAPE[1]} x {SHAPE[2]} voxels, {VOXELS} in the mask"
    if patient is not None:
        used, extractions, voxels = patient_seconds(patient)
        figures["patient_seconds"] = figure(used, n=extractions, unit="s of processor")
        data += f"; one BraTS patient, four sequences and three regions, WT of {voxels} voxels"
    store(
        "measurement/speed",
        command=f"python benchmarks/radiomics_speed.py FOLDER --patient CASE --rounds {rounds}",
        data=data + "; one thread each, numba's cache warm but at the cold start",
        seed=SEED,
        figures=figures,
        rows=rows,
    )
    for name, entry in figures.items():
        print(f"{name}: {entry['value']:g} {entry['unit']}")


if __name__ == "__main__":
    main()
