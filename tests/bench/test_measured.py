"""Baselines are given what is measured from the images, and nobody else is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gliokit.bench import BenchCohort, Protocol, measured, run_systems
from gliokit.bench.measured import columns_to_measure, measured_inputs
from gliokit.study import WHOLE_TUMOUR, LabelMap, UsageError
from gliokit.systems import Images, MaskTarget
from gliokit.systems.measured_signs import MEASURED
from tests.bench.spies import Spy, installed
from tests.systems.digital import digital_patients

PROTOCOL = Protocol(folds=2)


def cohort(*, whole_alone: bool = False, without: tuple[str, ...] = ()) -> BenchCohort:
    made = digital_patients(12)
    images = tuple(_changed(i, whole_alone, without) for i in made.inputs.images)
    inputs = replace(made.inputs, images=images)
    return BenchCohort("<digital>", inputs, {made.target.name: made.target})


def _changed(images: Images | None, whole_alone: bool, without: tuple[str, ...]) -> Images:
    assert images is not None
    assert images.open_label_map is not None
    study, opened = images.open_study(), images.open_label_map()
    kept = {m: v for m, v in study.volumes.items() if m.value not in without}
    whole = LabelMap(opened.grid, opened.region("WT").astype(np.uint8), WHOLE_TUMOUR)
    drawn = whole if whole_alone else opened
    return replace(
        images, sequences=images.sequences - set(without), regions=frozenset(drawn.labels.regions),
        open_study=lambda: replace(study, volumes=kept), open_label_map=lambda: drawn,
        content=f"{images.content} {whole_alone} {without}",
    )  # fmt: skip


def test_baselines_run_on_measured_signs_that_no_system_sees(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    spy = Spy()
    installed(monkeypatch, spy=spy)
    run = run_systems(cohort(), "idh_mutant", ["spy"], PROTOCOL, budget="smoke")
    assert not run.failures
    assert not run.not_run
    assert set(run.systems) == {"spy", "majority", "age_sex", "volume", "signs"}
    for training, test in spy.seen:
        assert training.inputs.columns == test.columns == ("age_years", "male")
    coefficients = run.findings["signs"][run.folds[0].name]["coefficients"]
    assert set(coefficients) == {"age_years", *MEASURED} - {"whole_ml"}


def test_without_t1c_or_a_drawn_core_the_signs_are_not_run_and_the_volume_is() -> None:
    given = cohort(whole_alone=True, without=("t1c",))
    run = run_systems(given, "idh_mutant", ["age_sex"], PROTOCOL, budget="smoke")
    assert "volume" in run.systems
    assert run.not_run == {
        "signs": "column 'enhancement_share' (measured in 0 of 12 patients, from regions ET and "
        "TC, or t1c)"
    }


def test_a_baseline_that_is_asked_by_name_is_measured_too_and_wrong_names_are_refused_first(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = run_systems(cohort(), "idh_mutant", ["signs"], PROTOCOL, budget="smoke")
    assert run.systems[0] == "signs"
    monkeypatch.setattr(measured, "run_batch", lambda *_, **__: pytest.fail("measured"))
    with pytest.raises(UsageError, match="nobody2000"):
        run_systems(cohort(), "idh_mutant", ["nobody2000"], PROTOCOL, budget="smoke")


def test_what_was_measured_is_kept_by_the_images_content(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    given = cohort()
    once = measured_inputs(given, "idh_mutant", kept=tmp_path)
    monkeypatch.setattr(measured, "measured_signs", lambda *_, **__: pytest.fail("again"))
    again = measured_inputs(given, "idh_mutant", kept=tmp_path)
    np.testing.assert_array_equal(once.inputs.values, again.inputs.values)


def test_what_the_table_has_is_not_measured_and_neither_is_a_place_that_is_asked_for() -> None:
    given = cohort()
    values = np.column_stack([given.inputs.values, np.arange(12.0)])
    inputs = replace(given.inputs, columns=(*given.inputs.columns, "whole_ml"), values=values)
    assert "whole_ml" not in columns_to_measure(replace(given, inputs=inputs), "idh_mutant")
    masks = tuple(i.open_label_map if i is not None else None for i in inputs.images)
    place = MaskTarget("tumour", "WT", masks)
    assert columns_to_measure(replace(given, targets={"tumour": place}), "tumour") == ()


def test_images_that_can_not_be_read_leave_a_gap_and_a_reason() -> None:
    given = cohort()

    def broken() -> object:
        raise OSError("the disk is gone")

    images = tuple(
        replace(i, open_study=broken) if n < 8 and i is not None else i
        for n, i in enumerate(given.inputs.images)
    )
    found = measured_inputs(
        replace(given, inputs=replace(given.inputs, images=images)), "idh_mutant"
    )
    assert "whole_ml" not in found.inputs.columns
    assert found.lacking("column 'whole_ml'").endswith("WT; the disk is gone)")
