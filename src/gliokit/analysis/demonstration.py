"""The journey on a digital patient, whose tumour is known."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from gliokit.analysis.journey import File, analyze
from gliokit.analysis.stages import Progress, silent
from gliokit.reporting import Analysis
from gliokit.study import LabelMap, OutputError, output_folder, read_label_map

if TYPE_CHECKING:
    from gliokit.reporting import Lang

__all__ = ["Demo", "demo"]

PATIENT = "digital-"
"""Begins the name of a digital patient, and so of its folder."""

SPACING_MM = 1.0


@dataclass(frozen=True, slots=True, eq=False)
class Demo:
    """What the demo made.

    Args:
        analysis: Of the digital patient.
        dice: Region -> agreement of what was found with the truth.
        report: The file to open.
        patient: The folder of the patient's images and true labels.
    """

    analysis: Analysis
    dice: Mapping[str, float]
    report: Path
    patient: Path


def demo(
    out: File,
    *,
    seed: int = 0,
    lang: Lang = "en",
    model: File | None = None,
    spacing_mm: float = SPACING_MM,
    overwrite: bool = False,
    progress: Progress = silent,
) -> Demo:
    """Make a digital patient, analyse it as `analyze` does, and compare with the truth.

    OUT/digital-<seed> holds the images and the true labels, OUT itself the analysis.

    Args:
        out: A new or empty folder, or that of an earlier demo.
        seed: 0 or more; each gives another patient.
        lang: Language of the report, 'en' or 'zh'.
        model: Name or folder of a model.
        spacing_mm: Voxel size of the images, 0.8 to 5 mm.
        overwrite: Write also into a folder that holds other files; they stay.
        progress: Told what begins.

    Raises:
        UsageError: an unknown model or language, or a seed or voxel size that can't be.
        OutputError: OUT can't be written.
    """
    from gliokit.phantom import make_patient, write_patient

    out = Path(out)
    _check_place(out, overwrite=overwrite)
    progress("making a digital patient")
    patient = make_patient(seed=seed, spacing_mm=spacing_mm)
    images = out / f"{PATIENT}{seed:05d}"
    with output_folder(images, overwrite=True) as folder:
        write_patient(patient, folder)
    analysis = analyze(images, out, lang=lang, model=model, overwrite=True, progress=progress)
    found = read_label_map(out / "segmentation.nii.gz")
    return Demo(analysis, _agreement(patient.truth, found), out / "report.html", images)


def _check_place(out: Path, *, overwrite: bool) -> None:
    """A demo that was cut off has left its patient alone: that is no other content."""
    if overwrite or not out.is_dir() or (out / "run.json").is_file():
        return
    others = sorted(p.name for p in out.iterdir() if not p.name.startswith(PATIENT))
    if others:
        raise OutputError(
            "the demo is written to a new or empty folder, or to that of an earlier demo",
            source=out,
            found=", ".join(others[:5]),
            way_out="Name another folder, or allow overwriting: other files in it stay.",
        )


def _agreement(truth: LabelMap, found: LabelMap) -> dict[str, float]:
    from gliokit.evaluation import dice

    return {
        region: dice(truth.region(region), found.region(region))
        for region in truth.labels.regions
        if found.knows(region)
    }
