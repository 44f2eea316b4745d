"""What a reader must know of a run before its figures: who, how many, what is within noise."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from gliokit.bench.judging import Judgement, Pair
from gliokit.bench.running import Run
from gliokit.systems import BASELINES, ClassTarget, find_system

__all__ = ["critical_reading", "methods_text", "patients_text"]

KINDS = {
    "hold-out": "one split",
    "k-fold": "stratified folds grouped by patient",
    "leave-one-out": "one patient left out at a time",
    "leave-site-out": "one site left out at a time",
}


def patients_text(run: Run) -> str:
    """How many patients, and how many of each class or deaths."""
    target = run.cohort.target(run.target)
    known = target.known
    persons = len({p for p, k in zip(run.cohort.inputs.persons, known, strict=True) if k})
    if isinstance(target, ClassTarget):
        parts = [f"{int((target.codes == k).sum())} {name}" for k, name in
                 enumerate(target.classes)]  # fmt: skip
        told = ", ".join(parts)
    else:
        told = f"{int(target.died[known].sum())} deaths"
    blind = int((~known).sum())
    text = f"{persons} patients, {int(known.sum())} rows ({told})"
    return text + (f"; {blind} rows without a known target are not judged" if blind else "")


def methods_text(run: Run) -> str:
    """The methods of the run, with citations, as a paper would have them."""
    protocol = run.protocol
    classes = isinstance(run.cohort.target(run.target), ClassTarget)
    deal = KINDS[protocol.kind]
    if protocol.kind == "k-fold":
        deal = f"{protocol.folds} {deal}, dealt {protocol.repeats} times"
    judged = (
        "The headline is the mean of the AUCs within folds"
        if classes
        else "The headline is the mean of Harrell's C within folds"
    )
    if protocol.pooled:
        judged = "The headline pools the scores of all left-out patients, which come from " \
                 "different models: without a signal it lies below one half"  # fmt: skip
    cited = [
        f"{name}: {find_system(name).card.citation}."
        for name in run.systems
        if find_system(name).card.citation
    ]
    return (
        f"Cohort {run.cohort.name}: {patients_text(run)}. Splits: {deal}, seed {protocol.seed}, "
        "the same for every system. Scaling, filling of gaps, selection of features, choice of "
        "pipelines, calibration and thresholds were fitted inside the training folds. "
        f"{judged}, with a 95 % interval by bootstrap over patients. Budget: {run.budget}. "
        + " ".join(cited)
    )


def critical_reading(
    run: Run, judged: Sequence[Judgement], pairs: Sequence[Pair]
) -> tuple[str, ...]:
    """What limits the figures, each a sentence."""
    target = run.cohort.target(run.target)
    said = [f"{patients_text(run)}."]
    if run.protocol.kind != "leave-site-out":
        said.append(
            "Nothing here is external: test patients come from the same cohort as those learnt "
            "from."
        )
    events = np.bincount(target.strata[target.known], minlength=2)
    said.append(
        f"The smaller class has {int(events.min())} of {int(events.sum())}; "
        f"a test fold holds {min(len(f.test) for f in run.folds)} patients at the least."
    )
    worse = [j.system for j in judged if j.words]
    if worse:
        said.append(
            f"Not better than the best baseline, by the lower bound of the gain: "
            f"{', '.join(worse)}."
        )
    noise = [f"{p.one} and {p.other}" for p in pairs if p.within_noise]
    if noise:
        said.append(f"Differences within noise: {'; '.join(noise)}.")
    rivals = [j for j in judged if j.system not in BASELINES]
    if len(rivals) > 1:
        said.append(
            "The best of several systems is named by the same patients that it is judged on: "
            "its figure is optimistic. Intervals of pairs are not corrected for their number."
        )
    if run.not_run:
        said.append(
            "Baselines not run, for lack of columns: "
            + "; ".join(f"{name} ({lacks})" for name, lacks in run.not_run.items())
            + "."
        )
    if not set(run.systems) & {"age_sex", "volume", "signs"}:
        said.append(
            "No baseline but the commonest class ran: that a system beats it says only that "
            "there is some signal."
        )
    if run.protocol.pooled:
        said.append("Scores of different models are pooled; prefer folds.")
    said += [f"{name} failed: {why}." for name, why in run.failures.items()]
    return tuple(said)
