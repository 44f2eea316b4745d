"""Shape against genomic clusters and survival, and features of two masks of the same tumour.

    python benchmarks/bench_associations.py DATA [--only margin]

DATA holds lgg/data.csv (clusters of the 110 patients of Buda 2019), tables/tcga (Ceccarelli's
IDH and 1p/19q, Liu's survival), tables/upenn (CaPTk's features from automatic and corrected
masks) and tables/ucsf (features from expert and automatic masks). The shapes are those of
results/measurement/lgg_margin.json: ASD and margin fluctuation of the largest slice, BEVR in
3-D. Writes results/bench/margin.json and results/bench/masks.json.
"""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import Any

import numpy as np
from bench_masks import common_ucsf, upenn_pair
from bench_mgmt import lines, number
from record import RESULTS, figure, store

from gliokit.systems import ClassTarget, Finding, Inputs, SurvivalTarget
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
    """Three features against six groupings of the 110 patients, and against survival."""
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
    ratios = [f for beside in ((), ("age_years",)) for f in _outcome(data, inputs, beside)]
    for f in ratios:
        alone = "beside age" if "beside" in f.note else "alone"
        figures[f"{f.feature} and death, {alone}"] = figure(
            f.value, low=f.low, high=f.high, n=f.n, unit="hazard ratio per standard deviation"
        )
    store(
        "bench/margin",
        command="python benchmarks/bench_associations.py DATA",
        data="110 lower-grade gliomas of TCGA with experts' masks (Buda 2019), genomic clusters "
        "of the same set, IDH and 1p/19q of Ceccarelli 2016; features cut at the median, Fisher. "
        "Death by Liu 2018, Cox's model of each feature per standard deviation",
        seed=SEED,
        figures=figures,
        rows=[
            {"feature": f.feature, "against": f.against, "p": _short(f.p),
             "p_bonferroni": _short(f.p_adjusted), "effect": f.statistic,
             "value": _short(f.value), "about": f.note}
            for f in (*found, *ratios)
        ],
    )  # fmt: skip
    for name, value in figures.items():
        print(name, value["value"], value["n"])


def _outcome(data: Path, inputs: Inputs, beside: tuple[str, ...]) -> tuple[Finding, ...]:
    """Hazard ratios, of patients whose follow-up is known and longer than 0 days."""
    known = lines(data / "tables/tcga/TCGA-CDR_Liu2018_GBM_LGG.csv", "bcr_patient_barcode")
    rows = [known.get(s, {}) for s in inputs.subjects]
    days = np.array([number(r.get("OS.time", "")) for r in rows])
    age = [number(r.get("age_at_initial_pathologic_diagnosis", "")) for r in rows]
    died = np.array([number(r.get("OS", "")) == 1 for r in rows])
    survival = SurvivalTarget("survival", np.where(days > 0, days, np.nan), died)
    whole = Inputs(inputs.subjects, (*FEATURES, "age_years"), np.column_stack([inputs.values, age]))
    return Mazurowski2017().outcome(whole, survival, beside=beside).findings


def masks(tables: Path) -> None:
    """CaPTk's features from two masks of UPENN, and the common ones of two masks of UCSF."""
    figures: dict[str, Any] = {}
    rows = []
    pairs = {}
    for kind in ("structural", "DTI", "DSC"):
        one, other = upenn_pair(tables / "upenn", kind)
        pairs[kind] = (one, other, {c: f"{kind} {_family(c)}" for c in one.columns})
    pairs["UCSF"] = common_ucsf(tables / "ucsf", ranked=True)
    for one, other, families in pairs.values():
        n = len(one.subjects)
        for f in by_family(Park2021().agreement(one, other), families):
            figures[f"{f.family}, kept"] = figure(
                100 * f.kept / f.features, n=n, unit="% of features with CCC >= 0.80"
            )
            rows.append({"family": f.family, "features": f.features, "kept": f.kept,
                         "median_ccc": _short(f.median_ccc), "median_icc": _short(f.median_icc),
                         "patients": n})  # fmt: skip
            print(rows[-1])
    store(
        "bench/masks",
        command="python benchmarks/bench_associations.py DATA",
        data="CaPTk features of UPENN-GBM from automatic masks and their manual corrections, which "
        "favours agreement; features of UCSF-PDGM from the expert's and an automatic mask, "
        "intensities by rank since one table is in units of the scanner and the other scaled; a "
        "feature that varies in no way or is known for less than 10 patients counts as not kept",
        seed=SEED,
        figures=figures,
        rows=rows,
    )


def _family(column: str) -> str:
    return next(part for part in column.split("_") if part in FAMILIES)


def _short(value: float | None) -> float | None:
    return None if value is None or not np.isfinite(value) else float(f"{value:.4g}")


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("data", type=Path)
    parser.add_argument("--only", choices=("margin", "masks"))
    args = parser.parse_args()
    if args.only != "masks":
        margins(args.data)
    if args.only != "margin":
        masks(args.data / "tables")


if __name__ == "__main__":
    main()
