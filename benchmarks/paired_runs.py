"""Two networks of every fold, patient by patient."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dice_means import paired_figures
from held_out import fold_of

from gliokit.analysis.segmentation_evaluation import evaluate_segmentation
from gliokit.study import Cohort

__all__ = ["Pairs", "compare"]

REGIONS = ("WT", "TC", "ET")


@dataclass(frozen=True, slots=True)
class Pairs:
    """What was found on the folds that both have.

    Args:
        folds: Their numbers.
        models: Of both, on each.
        rows: One for a patient, with `tc_dice_NAME` of both.
    """

    folds: list[int] = field(default_factory=list)
    models: list[Path] = field(default_factory=list)
    rows: list[dict[str, Any]] = field(default_factory=list)

    def figures(self, ways: tuple[str, str], *, seed: int) -> dict[str, Any]:
        """Mean Dice of both and of the gain, region by region."""
        found: dict[str, Any] = {}
        for region in (r.lower() for r in REGIONS):
            dices = {way: [row[f"{region}_dice_{way}"] for row in self.rows] for way in ways}
            found |= paired_figures(region, dices, apart="gain", seed=seed)
        return found


def compare(
    cohort: Cohort,
    folders: tuple[Path, Path],
    ways: tuple[str, str],
    *,
    stage: str,
    folds: int,
) -> Pairs:
    """Judge both on the patients of the folds that both have, whom neither saw.

    Args:
        cohort: All patients.
        folders: RUNS of each.
        ways: Their names.
        stage: 'coarse', that one alone, or 'fine', both.
        folds: How many there are.
    """
    found = Pairs()
    for number in range(1, folds + 1):
        models = [folder / f"fold{number}_{stage}" / "model" for folder in folders]
        if not all((model / "card.json").exists() for model in models):
            continue
        part = fold_of(cohort, number, folds)
        pair = [evaluate_segmentation(part, model=m, progress=print).cases for m in models]
        for one, other in zip(*pair, strict=True):
            assert one.seen is False
            assert other.seen is False
            row: dict[str, Any] = {"fold": number, "subject": one.subject, "group": one.group}
            for region in REGIONS:
                for way, case in zip(ways, (one, other), strict=True):
                    dice = case.figures.regions[region].dice
                    row[f"{region.lower()}_dice_{way}"] = round(float(dice), 4)
            found.rows.append(row)
        found.folds.append(number)
        found.models.extend(models)
    return found
