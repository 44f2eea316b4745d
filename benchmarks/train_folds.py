"""Train the segmenter of every fold: coarse, then fine; what a killed run left goes on.

    python benchmarks/train_folds.py RUNS --cohort cohort.tsv --root ../shared/data
    python benchmarks/train_folds.py RUNS --cohort ... --root ... --stages nnunet_style

RUNS/fold1_coarse, RUNS/fold1_fine ... are run folders as `gliokit train segmentation
--fold 1/5` makes them; a run that is finished is left as it is. `cross_validation.py`
judges them. The stage `nnunet_style` is the network that `nnunet_style.py` sets beside the
coarse one.
"""

from __future__ import annotations

import argparse
import tomllib
from datetime import datetime
from pathlib import Path

from gliokit.inference import load_model
from gliokit.learning import TrainingSettings
from gliokit.learning.run import train_segmentation
from gliokit.learning.split import keep_back
from gliokit.study import Cohort, read_cohort

RECIPES = Path(__file__).parent / "segmenter"
STAGES = ("coarse", "fine", "nnunet_style")


def recipe(name: str) -> TrainingSettings:
    """The settings of a stage, from its file."""
    text = (RECIPES / f"{name}.toml").read_text(encoding="utf-8")
    return TrainingSettings.model_validate(tomllib.loads(text))


def say(line: str) -> None:
    print(f"{datetime.now():%H:%M:%S} {line}", flush=True)


def train_fold(
    cohort: Cohort,
    runs: Path,
    fold: tuple[int, int],
    stages: tuple[str, ...],
    initial: Path | None = None,
) -> None:
    """The stages of one fold that are asked for; the coarse one starts from a run, if given."""
    kept = keep_back(cohort, fold=fold)
    coarse, fine, style = (runs / f"fold{fold[0]}_{stage}" for stage in STAGES)
    for stage, folder in (("coarse", coarse), ("nnunet_style", style)):
        if stage in stages and not (folder / "model" / "card.json").exists():
            train_segmentation(
                cohort,
                folder,
                settings=recipe(stage),
                held_out=kept,
                initial=initial if stage == "coarse" else None,
                resume=(folder / "settings.json").exists(),
                progress=say,
            )
    if "fine" in stages and not (fine / "model" / "card.json").exists():
        train_segmentation(
            cohort,
            fine,
            settings=recipe("fine"),
            held_out=kept,
            initial=coarse,
            coarse=load_model(coarse / "model"),
            resume=(fine / "settings.json").exists(),
            progress=say,
        )


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("runs", type=Path)
    parser.add_argument("--cohort", type=Path, required=True)
    parser.add_argument("--root", type=Path)
    parser.add_argument("--folds", type=int, default=5)
    parser.add_argument("--only", type=int, nargs="*", help="Numbers of the folds to train.")
    parser.add_argument("--initial", type=Path, help="Run that the coarse stages start from.")
    parser.add_argument("--stages", nargs="*", choices=STAGES, default=["coarse", "fine"])
    arguments = parser.parse_args()
    cohort = read_cohort(arguments.cohort, root=arguments.root)
    stages, initial = tuple(arguments.stages), arguments.initial
    for number in arguments.only or range(1, arguments.folds + 1):
        train_fold(cohort, arguments.runs, (number, arguments.folds), stages, initial)


if __name__ == "__main__":
    main()
