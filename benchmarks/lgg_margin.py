"""ASD, BEVR and margin fluctuation of the 110 lower-grade gliomas of Buda 2019.

    python benchmarks/lgg_margin.py DATA

Writes results/measurement/lgg_margin.json. DATA holds the folder lgg with the experts' masks.
Their files have no voxel size. What is stored needs none:

- the bounding-ellipsoid volume ratio in 3-D, since no linear map changes it;
- ASD, margin fluctuation and area ratio of the largest axial slice, since they need no
  scale, only that a pixel is as wide as it is high, which is taken for granted.

ASD and margin fluctuation in 3-D need the ratio of slice distance to pixel: they are left out.
How much a wrong pixel would matter is a figure: the largest change of ASD where pixels were a
tenth wider than high.
"""

from __future__ import annotations

import argparse
import re
import time
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from record import figure, store

from gliokit.measurement.ellipsoid import ellipsoid_volume_ratio
from gliokit.measurement.geometry import lesions, outer_corners
from gliokit.measurement.margin import largest_slice, slice_figures
from gliokit.study import Grid

MASKS = "TCGA_*_mask.nii.gz"
OBLONG = np.diag([1.1, 1.0])


def measured(path: Path) -> dict[str, Any]:
    """One patient's row."""
    image: Any = nib.load(path)
    mask = np.asarray(image.dataobj) > 0
    began = time.process_time()
    parts = lesions(mask, Grid(mask.shape, image.affine))
    part, grid = parts[0]
    piece, step = largest_slice(part, grid)
    asd, fluctuation, area_ratio = slice_figures(piece, step)
    volume_ratio = ellipsoid_volume_ratio(np.count_nonzero(part), outer_corners(part))
    seconds = time.process_time() - began
    oblong = slice_figures(piece, OBLONG)[0]
    assert asd is not None
    assert fluctuation is not None
    assert oblong is not None
    return {
        "barcode": _barcode(path.name),
        "asd": round(asd, 5),
        "bevr": round(volume_ratio, 5),
        "margin_fluctuation": round(fluctuation, 5),
        "ellipse_area_ratio": round(area_ratio, 5),
        "asd_if_pixels_were_a_tenth_wider": round(oblong, 5),
        "parts": len(parts),
        "share_in_largest_part": round(np.count_nonzero(part) / np.count_nonzero(mask), 4),
        "slices": int(mask.any(axis=(0, 1)).sum()),
        "pixels_in_slice": int(np.count_nonzero(piece)),
        "processor_seconds": round(seconds, 4),
    }


def _barcode(name: str) -> str:
    """TCGA's barcode of the patient, as TCGA-CS-4941."""
    found = re.match(r"TCGA_(\w{2})_(\w{4})_", name)
    assert found is not None
    return f"TCGA-{found[1]}-{found[2]}"


def summarise(rows: list[dict[str, Any]], seconds: float) -> dict[str, Any]:
    """Medians with quartiles, and the time."""
    n = len(rows)
    figures = {}
    for key in ("asd", "bevr", "margin_fluctuation", "ellipse_area_ratio"):
        low, middle, high = np.percentile([r[key] for r in rows], (25, 50, 75))
        figures[f"{key}_median"] = figure(middle, low=low, high=high, n=n, unit="ratio")
    change = [abs(r["asd_if_pixels_were_a_tenth_wider"] - r["asd"]) for r in rows]
    figures["asd_change_if_pixels_were_a_tenth_wider_median"] = figure(
        float(np.median(change)), n=n, unit="ratio"
    )
    figures["asd_change_if_pixels_were_a_tenth_wider_largest"] = figure(
        max(change), n=n, unit="ratio"
    )
    several = sum(r["parts"] > 1 for r in rows)
    figures["masks_of_several_parts"] = figure(several, n=n, unit="patients")
    figures["processor_seconds_per_patient_median"] = figure(
        float(np.median([r["processor_seconds"] for r in rows])), n=n, unit="s"
    )
    figures["processor_seconds_all_with_reading"] = figure(round(seconds, 1), n=n, unit="s")
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("data", type=Path)
    arguments = parser.parse_args()
    began = time.process_time()
    rows = [measured(path) for path in sorted((arguments.data / "lgg").glob(MASKS))]
    seconds = time.process_time() - began
    path = store(
        "measurement/lgg_margin",
        command="python benchmarks/lgg_margin.py DATA",
        data=f"{len(rows)} lower-grade gliomas of TCGA with the experts' masks of FLAIR "
        "abnormality (Buda 2019), median and quartiles. The files have no voxel size: bevr, "
        "in 3-D, needs none; asd, margin fluctuation and area ratio are of the largest slice, "
        "in pixels taken as square; asd and margin fluctuation in 3-D are left out",
        seed=0,
        figures=summarise(rows, seconds),
        rows=rows,
    )
    print(f"stored {path}")


if __name__ == "__main__":
    main()
