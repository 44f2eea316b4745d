"""Write the cohort table of the labelled BraTS patients: 45 patients of two collections.

    python benchmarks/segmentation_cohort.py ../shared/data cohort.tsv

Paths in the table are relative to the data folder: give it as `--root` to
`gliokit train segmentation`.
"""

from __future__ import annotations

import argparse
import csv
from pathlib import Path

PUBLISHED = {"2018": "2017-2022", "2020": "2017-2022"}
NOBODY = "new-not-previously-in-TCIA"
"""Stands for several patients whose other names are not known."""


def rows_of(data: Path) -> list[dict[str, str]]:
    """One row for every patient with an expert label map, sorted by name."""
    with (data / "brats" / "cases.tsv").open(encoding="utf-8") as stream:
        cases = [c for c in csv.DictReader(stream, delimiter="\t") if c["labels_as_published"]]
    rows = []
    for case in sorted(cases, key=lambda c: c["case_id"]):
        original = case["form"] == "original"
        african = case["collection"].startswith("BraTS-Africa")
        rows.append(
            {
                "subject_id": case["case_id"],
                "study": f"{case['folder']}/{case['case_id']}",
                "generation": PUBLISHED.get(case["generation"], "2023") if original else "2023",
                "collection": "BraTS-Africa" if african else "BraTS",
                "patient": case["patient"].replace(NOBODY, "") or "n/a",
            }
        )
    return rows


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("table", type=Path)
    arguments = parser.parse_args()
    rows = rows_of(arguments.data)
    with arguments.table.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.DictWriter(stream, rows[0].keys(), delimiter="\t", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    print(f"{len(rows)} patients in {arguments.table}")


if __name__ == "__main__":
    main()
