"""How often the intervals of the segmenter's figures hold, and what its doubt says of Dice.

    python benchmarks/segmentation_coverage.py RUNS --cohort cohort.tsv --root ../shared/data
    python benchmarks/segmentation_coverage.py RUNS ... --into src/gliokit/models/segmenter

RUNS is what `train_folds.py` made. Calibrated on all folds but one and measured on that one, in
turn; where a single fold is trained, on all of its patients but one. Writes
results/segmentation/coverage.json. With `--into` the calibration on all patients that were not
learnt from is written beside the card of a model, `doubt.json`: by it `analyze` gives intervals.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import asdict, fields
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from doubt_cases import REGIONS, Case, cases_of, signs_of_images
from held_out import runs_parser, said
from record import figure, store
from scipy import stats

from gliokit.evaluation import bootstrap_mean, conformal_quantile, reachable_level, wilson_interval
from gliokit.inference import load_model
from gliokit.measurement.doubt import RegionDoubt
from gliokit.segmentation import QUALITIES
from gliokit.segmentation.calibration import DOUBT_FILE, Calibration, Together
from gliokit.segmentation.doubt import LOW_DICE, RegionCase, calibrate_region, region_doubts, trust
from gliokit.segmentation.looks import RegionLook
from gliokit.segmentation.together import distance, exchanged, key_of, limits_of, together_of
from gliokit.segmentation.unusual import farthest, usual_of
from gliokit.study import output_file, read_cohort

LEVEL = 0.9
USUAL_LEVEL = 0.95
SIZES = {"volume": "volume_ml", "longest": "longest_mm", "perpendicular": "perpendicular_mm"}
SEED = 0


def parts(cases: Sequence[Case]) -> Iterator[tuple[list[Case], list[Case]]]:
    """To calibrate on, and to measure on: fold by fold, or patient by patient of a single fold."""
    folds = sorted({c.fold for c in cases})
    keys = [c.fold for c in cases] if len(folds) > 1 else [c.subject for c in cases]
    for key in dict.fromkeys(keys):
        inside = [k == key for k in keys]
        yield (
            [c for c, i in zip(cases, inside, strict=True) if not i],
            [c for c, i in zip(cases, inside, strict=True) if i],
        )


def measured(cases: Sequence[Case]) -> list[dict[str, Any]]:
    """One row a patient and region: sizes, intervals, whether they hold, Dice and expected Dice."""
    rows = []
    for known, new in parts(cases):
        level = reachable_level(len(known), wanted=LEVEL)
        read = {r: calibrate_region([c.regions[r] for c in known], level=level) for r in REGIONS}
        for case in new:
            found, looks = (
                {r: getattr(case.regions[r], what) for r in REGIONS} for what in ("found", "look")
            )
            for region, doubt in region_doubts(found, looks, read).items():
                rows.append(_row(case, region, doubt, level, known))
    return rows


def _row(
    case: Case, region: str, doubt: RegionDoubt, level: float, known: Sequence[Case]
) -> dict[str, Any]:
    one: RegionCase = case.regions[region]
    row: dict[str, Any] = {
        "subject": case.subject,
        "fold": case.fold,
        "quality": case.quality,
        "region": region,
        "calibrated_on": len(known),
        "level": round(level, 4),
        "dice": round(one.dice, 4),
        "expected_dice": round(doubt.expected_dice, 4),
        "mean_dice": round(float(np.mean([c.regions[region].dice for c in known])), 4),
        "trust": round(trust(one.look), 4),
        **{f"look_{k}": round(v, 4) for k, v in asdict(one.look).items() if v is not None},
    }
    for name, key in SIZES.items():
        ends = getattr(doubt, key)
        if ends is not None:
            found, expert = (getattr(s, key) for s in (one.found, one.expert))
            row[f"found_{key}"], row[f"expert_{key}"] = round(found, 3), round(expert, 3)
            row[f"{name}_low"], row[f"{name}_high"] = round(ends.low, 3), round(ends.high, 3)
            row[f"{name}_covered"] = bool(ends.low <= expert <= ends.high)
    return row


def figures_of(rows: Sequence[dict[str, Any]], ending: str) -> dict[str, Any]:
    """Coverage, width, correlation and what the notice catches, by region."""
    figures: dict[str, Any] = {}
    for region in REGIONS:
        those = [r for r in rows if r["region"] == region]
        name = region.lower()
        for size in SIZES:
            if f"{size}_covered" in those[0]:
                held = [r[f"{size}_covered"] for r in those]
                figures[f"{name}_{size}_covered{ending}"] = _share(held)
        widths = [r["volume_high"] - r["volume_low"] for r in those]
        figures[f"{name}_volume_width_ml{ending}"] = figure(
            float(np.median(widths)), n=len(widths), unit="mL, median"
        )
        figures |= _correlations(those, name, ending)
        figures |= _flagged(those, name, ending)
    return figures


def _share(held: Sequence[bool]) -> dict[str, Any]:
    low, high = wilson_interval(sum(held), len(held))
    return figure(sum(held) / len(held), low=low, high=high, n=len(held), unit="share of patients")


def _correlations(rows: Sequence[dict[str, Any]], name: str, ending: str) -> dict[str, Any]:
    """How far off the expected Dice is; correlation of trust, and of each sign, with Dice.

    Beside that error stands the one of a guess that is the same for everybody, the mean.
    """
    figures = {}
    for what, off in (
        ("expected_dice_error", [abs(r["expected_dice"] - r["dice"]) for r in rows]),
        ("mean_dice_error", [abs(r["mean_dice"] - r["dice"]) for r in rows]),
    ):
        mean, low, high = bootstrap_mean(off, seed=SEED)
        figures[f"{name}_{what}{ending}"] = figure(
            mean, low=low, high=high, n=len(off), unit="Dice, mean size of the error"
        )
    signs = ("trust", *(f"look_{f.name}" for f in fields(RegionLook)))
    for sign in signs:
        pairs = [(r[sign], r["dice"]) for r in rows if sign in r]
        x, y = np.array(pairs).reshape(-1, 2).T
        if len(x) > 3 and np.ptp(x) > 0 and np.ptp(y) > 0:
            found = stats.pearsonr(x, y)
            low, high = found.confidence_interval()
            figures[f"{name}_{sign}_correlation{ending}"] = figure(
                float(found.statistic), low=low, high=high, n=len(x), unit="Pearson's r with Dice"
            )
    return figures


def _flagged(rows: Sequence[dict[str, Any]], name: str, ending: str) -> dict[str, Any]:
    """What the notice of a low expected Dice says of cases that are low and that are not."""
    figures = {}
    for what, low in (("low_flagged", True), ("good_flagged", False)):
        those = [r["expected_dice"] < LOW_DICE for r in rows if (r["dice"] < LOW_DICE) == low]
        if those:
            figures[f"{name}_{what}{ending}"] = _share(those)
    return figures


def distances(patients: dict[str, dict[str, float]]) -> list[float]:
    """Of each patient the distance of the farthest sign, by what is usual of all others."""
    found = []
    for subject, signs in patients.items():
        others = usual_of([s for other, s in patients.items() if other != subject])
        sign = farthest(signs, others)
        assert sign is not None
        found.append(sign.distance)
    return found


def false_alarms(patients: dict[str, dict[str, float]], parts_: int) -> list[bool]:
    """Whether each patient is called unusual, by all of the other parts; drawn by the seed.

    As `analyze` does: a sign alone, the images together, or other names for them.
    """
    order = np.random.default_rng(SEED).permutation(list(patients)).tolist()
    ends = np.linspace(0, len(order), parts_ + 1).astype(int)
    called = []
    for first, last in pairwise(ends):
        new = order[first:last]
        known = {s: signs for s, signs in patients.items() if s not in new}
        usual, limit = usual_of(list(known.values())), _limit(known)
        together = _together(known)
        for subject in new:
            sign = farthest(patients[subject], usual)
            alone = sign is not None and sign.distance > limit
            called.append(alone or _out_together(patients[subject], together))
    return called


def _out_together(signs: dict[str, float], together: Together) -> bool:
    gain, _ = exchanged(signs, together)
    far = distance(signs, together) > together.distance_limits[key_of(signs)]
    return far or gain > max(together.gain_limits[key_of(signs)], 0.0)


def _together(patients: dict[str, dict[str, float]]) -> Together:
    level = reachable_level(len(patients), wanted=USUAL_LEVEL)
    distances_, gains = limits_of(list(patients.values()), level=level)
    found = together_of(list(patients.values()))
    return found.model_copy(update={"distance_limits": distances_, "gain_limits": gains})


def _limit(patients: dict[str, dict[str, float]]) -> float:
    level = reachable_level(len(patients), wanted=USUAL_LEVEL)
    return conformal_quantile(distances(patients), level=level)


def calibration_of(
    cases: Sequence[Case], patients: dict[str, dict[str, float]], networks: Sequence[str], text: str
) -> Calibration:
    """On all that were not learnt from."""
    by_quality = {q: [c for c in cases if c.quality == q] for q in QUALITIES}
    count = min(len(those) for those in by_quality.values() if those)
    level = reachable_level(count, wanted=LEVEL)
    return Calibration(
        networks=tuple(networks),
        made_with=text,
        level=level,
        patients=count,
        qualities={
            quality: {
                region: calibrate_region([c.regions[region] for c in those], level=level)
                for region in REGIONS
            }
            for quality, those in by_quality.items()
            if those
        },
        usual=usual_of(list(patients.values())),
        usual_limit=_limit(patients),
        usual_patients=len(patients),
        together=_together(patients),
    )


def main() -> None:
    parser = runs_parser(__doc__)
    parser.add_argument("--qualities", nargs="+", default=list(QUALITIES), choices=QUALITIES)
    parser.add_argument("--into", type=Path, help="Folder of the model that it is to go with.")
    arguments = parser.parse_args()
    cohort = read_cohort(arguments.cohort, root=arguments.root)
    qualities = tuple(q for q in QUALITIES if q in arguments.qualities)
    cases = cases_of(cohort, arguments.runs, arguments.folds, qualities=qualities)
    patients = signs_of_images(cohort, arguments.runs)
    for case in cases:
        if case.quality == qualities[0]:
            patients[case.subject] = {**patients[case.subject], **case.tumour}
    text = said([c for c in cases if c.quality == qualities[0]], arguments.folds)
    rows: list[dict[str, Any]] = []
    figures: dict[str, Any] = {}
    for quality in qualities:
        those = measured([c for c in cases if c.quality == quality])
        rows += those
        figures |= figures_of(those, "" if quality == "standard" else f"_{quality}")
    figures["usual_called_unusual"] = _share(false_alarms(patients, arguments.folds))
    levels = sorted({(r["calibrated_on"], r["level"]) for r in rows})
    reached = "; ".join(f"intervals of {level:.1%} from {n} patients" for n, level in levels)
    path = store(
        "segmentation/coverage",
        command="python benchmarks/segmentation_coverage.py RUNS --cohort cohort.tsv --root <data>",
        data=f"{text}; {reached}; signs of what is usual from {len(patients)} patients",
        seed=SEED,
        figures=figures,
        rows=rows,
    )
    print(f"stored {path}")
    if arguments.into is not None:
        networks = [stage.sha256 for stage in load_model(arguments.into).card.stages]
        found = calibration_of(cases, patients, networks, text)
        with output_file(arguments.into / DOUBT_FILE) as aside:
            aside.write_text(found.model_dump_json() + "\n", encoding="utf-8")
        print(f"calibrated {arguments.into}")


if __name__ == "__main__":
    main()
