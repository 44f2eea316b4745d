"""MGMT from tables of radiomics: TCGA, UCSF and UPENN, each on its own.

    python benchmarks/bench_mgmt.py TABLES

TABLES holds tcga, ucsf and upenn. IDH-wildtype glioblastomas with a known MGMT status, one row
a patient. The three cohorts code methylation in their own ways and are never joined. UCSF's
"positive" is of its own table. Writes results/bench/mgmt.json.
"""

from __future__ import annotations

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np
from bench_rows import figures_of, rows_of
from record import store

from gliokit.bench import BenchCohort, Protocol, judge, read_table, run_systems, written_alike
from gliokit.systems import ClassTarget, Inputs

SYSTEM = "qian2019:lasso-svm"
CLASSES = ("unmethylated", "methylated")
SEED = 0
SEX = {"male": 1.0, "female": 0.0}
Row = dict[str, str]


def lines(path: Path, key: str) -> dict[str, Row]:
    """The first row of each patient, by the name written alike."""
    table = read_table(path)
    found: dict[str, Row] = {}
    for i, name in enumerate(table[key]):
        found.setdefault(written_alike(name), {c: cells[i] for c, cells in table.items()})
    return found


def number(cell: str) -> float:
    """A number; NaN where the cell holds none."""
    try:
        value = float(cell)
    except ValueError:
        return float("nan")
    return value if np.isfinite(value) else float("nan")


def cohort(
    name: str,
    features: dict[str, Row],
    taken: Callable[[str], bool],
    known: dict[str, tuple[str, float, float]],
    volume_ml: Callable[[Row], float],
) -> BenchCohort:
    """Features by patient, with age, sex and the volume; `known` is class, age, male."""
    subjects = [s for s in features if s in known]
    columns = [c for c in next(iter(features.values())) if taken(c)]
    matrix = np.array([[number(features[s][c]) for c in columns] for s in subjects])
    full = np.isfinite(matrix).mean(axis=0) > 0.5
    more = np.array([[known[s][1], known[s][2], volume_ml(features[s])] for s in subjects])
    inputs = Inputs(
        tuple(subjects),
        (*(c for c, is_full in zip(columns, full, strict=True) if is_full), "age_years", "male",
         "whole_ml"),
        np.column_stack([matrix[:, full], more]),
    )  # fmt: skip
    target = ClassTarget.of_words("mgmt", [known[s][0] for s in subjects], CLASSES)
    return BenchCohort(name, inputs, {"mgmt": target})


def tcga(folder: Path) -> BenchCohort:
    """TCGA-GBM by BraTS features, Ceccarelli's table."""
    known = {}
    words = {"Methylated": "methylated", "Unmethylated": "unmethylated"}
    for name, row in lines(folder / "Ceccarelli2016_TableS1_lgg_gbm_subtype.csv",
                           "patient").items():  # fmt: skip
        if row["IDH.status"] == "WT" and row["MGMT.promoter.status"] in words:
            known[name] = (words[row["MGMT.promoter.status"]],
                           number(row["Age..years.at.diagnosis."]),
                           SEX.get(row["Gender"], float("nan")))  # fmt: skip
    return cohort("TCGA", lines(folder / "TCGA_GBM_radiomicFeatures.csv", "ID"),
                  lambda c: c not in ("ID", "Date"), known,
                  lambda row: number(row["VOLUME_WT"]) / 1000)  # fmt: skip


def ucsf(folder: Path) -> BenchCohort:
    """UCSF-PDGM by features in the expert's mask."""
    words = {"positive": "methylated", "negative": "unmethylated"}
    known = {}
    for name, row in lines(folder / "UCSF-PDGM-metadata_v5.csv", "ID").items():
        if row["IDH"] == "wildtype" and row["MGMT status"] in words \
                and row["WHO CNS Grade"] == "4":  # fmt: skip
            known[name] = (words[row["MGMT status"]], number(row["Age at MRI"]),
                           float(row["Sex"] == "M"))  # fmt: skip
    features = lines(folder / "features_from_gtmask.csv", "patient_id")
    return cohort("UCSF", features, lambda c: c not in ("patient_id", "label_hgg", "fold"), known,
                  lambda row: number(row["tumor_voxels"]) / 1000)  # fmt: skip


def upenn(folder: Path) -> BenchCohort:
    """UPENN-GBM by CaPTk's features of T1 after contrast and FLAIR in the automatic mask."""
    words = {"Methylated": "methylated", "Unmethylated": "unmethylated"}
    known = {}
    for name, row in lines(folder / "UPENN-GBM_clinical_info_v2.1.csv", "ID").items():
        if row["IDH1"] == "Wildtype" and row["MGMT"] in words:
            known[name] = (words[row["MGMT"]], number(row["Age_at_scan_years"]),
                           float(row["Gender"] == "M"))  # fmt: skip
    features = lines(folder / "upenn_captk_automatic_structural.csv.xz", "SubjectID")
    parts = [f"T1_{region}_Volumetric_Volume" for region in ("ED", "ET", "NC")]
    return cohort("UPENN", features, lambda c: c.startswith(("T1GD_", "FLAIR_")), known,
                  lambda row: float(np.nansum([number(row[c]) for c in parts])) / 1000)  # fmt: skip


def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("tables", type=Path)
    parser.add_argument("--keep", type=Path)
    args = parser.parse_args()
    figures, rows = {}, []
    for read in (tcga, ucsf, upenn):
        found = read(args.tables / read.__name__)
        kept = None if args.keep is None else args.keep / found.name
        run = run_systems(found, "mgmt", [SYSTEM], Protocol(seed=SEED), kept=kept,
                          progress=print)  # fmt: skip
        judged, pairs = judge(run, seed=SEED)
        figures |= {f"{found.name}: {k}": v for k, v in
                    figures_of(run, judged, pairs, "AUC").items()}  # fmt: skip
        counts = np.bincount(run.cohort.target("mgmt").strata)
        print(found.name, counts, figures_of(run, judged, pairs, "AUC"))
        rows += [{"cohort": found.name, **row} for row in rows_of(run, judged, pairs)]
    store(
        "bench/mgmt",
        command="python benchmarks/bench_mgmt.py TABLES",
        data="IDH-wildtype glioblastomas with a known MGMT status of TCGA (Bakas 2017), UCSF-PDGM "
        "(Calabrese 2022) and UPENN-GBM (Bakas 2022), radiomics tables, 5 stratified folds each, "
        "budget small; the cohorts' codings of methylation differ and are not joined",
        seed=SEED,
        figures=figures,
        rows=rows,
    )


if __name__ == "__main__":
    main()
