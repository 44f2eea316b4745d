"""Do two masks of the same tumours lead to the same diagnosis? AUC difference with TOST.

    python benchmarks/bench_masks.py TABLES [--keep FOLDER]

TABLES holds upenn (CaPTk's features from automatic masks and their corrections) and ucsf
(features from the expert's mask and from an automatic one). The margin is an AUC of .05, fixed
before. Writes results/bench/diagnosis.json.
"""

from __future__ import annotations

import argparse
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from bench_mgmt import CLASSES, lines, number
from record import figure, store
from scipy.stats import rankdata

from gliokit import __version__
from gliokit.batch import Job, Task, digest_of_file, digest_of_text, run_batch
from gliokit.bench import read_table, written_alike
from gliokit.evaluation import Estimate
from gliokit.systems import ClassTarget, Inputs
from gliokit.systems.park2021 import Park2021, verdict

MARGIN, SEED, FOLDS = 0.05, 0, 5
YEAR_DAYS = 365
SEQUENCES = ("t1", "t1c", "t2", "flair")
SHAPE = {"tumor_voxels": "tumor_voxels", "tumor_slices_nonzero": "tumor_slices",
         "bbox_dx": "bbox_h", "bbox_dy": "bbox_w", "bbox_dz": "bbox_z"}  # fmt: skip
STATISTICS = ("mean", "std", "min", "max", "p25", "p50", "p75")
INTENSITY = {f"tumor_{s}_{stat}": f"{s.replace('flair', 'FLAIR').replace('t', 'T')}_{stat}"
             for s in SEQUENCES for stat in STATISTICS}  # fmt: skip
TASKS = (
    ("UCSF shape", "grade_3_or_4"),
    ("UCSF shape", "idh"),
    ("UCSF shape and intensity", "grade_3_or_4"),
    ("UCSF shape and intensity", "idh"),
    ("UPENN structural", "mgmt"),
    ("UPENN structural", "dead_in_a_year"),
    ("UPENN DTI", "mgmt"),
    ("UPENN DTI", "dead_in_a_year"),
    ("UPENN DSC", "mgmt"),
    ("UPENN DSC", "dead_in_a_year"),
)


def upenn_pair(folder: Path, kind: str) -> tuple[Inputs, Inputs]:
    """CaPTk's features of patients with both masks: automatic, corrected."""
    tables = [read_table(folder / f"upenn_captk_{mask}_{kind}.csv.xz")
              for mask in ("automatic", "corrected")]  # fmt: skip
    names = [[written_alike(s) for s in t["SubjectID"]] for t in tables]
    common = tuple(sorted(set(names[0]) & set(names[1])))
    columns = tuple(c for c in tables[0] if c != "SubjectID" and c in tables[1])
    one, other = (
        Inputs(common, columns, np.array([[number(t[c][i]) for c in columns] for i in
                                          (n.index(s) for s in common)]))
        for t, n in zip(tables, names, strict=True)
    )  # fmt: skip
    return one, other


def common_ucsf(folder: Path, *, ranked: bool) -> tuple[Inputs, Inputs, dict[str, str]]:
    """What both tables of UCSF hold, one scan a patient: automatic, expert; family by column.

    Intensities are in the scanner's units in one table and scaled by patient in the other:
    `ranked` puts the patients' ranks in their place, 0 to 1.
    """
    expert, automatic = (
        lines(folder / f"features_from_{m}mask.csv", "patient_id") for m in ("gt", "pred")
    )
    subjects = tuple(sorted(set(expert) & set(automatic)))
    pairs = SHAPE | INTENSITY
    sides = [
        np.array([[number(table[s][c]) for c in columns] for s in subjects])
        for table, columns in ((automatic, pairs.values()), (expert, pairs))
    ]
    if ranked:
        for side in sides:
            side[:, len(SHAPE) :] = rankdata(side[:, len(SHAPE) :], axis=0) / len(subjects)
    families = {c: "UCSF shape" if c in SHAPE else "UCSF intensity, by rank" for c in pairs}
    one, other = (Inputs(subjects, tuple(pairs), side) for side in sides)
    return one, other, families


def asked(tables: Path, subjects: tuple[str, ...], cohort: str, target: str) -> ClassTarget:
    """The class of each patient; '' where it is not known."""
    site = cohort.partition(" ")[0]
    if site == "UCSF" and target == "grade_3_or_4":
        rows = lines(tables / "ucsf" / "features_from_gtmask.csv", "patient_id")
        words = [{"1": "yes", "0": "no"}[rows[s]["label_hgg"]] for s in subjects]
        return ClassTarget.of_words(target, words, ("no", "yes"))
    if site == "UCSF":
        rows = lines(tables / "ucsf" / "UCSF-PDGM-metadata_v5.csv", "ID")
        words = [_idh(rows.get(s, {}).get("IDH", "")) for s in subjects]
        return ClassTarget.of_words(target, words, ("wildtype", "mutant"))
    rows = lines(tables / "upenn" / "UPENN-GBM_clinical_info_v2.1.csv", "ID")
    if target == "mgmt":
        known = {"Methylated": "methylated", "Unmethylated": "unmethylated"}
        words = [known.get(rows.get(s, {}).get("MGMT", ""), "") for s in subjects]
        return ClassTarget.of_words(target, words, CLASSES)
    days = [number(rows.get(s, {}).get("Survival_from_surgery_days_UPDATED", ""))
            for s in subjects]  # fmt: skip
    words = ["" if np.isnan(d) else "yes" if d <= YEAR_DAYS else "no" for d in days]
    return ClassTarget.of_words(target, words, ("no", "yes"))


def _idh(word: str) -> str:
    return "" if not word else "wildtype" if word == "wildtype" else "mutant"


@dataclass(frozen=True)
class Order:
    tables: Path
    cohort: str
    target: str


def compared(order: Order) -> dict[str, Any]:
    """One cohort and target."""
    scaled = order.cohort == "UCSF shape and intensity"
    if order.cohort.startswith("UCSF"):
        pair = common_ucsf(order.tables / "ucsf", ranked=False)[:2]
        columns = (*SHAPE, *INTENSITY) if scaled else tuple(SHAPE)
        one, other = (Inputs(p.subjects, columns, p.matrix(columns)) for p in pair)
    else:
        one, other = upenn_pair(order.tables / "upenn", order.cohort.partition(" ")[2])
    target = asked(order.tables, one.subjects, order.cohort, order.target)
    # UCSF's intensities are in other units: they can't be kept by their agreement.
    found = Park2021().diagnosis(one, other, target, margin=MARGIN, folds=FOLDS,
                                 filtered=not scaled, seed=SEED)  # fmt: skip
    gap = found.equivalence
    return {
        "automatic": [found.one.value, found.one.low, found.one.high],
        "human": [found.other.value, found.other.low, found.other.high],
        "difference": [gap.difference.value, gap.difference.low, gap.difference.high],
        "p": gap.p,
        "kept": list(found.kept),
        "n": found.one.n,
        "classes": np.bincount(target.codes[target.known], minlength=2).tolist(),
    }


def fingerprint(order: Order) -> str:
    """Of the files and the question."""
    folder = order.tables / order.cohort.partition(" ")[0].lower()
    digests = (digest_of_file(p) for p in sorted(folder.glob("*.csv*")))
    return digest_of_text(order.cohort, order.target, *digests)


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("tables", type=Path)
    parser.add_argument("--keep", type=Path)
    args = parser.parse_args()
    task = Task(compared, fingerprint=fingerprint, settings=f"{MARGIN} {FOLDS} {SEED}",
                version=__version__)  # fmt: skip
    jobs = [Job(f"{c}, {t}", Order(args.tables, c, t)) for c, t in TASKS]
    outcomes = run_batch(task, jobs, workers=0, kept=args.keep, progress=print)
    figures: dict[str, Any] = {}
    rows = []
    for outcome in outcomes:
        if outcome.failure is not None:
            raise SystemExit(f"{outcome.name}: {outcome.failure.reason}")
        v = outcome.value
        words = verdict(Estimate(*v["difference"], v["n"], "student", 0.9), v["p"])
        for side in ("automatic", "human", "difference"):
            value, low, high = v[side]
            unit = "AUC" if side != "difference" else "AUC, 90 % interval"
            figures[f"{outcome.name}: {side}"] = figure(value, low=low, high=high, n=v["n"],
                                                        unit=unit)  # fmt: skip
        rows.append({"comparison": outcome.name, "words": words,
                     "p_equivalence": round(v["p"], 4), "features_kept": v["kept"],
                     "classes": v["classes"]})  # fmt: skip
        print(rows[-1], v["difference"])
    store(
        "bench/diagnosis",
        command="python benchmarks/bench_masks.py TABLES",
        data=f"LASSO and a support vector machine on features from automatic masks against human "
        f"ones, {FOLDS} folds, difference in AUC by two one-sided tests with a margin of "
        f"{MARGIN:g}: UPENN-GBM (human: automatic masks corrected; features with a CCC of .80 in "
        "the training fold), UCSF-PDGM (human: the expert's masks; the features that both tables "
        "hold, of which the intensities are scaled by patient in the automatic table and in the "
        "scanner's units in the other, so that with them a difference is not of the masks "
        "alone). Classes: MGMT methylation, death within a year of surgery, grades 3 and 4 against "
        "2, IDH",
        seed=SEED,
        figures=figures,
        rows=rows,
    )


if __name__ == "__main__":
    main()
