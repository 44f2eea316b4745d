"""Every number has its source, every class its lines; what is computed can be computed again."""

from __future__ import annotations

import csv
from pathlib import Path

import pytest

from gliokit.phantom.population import class_shares, effects, frequencies
from gliokit.phantom.population.classes import GROUPS, STRATA
from gliokit.phantom.population.phenotype import LOBES
from gliokit.phantom.population.table import MARKS, Entry

ENTRIES = [*frequencies(), *effects()]
Rows = list[dict[str, str]]


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: f"{e.quantity}-{e.given}")
def test_every_number_names_its_source_and_how_it_is_known(entry: Entry) -> None:
    assert entry.mark in MARKS
    assert entry.source
    assert entry.unit
    if entry.unit == "share":
        assert 0 <= entry.value <= 1
    assert entry.sd is None or entry.sd > 0


def test_no_line_stands_there_twice() -> None:
    for table, name in ((frequencies(), "frequencies.tsv"), (effects(), "effects.tsv")):
        path = Path(__file__).resolve().parents[3] / "src/gliokit/phantom/population" / name
        assert len(list(table)) == len(path.read_text(encoding="utf-8").splitlines()) - 1


def test_shares_of_what_excludes_each_other_sum_to_one() -> None:
    table = frequencies()
    assert sum(table.value("stratum", s) for s in STRATA) == pytest.approx(1)
    for stratum in STRATA:
        total = sum(table.value("group", f"{stratum}.{g}") for g in GROUPS)
        assert total == pytest.approx(1, abs=0.005)
    for glioma_class in class_shares():
        lobes = [effects().value(f"lobe_{name}", *glioma_class.given) for name in LOBES]
        assert sum(lobes) == pytest.approx(1)


def test_classes_are_those_of_who_2021() -> None:
    shares = class_shares()
    assert sum(shares.values()) == pytest.approx(1)
    names = {c.name for c in shares}
    assert names == {
        "oligo_2", "oligo_3", "astro_2", "astro_3", "astro_4",
        "wildtype_2", "wildtype_3", "wildtype_4",
    }  # fmt: skip


def test_an_unknown_line_is_a_key_error() -> None:
    with pytest.raises(KeyError, match="colour of astro_2"):
        effects().value("colour", "astro_2")


@pytest.fixture(scope="module")
def tcga(shared_data: Path) -> Rows:
    path = shared_data / "tables" / "tcga" / "Ceccarelli2016_TableS1_lgg_gbm_subtype.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def _share(rows: Rows, column: str, yes: str, no: str) -> float:
    counts = [sum(r[column] == value for r in rows) for value in (yes, no)]
    return counts[0] / sum(counts)


def _with(rows: Rows, **wanted: str | tuple[str, ...]) -> Rows:
    columns = {
        "subtype": "IDH.codel.subtype", "grade": "Grade", "tert": "TERT.promoter.status",
    }  # fmt: skip
    for key, value in wanted.items():
        values = (value,) if isinstance(value, str) else value
        rows = [r for r in rows if r[columns[key]] in values]
    return rows


def test_what_is_computed_from_tcga_agrees_with_tcga(tcga: Rows) -> None:
    lower, table = ("G2", "G3"), frequencies()
    codel = _with(tcga, subtype="IDHmut-codel", grade=lower)
    intact = _with(tcga, subtype="IDHmut-non-codel")
    wildtype = _with(tcga, subtype="IDHwt")
    low_tert = _with(wildtype, grade=lower, tert="Mutant")
    low_none = _with(wildtype, grade=lower, tert="WT")

    for group, rows in {
        "triple_positive": codel,
        "idh_only": _with(intact, grade=lower),
        "triple_negative": low_none,
        "tert_only": low_tert,
    }.items():
        share = _share(rows, "Grade", "G3", "G2")
        assert table.value("grade_3_of_lower", group) == pytest.approx(share, abs=0.001)
    gain = ("Chr.7.gain.Chr.10.loss", "Gain chr 7 & loss chr 10", "No combined CNA")
    for given, rows in {
        "triple_positive": codel,
        "lower.tert_only": low_tert,
        "lower.triple_negative": low_none,
        "IV.tert_only": _with(wildtype, grade="G4"),
    }.items():
        share = _share(rows, *gain)
        assert table.value("gain7_loss10", given) == pytest.approx(share, abs=0.001)
    sexes = {
        "oligo": codel,
        "astro": _with(intact, grade=(*lower, "G4")),
        "wildtype": _with(wildtype, grade=(*lower, "G4")),
    }
    for lineage, rows in sexes.items():
        share = _share(rows, "Gender", "male", "female")
        assert table.value("male", lineage) == pytest.approx(share, abs=0.001)


def test_extent_of_resection_agrees_with_ucsf(shared_data: Path) -> None:
    path = shared_data / "tables" / "ucsf" / "UCSF-PDGM-metadata_v5.csv"
    with path.open(encoding="utf-8", newline="") as stream:
        rows = [r for r in csv.DictReader(stream) if "FU" not in r["ID"] and r["EOR"]]
    table = frequencies()
    for glioma_class in class_shares():
        grades = {str(glioma_class.grade)}
        if glioma_class.name in ("wildtype_2", "wildtype_3"):
            grades = {"2", "3"}
        extents = [
            r["EOR"]
            for r in rows
            if (r["IDH"] != "wildtype") is glioma_class.idh_mutant and r["WHO CNS Grade"] in grades
        ]
        for quantity, extent in (("resection_gross_total", "GTR"), ("biopsy_only", "biopsy")):
            share = extents.count(extent) / len(extents)
            found = table.value(quantity, *glioma_class.given)
            assert found == pytest.approx(share, abs=0.001), (glioma_class.name, extent)


RECALLED = ("Sanson", "Brown 2016", "Law 2003", "Kono", "Stupp's", "Stupp 2009", "Lipkova",
            "medians of TCGA 2015")  # fmt: skip


@pytest.mark.parametrize("entry", ENTRIES, ids=lambda e: f"{e.quantity}-{e.given}")
def test_what_was_not_read_again_is_never_given_as_the_papers(entry: Entry) -> None:
    text = f"{entry.source} {entry.note}"
    if any(name in text for name in RECALLED):
        assert entry.mark == "recall" or "as recalled" in text
