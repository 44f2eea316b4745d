"""The lower-grade gliomas of Buda 2019 as a bench's patients: images from strips, masks, clusters.

The folder lgg holds, of 108 of the 110 patients, one grey strip a sequence: 256 pixels wide and
256 high a slice. A sequence without a strip is a copy of FLAIR in the published set. No voxel
size is known: pixels stand for millimetres.
"""

from __future__ import annotations

import csv
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from bench_mgmt import lines

from gliokit.study import WHOLE_TUMOUR, Grid, LabelMap, Modality, Study, Volume
from gliokit.systems import ClassTarget, Images, Inputs, MaskTarget, TrainingSet

SIDE = 256
STRIPS = {Modality.T1: "pre", Modality.FLAIR: "flair", Modality.T1C: "post"}
CLUSTERS = ("RNASeqCluster", "MethylationCluster", "miRNACluster", "CNCluster", "COCCluster")


@dataclass(frozen=True)
class Strips:
    """One patient's files; can be pickled."""

    folder: Path
    patient: str

    def study(self) -> Study:
        """The sequences that there are."""
        paths = {m: self.folder / f"{self.patient}_{end}.avif" for m, end in STRIPS.items()}
        volumes = {}
        for modality, path in paths.items():
            if path.exists():
                data = _strip(path)
                volumes[modality] = Volume.from_array(modality, _grid(data), data, source=path)
        return Study(self.patient, volumes)

    def labels(self) -> LabelMap:
        """The expert's mask."""
        image: Any = nib.load(self.folder / f"{self.patient}_mask.nii.gz")
        data = (np.asarray(image.dataobj) > 0).astype(np.uint8)
        return LabelMap(_grid(data), data, WHOLE_TUMOUR)

    @property
    def barcode(self) -> str:
        """TCGA's, as TCGA-CS-4941."""
        return "-".join(self.patient.split("_")[:3])

    @property
    def images(self) -> Images:
        """For a system."""
        there = {m.value for m, end in STRIPS.items()
                 if (self.folder / f"{self.patient}_{end}.avif").exists()}  # fmt: skip
        return Images(frozenset(there), frozenset(), self.study, content=self.patient)


def _strip(path: Path) -> np.ndarray:
    """(columns, rows, slices), float32."""
    from PIL import Image

    Image.MAX_IMAGE_PIXELS = None
    with Image.open(path) as picture:
        grey = np.asarray(picture.convert("L"), dtype=np.float32)
    return np.ascontiguousarray(grey.reshape(-1, SIDE, SIDE).transpose(2, 1, 0))


def _grid(data: np.ndarray) -> Grid:
    shape = (int(data.shape[0]), int(data.shape[1]), int(data.shape[2]))
    return Grid(shape, np.diag([-1.0, -1.0, 1.0, 1.0]))


def patients(data: Path) -> list[Strips]:
    """Those with images, in the order of the set's table."""
    folder = data / "lgg"
    with (folder / "patients.csv").open(newline="") as table:
        return [Strips(folder, r["patient"]) for r in csv.DictReader(table)
                if r["has_images"] == "1"]  # fmt: skip


def with_masks(chosen: list[Strips]) -> TrainingSet:
    """Images by barcode, whose site is that of the barcode; the experts' masks are the target."""
    inputs = Inputs(
        tuple(p.barcode for p in chosen),
        (),
        np.zeros((len(chosen), 0)),
        sites=tuple(p.barcode.split("-")[1] for p in chosen),
        images=tuple(p.images for p in chosen),
    )
    masks = tuple(p.labels for p in chosen)
    return TrainingSet(inputs, MaskTarget("flair_abnormality", "WT", masks))


def groupings(data: Path, barcodes: tuple[str, ...]) -> list[ClassTarget]:
    """The genomic clusters of the set's table, and IDH with 1p/19q of Ceccarelli 2016."""
    clinical = lines(data / "lgg" / "data.csv", "Patient")
    genes = lines(data / "tables/tcga/Ceccarelli2016_TableS1_lgg_gbm_subtype.csv", "patient")
    words = {c: [clinical[s][c] if s in clinical else "" for s in barcodes] for c in CLUSTERS}
    words["IDH-1p/19q"] = [genes[s]["IDH.codel.subtype"] if s in genes else "" for s in barcodes]
    return [ClassTarget.of_words(name, found, tuple(sorted(set(found) - {""})))
            for name, found in words.items()]  # fmt: skip
