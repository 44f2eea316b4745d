"""The three worst cases of each region, and what went wrong in them.

    python benchmarks/segmentation_worst.py RUNS --cohort cohort.tsv --root ../shared/data

RUNS is what `train_folds.py` made. Writes results/segmentation/worst.json: a row a case with its
figures and a sentence that follows from them by rule.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from doubt_cases import REGIONS, Case, cases_of
from held_out import runs_parser, said
from record import figure, store

from gliokit.segmentation.doubt import trust
from gliokit.study import BRATS, read_cohort

WORST = 3
ONE_SIDED = 2.0
"""So many times more on one side is what went wrong."""

MEANING = {
    "background": "healthy tissue",
    "ED": "FLAIR abnormality outside the core",
    "NCR": "core that does not enhance",
    "ET": "enhancing tumour",
}


def told(case: Case, region: str) -> dict[str, Any]:
    """One case of one region: figures and what they say."""
    one = case.regions[region]
    inside = [name for name, value in BRATS.values.items() if value in BRATS.regions[region]]
    missed = _sums(case, expert=inside, found=None, outside=inside)
    false = _sums(case, expert=None, found=inside, outside=inside)
    figures = {
        "dice": round(one.dice, 4),
        "expert_ml": round(one.expert.volume_ml, 2),
        "found_ml": round(one.found.volume_ml, 2),
        "missed_ml": round(sum(missed.values()), 2),
        "false_ml": round(sum(false.values()), 2),
        "parts_missed": case.parts[region][0],
        "false_parts": case.parts[region][1],
        "trust": round(trust(one.look), 3),
    }
    return {**figures, "what": sentence(region, figures, missed, false)}


def _sums(
    case: Case, *, expert: list[str] | None, found: list[str] | None, outside: list[str]
) -> dict[str, float]:
    """mL of what was missed by the label that it was given, or of what is false by the expert's."""
    sums: dict[str, float] = {}
    for by_expert, row in case.labels_ml.items():
        for by_us, volume_ml in row.items():
            if expert is not None and by_expert in expert and by_us not in outside:
                sums[by_us] = sums.get(by_us, 0) + volume_ml
            if found is not None and by_us in found and by_expert not in outside:
                sums[by_expert] = sums.get(by_expert, 0) + volume_ml
    return sums


def sentence(
    region: str, figures: Mapping[str, Any], missed: Mapping[str, float], false: Mapping[str, float]
) -> str:
    """What went wrong, by rule."""
    expert, found = figures["expert_ml"], figures["found_ml"]
    if expert == 0:
        return f"The expert sees no {region}; {found} mL were found: {_mostly(false, 'is')}."
    if found == 0:
        return f"None of {expert} mL of {region} was found: {_mostly(missed, 'was called')}."
    few, many = figures["missed_ml"], figures["false_ml"]
    of_missed = f"{few} of {expert} mL were missed ({_mostly(missed, 'was called')})"
    of_false = f"{many} mL too much were found ({_mostly(false, 'is')})"
    if few > ONE_SIDED * many:
        text = f"Too little: {of_missed}"
    elif many > ONE_SIDED * few:
        text = f"Too much: {of_false}"
    else:
        text = f"In the wrong place: {of_missed}, {of_false}"
    lost = _parts(figures)
    return f"{text}; {lost}." if lost else f"{text}."


def _mostly(volumes_ml: Mapping[str, float], verb: str) -> str:
    label = max(volumes_ml, key=lambda name: volumes_ml[name])
    share = volumes_ml[label] / max(sum(volumes_ml.values()), 1e-9)
    return f"{share:.0%} of that {verb} {MEANING[label]}"


def _parts(figures: Mapping[str, Any]) -> str:
    missed, false = figures["parts_missed"], figures["false_parts"]
    texts = [f"parts missed altogether: {missed}"] if missed else []
    texts += [f"parts found where there are none: {false}"] if false else []
    return ", ".join(texts)


def worst(cases: Sequence[Case]) -> list[dict[str, Any]]:
    """The worst of each region first."""
    rows = []
    for region in REGIONS:
        ordered = sorted(cases, key=lambda c: (c.regions[region].dice, c.subject))
        for place, case in enumerate(ordered[:WORST], start=1):
            who = {"subject": case.subject, "group": case.group, "fold": case.fold}
            rows.append({"region": region, "place": place, **who, **told(case, region)})
    return rows


def main() -> None:
    arguments = runs_parser(__doc__).parse_args()
    cohort = read_cohort(arguments.cohort, root=arguments.root)
    cases = cases_of(cohort, arguments.runs, arguments.folds, qualities=("standard",))
    rows = worst(cases)
    for row in rows:
        print(row["region"], row["subject"], row["dice"], row["what"])
    figures = {
        f"{row['region'].lower()}_worst_{row['place']}": figure(
            row["dice"], n=len(cases), unit=f"Dice, {row['subject']}: {row['what']}"
        )
        for row in rows
    }
    path = store(
        "segmentation/worst",
        command="python benchmarks/segmentation_worst.py RUNS --cohort cohort.tsv --root <data>",
        data=said(cases, arguments.folds),
        seed=0,
        figures=figures,
        rows=rows,
    )
    print(f"stored {path}")


if __name__ == "__main__":
    main()
