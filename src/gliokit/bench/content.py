"""The whole result of a run as JSON holds it: what every page and text is made from."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import asdict
from typing import Any

import numpy as np
from numpy.typing import NDArray

from gliokit import __version__
from gliokit.bench.code_digest import is_ours
from gliokit.bench.curves import curves_of
from gliokit.bench.judging import Judgement, Pair
from gliokit.bench.leaks import unlooked_inputs
from gliokit.bench.running import Run
from gliokit.bench.scores import scores_by_system
from gliokit.bench.significance import significance_of
from gliokit.bench.subgroups import JudgedSubgroup
from gliokit.bench.survival_brier import kaplan_meier_brier
from gliokit.bench.survival_figures import horizons_of, training_of
from gliokit.evaluation import Estimate
from gliokit.systems import BASELINES, ClassTarget, MaskTarget, SurvivalTarget, find_system
from gliokit.systems.target import AnyTarget

__all__ = ["Judged", "Strata", "content_of"]

Judged = Sequence[Judgement]
Strata = Mapping[str, tuple[Judged, Sequence[Pair]]]

QUARTILES = (50, 25, 75)
DRAWS = 500
"""Of the bootstrap of Kaplan and Meier's curve, as `judge` takes of survival."""


def content_of(
    run: Run,
    judged: Judged,
    pairs: Sequence[Pair],
    *,
    strata: Strata | None = None,
    unjudged: Mapping[str, str] | None = None,
    subgroups: Sequence[JudgedSubgroup] = (),
    seed: int = 0,
) -> dict[str, Any]:
    """Figures, curves, cards and protocol of a run; None is a number that is not defined.

    Args:
        run, judged, pairs: The run and what it is worth.
        strata: Judged apart, by name.
        unjudged: Strata that can't be judged, and why.
        seed: Of the shuffles of labels.
        subgroups: As of `judge_subgroups`.
    """
    target, tested = run.cohort.target(run.target), run.judged
    return {
        "made_by": f"gliokit {__version__}",
        "cohort": run.cohort.name,
        "target": run.target,
        "task": run.task,
        "region": target.region if isinstance(target, MaskTarget) else None,
        "patients": _patients(run, tested),
        "only_trained": _patients(run, target.known & ~tested),
        "unknown": int((~target.known).sum()),
        "identities": run.identified,
        "models": [{"model": m.model, "known": m.known} for m in run.models],
        "harmonised": list(run.harmonised),
        "confounded_by": _confounder(run, target.known & tested),
        "ranked_together": run.ranks_models_together,
        "unlooked": list(unlooked_inputs(run.cohort.inputs, target)),
        "gaps": int(np.isnan(run.cohort.inputs.values[target.known]).sum()),
        "allowed": run.allowed,
        "protocol": asdict(run.protocol),
        "budget": run.budget,
        "inputs": len(run.cohort.inputs.columns),
        "folds": {f.name: list(f.test.subjects) for f in run.folds},
        "least_tested": min(len(f.test) for f in run.folds),
        "least_learnt": min(_smallest(f.training.target) for f in run.folds),
        "systems": [_row(run, j) for j in judged],
        "pairs": [_pair(p) for p in pairs],
        "tests": significance_of(run, judged, pairs, seed=seed),
        "horizons": _horizons(run),
        "kaplan_meier_brier": _kaplan_meier_brier(run),
        "strata": {
            name: {
                "systems": [_row(run, j) for j in js],
                "pairs": [_pair(p) for p in ps],
                "tests": significance_of(run, js, ps, stratum=name, seed=seed),
            }
            for name, (js, ps) in (strata or {}).items()
        },
        "strata_not_judged": dict(unjudged or {}),
        "subgroups": [_subgroup(s) for s in subgroups],
        "curves": curves_of(run),
        "cards": {name: _card(name) for name in run.systems},
        "not_run": run.not_run,
        "failures": run.failures,
        "findings": run.findings,
    }


def _patients(run: Run, chosen: NDArray[np.bool_]) -> dict[str, Any]:
    """How many some patients of the cohort are, and who."""
    inputs = run.cohort.inputs.take(np.flatnonzero(chosen))
    found: dict[str, Any] = {
        "persons": len(set(inputs.persons)),
        "rows": len(inputs),
        "sites": {s: inputs.sites.count(s) for s in sorted(set(inputs.sites) - {""})},
        **_outcomes(run, chosen),
    }
    if not len(inputs):
        return found
    if "age_years" in inputs.columns and np.isfinite(inputs.column("age_years")).any():
        quartiles = np.nanpercentile(inputs.column("age_years"), QUARTILES)
        found["age_years"] = [_number(float(v)) for v in quartiles]
    if "male" in inputs.columns:
        male = inputs.column("male")
        found["sex"] = {"female": int((male == 0).sum()), "male": int((male == 1).sum())}
    return found


def _confounder(run: Run, judged: NDArray[np.bool_]) -> str | None:
    """'grade', where a class is judged over several grades, most classes going with them."""
    grades = {run.cohort.grades[i] for i in np.flatnonzero(judged)} if run.cohort.grades else set()
    is_class = isinstance(run.cohort.target(run.target), ClassTarget)
    return "grade" if is_class and len(grades - {""}) > 1 else None


def _outcomes(run: Run, chosen: NDArray[np.bool_]) -> dict[str, Any]:
    target = run.cohort.target(run.target).take(np.flatnonzero(chosen))
    if isinstance(target, ClassTarget):
        counts = {c: int((target.codes == k).sum()) for k, c in enumerate(target.classes)}
        return {"classes": counts} | (
            {"positive": target.classes[-1]} if len(target.classes) == 2 else {}
        )
    if isinstance(target, SurvivalTarget):
        median = float(np.median(target.days)) if len(target) else math.nan
        return {"deaths": int(target.died.sum()), "median_days": _number(median)}
    first = [p for p in run.predictions if p.system == run.systems[0] and p.repeat == 0]
    return {"empty": sum(not p.case["drawn"] for p in first if chosen[p.row])}


def _smallest(target: AnyTarget) -> int:
    """Patients of the smallest class, or deaths; of a place those in whom it is drawn."""
    if isinstance(target, ClassTarget):
        return int(np.bincount(target.codes[target.known], minlength=len(target.classes)).min())
    return int((target.strata == (1 if isinstance(target, SurvivalTarget) else 0)).sum())


def _row(run: Run, judgement: Judgement) -> dict[str, Any]:
    return {
        "system": judgement.system,
        "baseline": judgement.system in BASELINES,
        "headline": _estimate(judgement.headline),
        "per_fold": [_number(v) for v in judgement.per_fold],
        "gain": None if judgement.gain is None else _estimate(judgement.gain),
        "best_baseline": judgement.best_baseline,
        "words": judgement.words,
        "figures": {name: _estimate(f) for name, f in judgement.figures.items()},
        "processor_seconds": run.processor_seconds[judgement.system],
    }


def _pair(pair: Pair) -> dict[str, Any]:
    return {
        "one": pair.one,
        "other": pair.other,
        "difference": _estimate(pair.difference),
        "within_noise": pair.within_noise,
    }


def _horizons(run: Run) -> dict[str, Any] | None:
    """Until when, and when, ranking by risk is judged; None of what is no survival."""
    target = run.cohort.target(run.target)
    if not isinstance(target, SurvivalTarget):
        return None
    scores = next(iter(scores_by_system(run).values()))
    return asdict(horizons_of(target, scores, training_of(run)))


def _kaplan_meier_brier(run: Run) -> dict[str, Any]:
    """What survival curves are held against; nothing of what is no survival."""
    target = run.cohort.target(run.target)
    if not isinstance(target, SurvivalTarget):
        return {}
    scores = next(iter(scores_by_system(run).values()))
    found = kaplan_meier_brier(target, scores, training_of(run), seed=0, draws=DRAWS,
                               shared=not run.protocol.one_model)  # fmt: skip
    return {name: _estimate(e) for name, e in found.items()}


def _subgroup(judged: JudgedSubgroup) -> dict[str, Any]:
    return {
        "trait": judged.subgroup.trait,
        "value": judged.subgroup.value,
        "patients": judged.patients,
        "events": judged.events,
        "only_trained": judged.only_trained,
        "systems": {name: _estimate(e) for name, e in judged.systems.items()},
        "reason": judged.reason,
    }


def _card(name: str) -> dict[str, Any]:
    card = find_system(name).card
    return {
        "id": card.id,
        "title": card.title,
        "citation": card.citation,
        "fidelity": card.fidelity,
        "state": card.state,
        "figures": [asdict(f) for f in card.figures if f.printable],
        "chosen": list(card.chosen),
        "doubts": list(card.doubts),
        "small": card.small,
        "ours": is_ours(name),
    }


def _estimate(found: Estimate) -> dict[str, Any]:
    content = asdict(found)
    return content | {k: _number(content[k]) for k in ("value", "low", "high")}


def _number(value: float) -> float | None:
    return round(value, 6) if math.isfinite(value) else None
