"""Shape against genomic clusters, and features of automatic against corrected masks.

    python benchmarks/bench_associations.py DATA

DATA holds lgg/data.csv (clusters of the 110 patients of Buda 2019), tables/tcga (Ceccarelli's
IDH and 1p/19q) and tables/upenn (CaPTk's features from both masks). The shapes are those of
results/measurement/lgg_margin.json: ASD and margin fluctuation of the largest slice, BEVR in
3-D. Writes results/bench/margin.json and results/bench/masks.json.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from bench_mgmt import lines, number
from record import RESULTS, figure, store

from gliokit.bench import read_table, written_alike
from gliokit.systems import ClassTarget, Inputs
from gliokit.systems.mazurowski2017 import FEATURES, Mazurowski2017
from gliokit.systems.park2021 import Park2021, by_family

CLUSTERS = ("RNASeqCluster", "MethylationCluster", "miRNACluster", "CNCluster", "COCCluster")
FAMILIES = (
    "Intensity",
    "Histogram",
    "Volumetric",
    "Morphologic",
    "GLCM",
    "GLRLM",
    "GLSZM",
    "NGTDM",
    "LBP",
)
SEED = 0


def margins(data: Path) -> None:
    """Three features against six groupings of the 110 patients."""
    rows = json.loads((RESULTS / "measurement" / "lgg_margin.json").read_text())["rows"]
    subjects = tuple(row["barcode"] for row in rows)
    inputs = Inputs(subjects, FEATURES, np.array([[r[f] for f in FEATURES] for r in rows]))
    clinical = lines(data / "lgg" / "data.csv", "Patient")
    genes = lines(data / "tables/tcga/Ceccarelli2016_TableS1_lgg_gbm_subtype.csv", "patient")
    words = {c: [clinical[s][c] if s in clinical else "" for s in subjects] for c in CLUSTERS}
    words["IDH-1p/19q"] = [genes[s]["IDH.codel.subtype"] if s in genes else "" for s in subjects]
    groupings = [
        ClassTarget.of_words(name, found, tuple(sorted(set(found) - {""})))
        for name, found in words.items()
    ]
    found = Mazurowski2017().associate(inputs, groupings, seed=SEED).findings
    figures = {
        f"{f.feature} against {f.against}": figure(
            float(f.p_adjusted or 0.0), n=f.n, unit="p, Bonferroni over 18"
        )
        for f in found
    }
    store(
        "bench/margin",
        command="python benchmarks/bench_associations.py DATA",
        data="110 lower-grade gliomas of TCGA with experts' masks (Buda 2019), genomic clusters "
        "of the same set, IDH and 1p/19q of Ceccarelli 2016; features cut at the median, Fisher",
        seed=SEED,
        figures=figures,
        rows=[
            {"feature": f.feature, "against": f.against, "p": _short(f.p), "test": f.note,
             "p_bonferroni": _short(f.p_adjusted), "effect": f.statistic,
             "value": _short(f.value)}
            for f in found
        ],
    )  # fmt: skip
    for name, value in figures.items():
        print(name, value["value"], value["n"])


def masks(folder: Path) -> None:
    """CaPTk's features from the automatic and the corrected mask of UPENN."""
    figures: dict[str, Any] = {}
    rows = []
    for kind in ("structural", "DTI", "DSC"):
        tables = [
            read_table(folder / f"upenn_captk_{mask}_{kind}.csv.xz")
            for mask in ("automatic", "corrected")
        ]
        names = [[written_alike(s) for s in t["SubjectID"]] for t in tables]
        common = tuple(sorted(set(names[0]) & set(names[1])))
        columns = tuple(c for c in tables[0] if c != "SubjectID" and c in tables[1])
        one, other = (
            Inputs(common, columns, _matrix(t, columns, [n.index(s) for s in common]))
            for t, n in zip(tables, names, strict=True)
        )
        families = {c: f"{kind} {_family(c)}" for c in columns}
        for f in by_family(Park2021().agreement(one, other), families):
            figures[f"{f.family}, kept"] = figure(
                100 * f.kept / f.features, n=len(common), unit="% of features with CCC >= 0.80"
            )
            rows.append({"family": f.family, "features": f.features, "kept": f.kept,
                         "median_ccc": _short(f.median_ccc), "median_icc": _short(f.median_icc),
                         "patients": len(common)})  # fmt: skip
            print(rows[-1])
    store(
        "bench/masks",
        command="python benchmarks/bench_associations.py DATA",
        data="CaPTk features of UPENN-GBM from automatic masks and their manual corrections, which "
        "favours agreement; a feature "
        "that varies in no way or is known for less than 10 patients counts as not kept",
        seed=SEED,
        figures=figures,
        rows=rows,
    )


def _family(column: str) -> str:
    return next(part for part in column.split("_") if part in FAMILIES)


def _matrix(table: dict[str, list[str]], columns: tuple[str, ...], rows: list[int]) -> np.ndarray:
    return np.array([[number(table[c][i]) for c in columns] for i in rows])


def _short(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else float(f"{value:.4g}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    args = parser.parse_args()
    margins(args.data)
    masks(args.data / "tables" / "upenn")


if __name__ == "__main__":
    main()
