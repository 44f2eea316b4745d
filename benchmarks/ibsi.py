"""Every feature of IBSI's phantoms against the published reference values.

    python benchmarks/ibsi.py DATA

Writes results/measurement/ibsi.json. DATA is the folder of IBSI's tables: digital_phantom,
ct_phantom, ibsi1_reference_values and ibsi2_reference_values.csv.

A value matches if it, or it rounded to three significant digits as the reference is, lies
within the tolerance of the reference.
"""

from __future__ import annotations

import argparse
import csv
import math
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import nibabel as nib
import numpy as np
from record import figure, store

from gliokit.measurement.radiomics import RadiomicsSettings, extract
from gliokit.measurement.radiomics.diagnostics import diagnose

SLICES = ("2D_avg", "2D_comb", "2_5D_avg", "2_5D_comb")
VOLUMES = ("3D_avg", "3D_comb")
LUNG = {"range": (-1000.0, 400.0)}

IBSI_1: dict[str, dict[str, Any]] = {
    "dig_phantom": {
        "aggregations": SLICES + VOLUMES,
        "discretisation": {"method": "none"},
        "intensity_volume": {"method": "none"},
    },
    "chest_config_a": {
        "aggregations": SLICES,
        "resegmentation": {"range": (-500.0, 400.0)},
        "discretisation": {"method": "fixed_width", "width": 25.0},
        "intensity_volume": {"method": "none"},
    },
    "chest_config_b": {
        "aggregations": SLICES,
        "interpolation": {"spacing_mm": (2.0, 2.0, 0.0), "round_intensities": True},
        "resegmentation": {"range": (-500.0, 400.0)},
        "discretisation": {"method": "fixed_number", "bins": 32},
        "intensity_volume": {"method": "none"},
    },
    "chest_config_c": {
        "aggregations": VOLUMES,
        "interpolation": {"spacing_mm": (2.0, 2.0, 2.0), "round_intensities": True},
        "resegmentation": LUNG,
        "discretisation": {"method": "fixed_width", "width": 25.0},
        "intensity_volume": {"method": "fixed_width", "width": 2.5},
    },
    "chest_config_d": {
        "aggregations": VOLUMES,
        "interpolation": {"spacing_mm": (2.0, 2.0, 2.0), "round_intensities": True},
        "resegmentation": {"sigma": 3.0},
        "discretisation": {"method": "fixed_number", "bins": 32},
        "intensity_volume": {"method": "none"},
    },
    "chest_config_e": {
        "aggregations": VOLUMES,
        "interpolation": {
            "spacing_mm": (2.0, 2.0, 2.0),
            "method": "cubic",
            "round_intensities": True,
        },
        "resegmentation": LUNG | {"sigma": 3.0},
        "discretisation": {"method": "fixed_number", "bins": 32},
        "intensity_volume": {"method": "fixed_number", "bins": 1000},
    },
}
"""IBSI 1's configurations (reference manual, table 5.1)."""

LAWS = {"kind": "laws", "rotation_invariant": True, "energy_distance_voxels": 7}
GABOR = {"kind": "gabor", "sigma_mm": 5.0, "wavelength_mm": 2.0, "gamma": 1.5}
TURNED = {"theta_degrees": 22.5, "rotation_invariant": True}
DB3 = {"kind": "wavelet", "wavelet": "db3", "rotation_invariant": True}
IBSI_2: dict[str, tuple[dict[str, Any] | None, dict[str, Any] | None]] = {
    "1": (None, None),
    "2": ({"kind": "mean", "support_voxels": 5},) * 2,
    "3": ({"kind": "log", "sigma_mm": 1.5, "cutoff": 4.0},) * 2,
    "4": (LAWS | {"kernels": "L5E5"}, LAWS | {"kernels": "L5E5E5"}),
    "5": (GABOR | TURNED, GABOR | TURNED),
    "6": (DB3 | {"bands": "LH", "level": 1}, DB3 | {"bands": "LLH", "level": 1}),
    "7": (DB3 | {"bands": "HH", "level": 2}, DB3 | {"bands": "HHH", "level": 2}),
    "8": ({"kind": "nonseparable", "wavelet": "simoncelli", "level": 1},) * 2,
    "9": ({"kind": "nonseparable", "wavelet": "simoncelli", "level": 2},) * 2,
}
"""Filters of IBSI 2's second phase: by slice (A) and in 3-D at 1 mm (B)."""

Phantom = tuple[np.ndarray, np.ndarray, tuple[float, float, float]]


def phantom(folder: Path) -> Phantom:
    """Image, mask and size of a voxel in mm."""
    image, mask = (nib.load(folder / f"{name}.nii.gz") for name in ("phantom", "mask"))
    i, j, k = (float(size) for size in image.header.get_zooms())
    return image.get_fdata(), mask.get_fdata() > 0, (i, j, k)


def matches(value: float, reference: float, tolerance: float) -> bool:
    """Whether a value lies within the tolerance, as it is or rounded as the reference is."""
    if not math.isfinite(value):
        return False
    digits = 2 - math.floor(math.log10(abs(value))) if value else 0
    error = min(abs(value - reference), abs(round(value, digits) - reference))
    return error <= tolerance + 1e-9 * abs(reference)


def row(
    standard: str, case: str, name: str, value: float, reference: str, tolerance: str
) -> dict[str, Any]:
    """One feature of one configuration; without a reference nothing is judged."""
    entry: dict[str, Any] = {
        "standard": standard,
        "case": case,
        "feature": name,
        "value": float(f"{value:.6g}") if math.isfinite(value) else None,
        "reference": float(reference) if reference else None,
        "tolerance": float(tolerance) if tolerance else None,
        "matched": None,
        "reason": "" if reference else "IBSI has no reference value",
    }
    if reference:
        entry["matched"] = matches(value, float(reference), float(tolerance or 0))
        entry["reason"] = "" if entry["matched"] else "outside the tolerance"
    return entry


def first_standard(data: Path) -> Iterator[dict[str, Any]]:
    """Rows of the digital phantom and of the CT phantom's configurations A to E."""
    digital, chest = phantom(data / "digital_phantom"), phantom(data / "ct_phantom")
    for case, values in IBSI_1.items():
        settings = RadiomicsSettings.model_validate(values)
        image, mask, spacing = digital if case == "dig_phantom" else chest
        found = extract(image, mask, spacing, settings)
        found |= diagnose(image, mask, spacing, settings)
        table = data / "ibsi1_reference_values" / f"ibsi_1_{case}.csv"
        for line in csv.DictReader(table.open(encoding="utf-8"), delimiter=";"):
            name = line["tag"]
            yield row("IBSI 1", case, name, found[name], line["reference value"], line["tolerance"])


def second_standard(data: Path) -> Iterator[dict[str, Any]]:
    """Rows of IBSI 2's filters on the CT phantom."""
    image, mask, spacing = phantom(data / "ct_phantom")
    table = data / "ibsi2_reference_values.csv"
    lines = list(csv.DictReader(table.open(encoding="utf-8"), delimiter=";"))
    for case in dict.fromkeys(line["filter_id"] for line in lines):
        found = extract(image, mask, spacing, filter_settings(case))
        start = "" if case[0] == "1" else "f:"
        for line in (line for line in lines if line["filter_id"] == case):
            name = line["feature_tag"]
            value = found[start + name]
            yield row("IBSI 2", case, name, value, line["consensus_value"], line["tolerance"])


def filter_settings(case: str) -> RadiomicsSettings:
    """Of a configuration such as '3.B': slices as they are, or 3-D at 1 mm by cubic splines."""
    number, form = case.split(".")
    by_slice = form == "A"
    chosen = IBSI_2[number][0 if by_slice else 1]
    values: dict[str, Any] = {"families": ["statistics"], "resegmentation": LUNG}
    if not by_slice:
        values["interpolation"] = {
            "spacing_mm": (1.0, 1.0, 1.0),
            "method": "cubic",
            "round_intensities": True,
        }
    if chosen is not None:
        values["filters"] = [chosen | {"name": "f", "by_slice": by_slice}]
    return RadiomicsSettings.model_validate(values)


def counts(rows: list[dict[str, Any]], start: str) -> dict[str, Any]:
    """How many features with a reference match, of how many."""
    judged = [r["matched"] for r in rows if r["matched"] is not None]
    unit = "features"
    return {
        f"{start}matched": figure(sum(judged), n=len(judged), unit=unit),
        f"{start}total": figure(len(judged), n=len(judged), unit=unit),
    }


def main() -> None:
    """Run both standards and store the table."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    data = parser.parse_args().data
    first, second = list(first_standard(data)), list(second_standard(data))
    figures = counts(first, "")
    for case in IBSI_1:
        figures |= counts([r for r in first if r["case"] == case], f"{case}_")
    figures |= counts(second, "filters_")
    store(
        "measurement/ibsi",
        command="python benchmarks/ibsi.py DATA",
        data="IBSI's digital phantom (CC BY 4.0) and lung CT phantom (CC BY-NC 3.0)",
        seed=0,
        figures=figures,
        rows=first + second,
    )
    for name, entry in figures.items():
        print(f"{name}: {entry['value']:g}")


if __name__ == "__main__":
    main()
