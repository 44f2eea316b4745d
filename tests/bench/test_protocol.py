"""Splits: everybody once, stratified, the same for all, and the names of patients."""

from __future__ import annotations

from dataclasses import replace
from itertools import product
from pathlib import Path

import numpy as np
import pytest

from gliokit.bench import Identities, Protocol, read_identities, split, written_alike
from gliokit.bench.cohort import BenchCohort
from gliokit.study import StudyError, UsageError
from gliokit.systems import ClassTarget, Inputs
from tests.systems.patients import feature_patients


def cohort(n: int = 41, sites: tuple[str, ...] = (), unknown: int = 0) -> BenchCohort:
    made = feature_patients(n, 4)
    codes = np.asarray(made.target.strata).copy()
    codes[:unknown] = -1
    inputs = Inputs(made.inputs.subjects, made.inputs.columns, made.inputs.values, sites=sites)
    return BenchCohort("c", inputs, {"kind": ClassTarget("kind", ("no", "yes"), codes)})


@pytest.mark.parametrize("kind", ["k-fold", "leave-one-out"])
def test_everybody_is_tested_once_a_repeat(kind: str) -> None:
    folds = split(cohort(), "kind", Protocol(kind, folds=4))  # type: ignore[arg-type]
    tested = sorted(int(r) for f in folds for r in f.test_rows)
    assert tested == list(range(41))
    assert len(folds) == (4 if kind == "k-fold" else 41)
    assert len({f.name for f in folds}) == len(folds)


def test_folds_are_the_same_by_seed_and_another_by_another() -> None:
    first, again, other = (
        [f.test_rows.tolist() for f in split(cohort(), "kind", Protocol(seed=s))] for s in (1, 1, 2)
    )
    assert first == again
    assert first != other


def test_repeats_deal_anew() -> None:
    folds = split(cohort(), "kind", Protocol(folds=3, repeats=2))
    assert [f.repeat for f in folds] == [0, 0, 0, 1, 1, 1]
    assert folds[0].test_rows.tolist() != folds[3].test_rows.tolist()


def test_groups_of_persons_are_left_out_once_each_with_the_classes_even() -> None:
    persons = tuple(f"person{i // 2}" for i in range(60))
    made = replace(cohort(60).inputs, persons=persons)
    codes = np.arange(60) // 2 % 2
    whole = BenchCohort("c", made, {"kind": ClassTarget("kind", ("no", "yes"), codes)})
    folds = split(whole, "kind", Protocol("leave-n-out", leave=7, seed=2))
    assert [len(set(f.test.persons)) for f in folds] == [6] * 5
    assert sorted(int(r) for f in folds for r in f.test_rows) == list(range(60))
    for fold in folds:
        assert not set(fold.test.persons) & set(fold.training.inputs.persons)
        assert int(codes[fold.test_rows].sum()) == 6
    again, other = (
        [
            f.test_rows.tolist()
            for f in split(whole, "kind", Protocol("leave-n-out", leave=7, seed=s))
        ]
        for s in (2, 3)
    )
    assert [f.test_rows.tolist() for f in folds] == again != other
    with pytest.raises(UsageError, match="smaller than all persons, 30"):
        split(whole, "kind", Protocol("leave-n-out", leave=30))


def test_groups_are_judged_alone_from_ten_persons_on() -> None:
    assert Protocol("leave-n-out", leave=9).pooled
    assert not Protocol("leave-n-out", leave=10).pooled
    assert not Protocol("k-fold", leave=2).pooled


def test_a_test_cohort_is_one_fold_and_nobody_of_it_is_learnt_from() -> None:
    sites = tuple("abc"[i % 3] for i in range(60))
    whole = cohort(60, sites, unknown=9)
    (fold,) = split(whole, "kind", Protocol("cross-dataset", test_cohorts=("b",)))
    assert fold.name == "on b"
    assert fold.test_rows.tolist() == [i for i in range(9, 60) if i % 3 == 1]
    assert set(fold.training.inputs.sites) == {"a", "c"}
    assert {"p000", "p002"} <= set(fold.training.inputs.subjects)
    (both,) = split(whole, "kind", Protocol("cross-dataset", test_cohorts=("c", "b")))
    assert set(both.training.inputs.sites) == {"a"}
    for tested in (("d",), ("a", "b", "c")):
        with pytest.raises(UsageError, match="found a, b, c"):
            split(whole, "kind", Protocol("cross-dataset", test_cohorts=tested))
    with pytest.raises(UsageError, match="no cohort or site"):
        split(cohort(60), "kind", Protocol("cross-dataset", test_cohorts=("b",)))


def test_a_site_that_is_left_out_gives_no_patient_without_a_known_target_to_learn_from() -> None:
    sites = tuple("abc"[i % 3] for i in range(60))
    for fold in split(cohort(60, sites, unknown=9), "kind", Protocol("leave-site-out")):
        assert fold.name[-1] not in fold.training.inputs.sites


@pytest.mark.parametrize("share", [0.2, 0.3, 0.7])
def test_a_hold_out_takes_its_share_of_each_class(share: float) -> None:
    (fold,) = split(cohort(200), "kind", Protocol("hold-out", test_share=share))
    assert abs(len(fold.test) - 200 * share) <= 2
    assert abs(int((fold.test_rows % 2).sum()) - 100 * share) <= 2


def test_a_site_is_left_out_whole_and_one_of_a_single_class_is_only_learnt_from() -> None:
    sites = tuple("abc"[i % 3] if i < 30 else "d" for i in range(32))
    odd = tuple("single" if i in (1, 3, 5) else s for i, s in enumerate(sites))
    folds = split(cohort(32, odd), "kind", Protocol("leave-site-out"))
    assert [f.name for f in folds] == ["without a", "without b", "without c"]
    for fold in folds:
        assert set(fold.test.sites) == {fold.name[-1]}
        assert fold.name[-1] not in fold.training.inputs.sites
        assert "single" in fold.training.inputs.sites
    with pytest.raises(StudyError, match=r"leave out a site.*--site"):
        split(cohort(32), "kind", Protocol("leave-site-out"))


@pytest.mark.parametrize("kind", ["k-fold", "hold-out"])
def test_folds_hold_each_class_of_each_stratum_evenly(kind: str) -> None:
    strata = tuple("ab"[i // 2 % 3 == 0] for i in range(120))
    whole = replace(cohort(120), strata=strata)
    for fold in split(whole, "kind", Protocol(kind, test_share=0.25)):  # type: ignore[arg-type]
        share = len(fold.test) / 120
        for stratum, code in product("ab", (0, 1)):
            rows = [i for i in range(120) if strata[i] == stratum and i % 2 == code]
            tested = len(set(rows) & set(fold.test_rows.tolist()))
            assert abs(tested - share * len(rows)) <= 1


def test_patients_without_a_known_target_are_learnt_from_and_never_tested() -> None:
    for fold in split(cohort(40, unknown=5), "kind", Protocol(folds=3)):
        assert {f"p{i:03d}" for i in range(5)} <= set(fold.training.inputs.subjects)
        assert fold.test_rows.min() >= 5


@pytest.mark.parametrize(
    "make",
    [
        lambda: Protocol("by-taste"),  # type: ignore[arg-type]
        lambda: Protocol(folds=1),
        lambda: Protocol(seed=-1),
        lambda: Protocol(test_share=1.0),
        lambda: Protocol("leave-n-out", leave=0),
        lambda: Protocol("cross-dataset"),
        lambda: Protocol("leave-site-out", test_cohorts=("b",)),
        lambda: split(cohort(4), "kind", Protocol(folds=9)),
    ],
)
def test_a_protocol_that_can_not_be_is_refused(make: object) -> None:
    with pytest.raises(UsageError):
        make()  # type: ignore[operator]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("TCGA_CS_4941_19960909", "TCGA-CS-4941-01A"),
        ("UCSF-PDGM-004", "UCSF-PDGM-0004"),
        ("UCSF-PDGM-0431_FU001d", "UCSF-PDGM-431"),
        ("UPENN-GBM-00011_11", "UPENN-GBM-00011_21"),
        ("BraTS-GLI-00097-000", "BraTS2021_00097"),
        ("Brats17_CBICA_AAB_1", "BraTS19_CBICA_AAB_1"),
    ],
)
def test_spellings_of_one_name_are_one(one: str, other: str) -> None:
    assert written_alike(one) == written_alike(other)


def test_other_names_stay_apart() -> None:
    names = ["TCGA-CS-4941", "TCGA-CS-4942", "UCSF-PDGM-1", "UCSF-PDGM-10", "BraTS2021_00001",
             "BraTS20_Training_001", "p1", "p10"]  # fmt: skip
    assert len({written_alike(n) for n in names}) == len(names)


def test_names_joined_by_several_tables_are_one_patient(tmp_path: Path) -> None:
    (tmp_path / "a.csv").write_text("alias_1,alias_2,age\nx,y,3\nv,w,4\n", encoding="utf-8")
    (tmp_path / "b.csv").write_text("alias_1,alias_2\nz,y\n,u\n", encoding="utf-8")
    (tmp_path / "c.csv").write_text("age,site\n3,a\n", encoding="utf-8")
    found = read_identities(tmp_path)
    assert found.person("x") == found.person("y") == found.person("z")
    assert found.person("v") == found.person("w") != found.person("x")
    assert found.person("unheard") == "unheard"
    with pytest.raises(StudyError, match="two columns or more of names"):
        read_identities(tmp_path / "c.csv")


def test_no_table_leaves_names_as_they_are_written() -> None:
    assert Identities().person("UCSF-PDGM-004") == "UCSF-PDGM-4"


def test_public_tables_tell_who_is_in_two_collections(shared_data: Path) -> None:
    found = read_identities(
        [
            shared_data / "tables/brats/BraTS2021_MappingToTCIA.csv",
            shared_data / "tables/tcga/BraTS19_name_mapping.csv",
            shared_data / "tables/ucsf/UCSF-PDGM-metadata_v5.csv",
        ]
    )
    assert found.person("BraTS2021_00097") == found.person("UCSF-PDGM-0004")
    assert found.person("BraTS2021_00131") == found.person("UPENN-GBM-00011_11")
    assert found.person("BraTS2021_00100") == found.person("TCGA-02-0085")
    assert found.person("Brats17_TCIA_634_1") == found.person("TCGA_HT_A61A_1999")
    assert found.person("BraTS2021_00097") != found.person("BraTS2021_00100")
