"""Survival without proportional hazards is judged beside Cox."""

from __future__ import annotations

from gliokit.bench import BenchCohort, Protocol, content_of, judge, run_systems
from gliokit.bench.page import render_comparison
from tests.systems.patients import volume_patients

BOTH = ["wan2020", "wan2020:discrete-time"]


def test_discrete_time_runs_beside_cox_on_the_same_folds() -> None:
    made = volume_patients(150, log_ratio=6.0)
    whole = BenchCohort("survivors", made.inputs, {"survival": made.target})
    run = run_systems(whole, "survival", BOTH, Protocol(folds=3), budget="smoke")
    assert not run.failures
    judged, pairs = judge(run, draws=400)
    found = {j.system: j.headline.value for j in judged}
    assert min(found[name] for name in BOTH) > 0.6
    assert [(p.one, p.other) for p in pairs] == [tuple(BOTH)]
    content = content_of(run, judged, pairs)
    told = next(iter(content["findings"]["wan2020:discrete-time"].values()))
    assert len(told["discrete_time"]["ends_days"]) > 2
    assert "wan2020:discrete-time" in render_comparison(content)
