"""A new system's file runs, and the contract catches one that breaks it."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from gliokit.bench import BenchCohort, Protocol, judge, run_systems
from gliokit.study import StudyError, UsageError
from gliokit.systems import ClassProbabilities, Inputs, TrainingSet, find_system
from gliokit.systems.contract import check_contract
from gliokit.systems.template import new_system_text
from gliokit.systems.template.author2026 import Author2026
from tests.systems.patients import feature_patients


@pytest.fixture
def new_file(tmp_path: Path) -> Path:
    path = tmp_path / "muster2031.py"
    path.write_text(new_system_text("muster2031"), encoding="utf-8")
    return path


def test_a_new_system_holds_the_contract_and_bears_its_name(new_file: Path, tmp_path: Path) -> None:
    text = new_file.read_text(encoding="utf-8")
    assert text.startswith('"""Muster 2031')
    assert "author2026" not in text.lower()
    system = find_system(str(new_file))
    assert type(system).__name__ == "Muster2031"
    assert system.card.id == "muster2031"
    check_contract(system, feature_patients(), tmp_path / "saved")


def test_a_system_of_a_file_is_benched_by_its_name_and_finds_what_is_planted(
    new_file: Path, tmp_path: Path
) -> None:
    patients = feature_patients(80)
    cohort = BenchCohort("small", patients.inputs, {"kind": patients.target})
    kept = tmp_path / "kept"
    run = run_systems(cohort, "kind", [str(new_file)], Protocol(folds=2), budget="smoke",
                      kept=kept)  # fmt: skip
    judged = judge(run, draws=100)[0]
    assert judged[0].headline.value > 0.8
    changed = new_file.read_text(encoding="utf-8").replace("scores_of(model", "-scores_of(model")
    new_file.write_text(changed, encoding="utf-8")
    other = run_systems(cohort, "kind", [str(new_file)], Protocol(folds=2), budget="smoke",
                        kept=kept)  # fmt: skip
    assert [p.score for p in other.predictions[:5]] != [p.score for p in run.predictions[:5]]


@pytest.mark.parametrize(
    "name", ["Muster2031", "muster", "2031", "muster-2031", "muster31", "../x2031"]
)
def test_a_name_is_an_author_and_a_year(name: str) -> None:
    with pytest.raises(UsageError, match="author2026"):
        new_system_text(name)


@pytest.mark.parametrize(
    ("content", "says"),
    [
        ("import nowhere_at_all\n", "ModuleNotFoundError"),
        ("def other(): pass\n", "AttributeError"),
        ("def broken(): return 3\n", "card, needs, fit and load"),
        ("def broken(:\n", "SyntaxError"),
    ],
)
def test_a_file_that_makes_no_system_is_refused(content: str, says: str, tmp_path: Path) -> None:
    path = tmp_path / "broken.py"
    path.write_text(content, encoding="utf-8")
    with pytest.raises(UsageError, match=says):
        find_system(str(path))
    with pytest.raises(UsageError, match="is there"):
        find_system(str(tmp_path / "absent.py"))


Change = Callable[[ClassProbabilities], ClassProbabilities]
DRAWS = itertools.count()
TEMPLATE = Author2026()


@dataclass(frozen=True)
class Broken:
    """A fitted system whose answers are changed on the way out."""

    fitted: Any
    change: Change
    findings: Any

    def answer(self, patients: Inputs) -> ClassProbabilities:
        return self.change(self.fitted.answer(patients))

    def save(self, folder: Path) -> None:
        self.fitted.save(folder)


@dataclass(frozen=True)
class BrokenSystem:
    change: Change
    findings: Any = None
    whole: Author2026 = TEMPLATE

    @property
    def card(self) -> Any:
        return self.whole.card

    @property
    def needs(self) -> Any:
        return self.whole.needs

    def fit(self, training: TrainingSet, *, budget: Any, seed: int) -> Broken:
        fitted = self.whole.fit(training, budget=budget, seed=seed)
        return Broken(fitted, self.change, self.findings or {})

    def load(self, folder: Path) -> Any:
        return self.whole.load(folder)


def moved(said: ClassProbabilities, towards: float) -> ClassProbabilities:
    p = 0.5 * said.probabilities[:, 1] + 0.5 * towards
    return replace(said, probabilities=np.stack([1 - p, p], axis=1))


@pytest.mark.parametrize(
    ("change", "says"),
    [
        (lambda s: replace(s, subjects=s.subjects[::-1]), "in their order"),
        (lambda s: moved(s, float(s.probabilities[:, 1].mean())), "who else is asked"),
        (lambda s: moved(s, next(DRAWS) % 7 / 7), "same seed"),
        (lambda s: moved(s, 0.3), "what was saved"),
    ],
)
def test_the_contract_names_the_rule_that_is_broken(
    change: Change, says: str, tmp_path: Path
) -> None:
    patients = feature_patients()
    with pytest.raises(StudyError, match=says):
        check_contract(BrokenSystem(change), patients, tmp_path / "saved")


def test_findings_that_json_can_not_hold_break_the_contract(tmp_path: Path) -> None:
    system = BrokenSystem(lambda s: s, {"features": np.arange(3)})
    with pytest.raises(StudyError, match="findings are JSON"):
        check_contract(system, feature_patients(), tmp_path / "saved")
    with pytest.raises(UsageError, match="classes and of risks"):
        check_contract(BrokenSystem(lambda s: s.probabilities), feature_patients(),  # type: ignore[arg-type,return-value]
                       tmp_path / "other")  # fmt: skip
