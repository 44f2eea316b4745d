"""Who is who, by name and collection."""

from __future__ import annotations

import pytest

from gliokit.study import Identities, People, family_of, person_of


@pytest.mark.parametrize(
    ("name", "collection", "person"),
    [
        ("TCGA-02-0001-01A", "TCGA-GBM", "TCGA-02-0001"),
        ("TCGA-CS-5393, study 1999-06-06", "BraTS", "TCGA-CS-5393"),
        ("BraTS-GLI-00097-000", "North", "BraTS2021-97"),
        ("BraTS-SSA-00002-001", "BraTS-Africa", "BraTS-SSA-2"),
        ("BraTS20_Training_001", "BraTS", "BraTS20_Training_001"),
        ("001", "North", "001 (North)"),
        (" 001 ", "", "001"),
    ],
)
def test_a_public_name_stands_alone_and_another_with_its_collection(
    name: str, collection: str, person: str
) -> None:
    assert person_of(name, collection) == person


def test_a_name_without_a_collection_may_be_any() -> None:
    people = People.of([("001", "North"), ("002", ""), ("", "North")])
    assert people.hold("001", "North")
    assert people.hold("001")
    assert not people.hold("001", "South")
    assert people.hold("002", "South")
    assert not people.hold("", "North")


def test_a_table_tells_of_every_family_that_it_has_a_column_of() -> None:
    ucsf = [("UCSF-PDGM-004", "BraTS2021_00097"), ("UCSF-PDGM-005", "")]
    years = [("BraTS19_CBICA_AAB_1", "Brats17_CBICA_AAB_1", ""), ("x", "", "TCGA-HT-A61A")]
    tables = Identities.of(ucsf, years)
    assert tables.tells("UCSF-PDGM-5", "BraTS 2021")
    assert tables.tells("BraTS2021_00097", "UCSF-PDGM")
    assert not tables.tells("BraTS2021_00098", "UCSF-PDGM")
    assert tables.tells("BraTS-CBICA_AAB_1", "TCGA")
    assert not tables.tells("BraTS-CBICA_AAB_1", "UPENN-GBM")
    assert family_of("TCGA_CS_4941_19960909") == "TCGA"
    assert family_of("LUMIERE-1") == family_of("") == ""


def test_a_name_that_a_table_holds_is_one_person_in_all_collections() -> None:
    tables = Identities.of([("P7", "UCSF-PDGM-004")])
    names, collections = ("P7", "UCSF-PDGM-0004", "P8", "P8"), ("A", "B", "A", "B")
    assert tables.persons(names, collections) == ("P7", "P7", "P8 (A)", "P8 (B)")
    assert tables.persons(names, ("A", "B", "A", "")) == ("P7", "P7", "P8", "P8")
