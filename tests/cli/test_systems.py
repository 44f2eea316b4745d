"""`gliokit systems`: a list that can be narrowed, one in readable form, a new one, a check."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from tests.cli.conftest import Ending

Run = Callable[..., Ending]


def names(ending: Ending) -> set[str]:
    assert ending.code == 0, ending.err
    return {line.split()[0] for line in ending.out.splitlines()}


def test_systems_are_narrowed_by_target_and_by_missing_sequences(
    run: Run,
) -> None:
    everything = names(run("systems"))
    assert {"majority", "bae2020", "wan2020", "park2021"} <= everything
    assert names(run("systems", "--target", "metastasis")) == {
        n for n in everything if n.startswith(("bae2020", "qian2019"))
    }
    assert names(run("systems", "--task", "association")) >= {"mazurowski2017", "park2021"}
    assert names(run("systems", "--without", "t1c")) >= {"majority", "bae2020"}
    for option, word in (("--task", "guessing"), ("--target", "rain"), ("--without", "t3")):
        ending = run("systems", option, word)
        assert ending.code == 2
        assert word in ending.err


def test_a_system_that_needs_a_sequence_is_left_out_without_it() -> None:
    from gliokit.cli import systems
    from gliokit.systems import Needs

    def runs(needs: Needs, *missing: str) -> bool:
        before = systems._needs
        systems._needs = lambda _: needs
        try:
            return systems._runs_without("any", frozenset(missing))
        finally:
            systems._needs = before

    all_of, one_of = Needs(sequences=("t1c", "flair")), Needs(any_sequence=("t1c", "flair"))
    assert runs(all_of)
    assert not runs(all_of, "t1c")
    assert runs(all_of, "t2")
    assert runs(one_of, "t1c")
    assert not runs(one_of, "t1c", "flair")


def test_a_target_is_asked_for_by_its_first_word() -> None:
    from gliokit.cli.systems import _fits

    assert _fits("idh", "idh_mutant")
    assert _fits("idh", "idh")
    assert not _fits("idh", "idhx")
    assert not _fits("idh_mutant", "idh")


def test_one_system_is_shown_with_what_it_needs(run: Run) -> None:
    shown = run("systems", "wan2020").out
    assert "numbers: whole_ml, core_ml" in shown
    assert "20 patients of each class, or deaths" in shown
    assert "hazard ratio per unit of enhancing / core: 4.73 (1.67 to 13.4), n = 120" in shown
    assert "Needs of every patient" not in run("systems", "park2021").out
    assert run("systems", "nobody1999").code == 2
    assert run("systems", "wan2020", "bae2020").code == 2


def test_a_new_system_is_written_once_checked_and_shown(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "muster2031.py"
    ending = run("systems", "new", "muster2031", "--folder", tmp_path)
    assert ending.code == 0, ending.err
    assert path.is_file()
    before = path.read_text(encoding="utf-8")
    assert run("systems", "new", "muster2031", "--folder", tmp_path).code == 4
    assert path.read_text(encoding="utf-8") == before
    assert run("systems", "new").code == 2
    assert run("systems", "new", "Muster", "--folder", tmp_path).code == 2
    checked = run("systems", "check", path)
    assert checked.code == 0, checked.err
    assert "muster2031 holds the contract" in checked.out
    assert "gaps: filled by the training fold's median" in run("systems", path).out


def test_a_system_that_breaks_the_contract_fails_its_check(run: Run, tmp_path: Path) -> None:
    path = tmp_path / "muster2031.py"
    run("systems", "new", "muster2031", "--folder", tmp_path)
    text = path.read_text(encoding="utf-8")
    path.write_text(text.replace('{"features": len(columns)}', '{"columns": set(columns)}'))
    ending = run("systems", "check", path)
    assert ending.code == 3
    assert "findings are JSON" in ending.err
