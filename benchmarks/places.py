"""Places of real tumours against what was read from their pictures.

    python benchmarks/places.py DATA

Writes results/measurement/places.json. DATA holds the folders brats, brats_ssa and
brats_original. The expert's label maps are measured, so that only the places are judged.
"""

from __future__ import annotations

import argparse
import time
from pathlib import Path
from typing import Any

import numpy as np
from record import figure, store

from gliokit.measurement import measure
from gliokit.preprocessing import PreparedStudy, label_map_on, prepare
from gliokit.preprocessing.atlas import AtlasMatch, match_atlas
from gliokit.study import Modality, read_brats_case, read_brats_labels

CHOSEN_ON: dict[str, tuple[str, float]] = {
    "BraTS-GLI-00000-000": ("left", -1.0),
    "BraTS2021_01477": ("right", 12.5),
    "BraTS2021_01479": ("right", 12.0),
    "BraTS2021_01480": ("left", -0.5),
    "BraTS2021_01484": ("right", 5.0),
    "BraTS2021_01659": ("right", 8.7),
    "Brats18_2013_2_1": ("", -0.5),
    "Brats18_2013_21_1": ("left", -7.0),
    "BraTS-SSA-00010-000": ("right", 10.0),
    "BraTS-SSA-00011-000": ("left", -8.0),
    "BraTS-SSA-00026-000": ("bilateral", -0.5),
    "BraTS-SSA-00028-000": ("right", 4.0),
    "BraTS-SSA-00046-000": ("left", -1.0),
    "BraTS-SSA-00051-000": ("left", -1.3),
    "BraTS-SSA-00074-000": ("bilateral", 0.0),
    "BraTS-SSA-00078-000": ("right", 10.0),
    "BraTS-SSA-00080-000": ("right", 6.0),
    "BraTS-SSA-00097-000": ("left", -2.0),
    "BraTS-SSA-00110-000": ("left", -8.0),
    "BraTS-SSA-00120-000": ("right", 8.0),
}
"""Side, and shift of the septum in mm, positive to the left, read from slices at MNI z = 5
and 12 with lines every 5 mm. The field's settings were chosen on these shifts. Fifteen were
read before anything was measured, those of BraTS2021_01479 and BraTS-SSA-00010, -00028, -00078
and -00110 from pictures that showed the sheet of a first trial. Sides were written down from
the same pictures when measured ones had been seen already. No side: only part of the tumour
was in the pictures."""

OTHERS: dict[str, tuple[str, float]] = {
    "BraTS2021_01476": ("right", 1.0),
    "BraTS2021_01478": ("left", -6.0),
    "BraTS2021_01660": ("right", 1.0),
    "BraTS2021_01661": ("left", -9.5),
    "BraTS20_Training_001": ("right", 10.0),
    "BraTS-SSA-00002-000": ("right", 5.0),
    "BraTS-SSA-00012-000": ("right", 7.0),
    "BraTS-SSA-00049-000": ("left", -2.5),
    "BraTS-SSA-00050-000": ("left", -3.0),
    "BraTS-SSA-00122-000": ("right", 5.0),
}
"""Nothing was chosen on these; they were read from pictures that showed the measured sheet."""


def judge(folder: Path, read: tuple[str, float]) -> dict[str, Any]:
    """What was measured and what was read of one patient, and how long it took."""
    prepared = prepare(read_brats_case(folder))
    label_map = label_map_on(read_brats_labels(folder), prepared)
    began = time.perf_counter()
    match = match_atlas(prepared, label_map.region("WT"))
    matched = time.perf_counter()
    location = measure(prepared, label_map, segmentation="given", atlas=match).location
    measured = time.perf_counter()
    assert location is not None
    apart = _other_sequences(prepared, label_map.region("WT"), match)
    shift = location.midline_shift_mm
    return {
        "subject": folder.name,
        "side_read": read[0],
        "side": location.side,
        "shift_read_mm": read[1],
        "shift_mm": None if shift is None else round(shift, 2),
        "ventricle_distance_mm": location.ventricle_distance_mm,
        "similarity": round(location.similarity, 3),
        "other_sequences_apart_mm": {m.value: round(d, 2) for m, d in apart.items()},
        "match_seconds": round(matched - began, 2),
        "measure_seconds": round(measured - began, 2),
    }


def _other_sequences(
    prepared: PreparedStudy, tumour: Any, match: AtlasMatch
) -> dict[Modality, float]:
    """Mean distance within the brain of the match by each other sequence from that by T1."""
    points = prepared.grid.to_mm(np.argwhere(prepared.brain)[::101].astype(float))
    apart = {}
    for modality in (Modality.T1C, Modality.FLAIR):
        one = PreparedStudy(
            prepared.subject,
            prepared.grid,
            {modality: prepared.images[modality]},
            prepared.brain,
            prepared.alignment,
        )
        other = match_atlas(one, tumour)
        difference = other.to_mni(points) - match.to_mni(points)
        apart[modality] = float(np.linalg.norm(difference, axis=1).mean())
    return apart


def summarise(rows: list[dict[str, Any]]) -> dict[str, Any]:
    """Errors of the shift, agreement on the side, agreement of sequences, seconds."""
    figures = {}
    for name, group in (("chosen_on", CHOSEN_ON), ("others", OTHERS)):
        errors = [
            abs(r["shift_mm"] - r["shift_read_mm"])
            for r in rows
            if r["subject"] in group and r["shift_mm"] is not None
        ]
        mean, most = round(float(np.mean(errors)), 2), round(float(max(errors)), 2)
        figures[f"shift_error_mean_{name}"] = figure(mean, n=len(errors), unit="mm")
        figures[f"shift_error_largest_{name}"] = figure(most, n=len(errors), unit="mm")
    sided = [r for r in rows if r["side_read"]]
    same = sum(r["side"] == r["side_read"] for r in sided)
    figures["same_side"] = figure(same, n=len(sided), unit="patients")
    apart = [d for r in rows for d in r["other_sequences_apart_mm"].values()]
    figures["other_sequences_apart_mean"] = figure(
        round(float(np.mean(apart)), 2), n=len(apart), unit="mm"
    )
    figures["other_sequences_apart_largest"] = figure(max(apart), n=len(apart), unit="mm")
    for key in ("match_seconds", "measure_seconds"):
        figures[key] = figure(
            round(float(np.median([r[key] for r in rows])), 1), n=len(rows), unit="s"
        )
    return figures


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    arguments = parser.parse_args()
    read = {**CHOSEN_ON, **OTHERS}
    rows = []
    for collection in ("brats", "brats_ssa", "brats_original"):
        for folder in sorted((arguments.data / collection).iterdir()):
            if folder.name in read:
                rows.append(judge(folder, read[folder.name]))
                print(rows[-1], flush=True)
    path = store(
        "measurement/places",
        command="python benchmarks/places.py DATA",
        data=f"BraTS and BraTS-Africa: {len(rows)} patients with the experts' label maps, "
        "sides and shifts read by eye, not by a radiologist",
        seed=0,
        figures=summarise(rows),
        rows=rows,
    )
    print(f"stored {path}")


if __name__ == "__main__":
    main()
