"""A study's label map alone, and how sure the network is of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from gliokit.analysis.doubting import doubts
from gliokit.analysis.finding import Source, find_tumour
from gliokit.analysis.stages import Progress, Stages, silent
from gliokit.preprocessing import PreparedStudy, map_to_native, to_native
from gliokit.segmentation import Quality
from gliokit.segmentation.looks import entropy_bits, label_entropy_bits
from gliokit.study import (
    LabelMap,
    UsageError,
    check_new_file,
    output_folder,
    write_label_map,
    write_map,
)

__all__ = ["segment_study"]

File = str | Path
NIFTI = (".nii", ".nii.gz")


def segment_study(
    study: File | None,
    out: File,
    *,
    t1: File | None = None,
    t1c: File | None = None,
    t2: File | None = None,
    flair: File | None = None,
    model: File | None = None,
    quality: Quality = "standard",
    probabilities: File | None = None,
    uncertainty: File | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
) -> LabelMap:
    """Find the tumour of a study and write its label map on the grid of the images.

    The answer holds the notices of reading and preparing, and what makes it doubtful.

    Args:
        study: As in `analyze`; so are the sequences and `model`.
        out: File to write, .nii or .nii.gz, in the labels of BraTS 2023.
        t1: File of T1.
        t1c: File of T1 after contrast medium.
        t2: File of T2.
        flair: File of FLAIR.
        model: Name or folder of a model.
        quality: 'standard' or 'best', as in `segmentation.segment`.
        probabilities: A new folder for `wt_probability.nii.gz` and
            `wt_uncertainty.nii.gz`, of each region, on the grid of the images.
        uncertainty: A file, .nii or .nii.gz, for the entropy of each voxel's label in bits, on
            the grid of the images; the probabilities are the mean of all looks.
        overwrite: Replace the files, and write into the folder, if they are there.
        progress: Told what begins.

    Raises:
        UsageError: an unknown model, no study, or a file name that is not of NIfTI.
        StudyError: the images can't be used.
        OutputError: the file is there already or can't be written.
    """
    check_new_file(Path(out), what="a label map", endings=NIFTI, overwrite=overwrite)
    if uncertainty is not None:
        check_new_file(Path(uncertainty), what="a map", endings=NIFTI, overwrite=overwrite)
        if Path(uncertainty).resolve() == Path(out).resolve():
            raise UsageError("the label map and the uncertainty are two files", found=out)
    stages = Stages(progress)
    with stages.stage("read", "reading the images"):
        images = Source(study, t1, t1c, t2, flair).read()
    wanted = probabilities is not None or uncertainty is not None
    found = find_tumour(images, model, quality, stages, keep_probabilities=wanted)
    prepared, automatic = found.prepared, found.automatic
    notices = (*prepared.notices, *doubts(prepared, automatic, found.network, quality))
    native = replace(to_native(automatic.label_map, prepared), notices=notices)
    if probabilities is not None:
        assert automatic.probabilities is not None
        with output_folder(probabilities, overwrite=overwrite) as folder:
            _write_maps(automatic.probabilities, prepared, folder)
    if uncertainty is not None:
        assert automatic.probabilities is not None
        bits = map_to_native(label_entropy_bits(automatic.probabilities), prepared)
        write_map(Path(uncertainty), bits, prepared.alignment.native)
    write_label_map(out, native)
    return native


def _write_maps(
    probabilities: Mapping[str, NDArray[np.float32]], prepared: PreparedStudy, folder: Path
) -> None:
    grid = prepared.alignment.native
    for region, probability in probabilities.items():
        native = map_to_native(probability, prepared)
        for name, values in (("probability", native), ("uncertainty", entropy_bits(native))):
            write_map(folder / f"{region.lower()}_{name}.nii.gz", values, grid)
