"""Train the segmenter of every fold: coarse, then fine; what a killed run left goes on.

    python benchmarks/train_folds.py RUNS --cohort cohort.tsv --root ../shared/data
    python benchmarks/train_folds.py RUNS --cohort ... --root ... --stages nnunet_style
    python benchmarks/train_folds.py RUNS --cohort ... --root ... --other-centre
    python benchmarks/train_folds.py RUNS --cohort ... --root ... --everybody
    python benchmarks/train_folds.py MORE --cohort ... --root ... --onwards RUNS

RUNS/fold1_coarse, RUNS/fold1_fine ... are run folders as `gliokit train segmentation
--fold 1/5` makes them; a run that is finished is left as it is. `cross_validation.py`
judges them. `--other-centre` trains one network without each collection
(RUNS/without_brats_fine ...), for `other_centre.py`; `--everybody` the one to ship
(RUNS/everybody_fine), which holds out nobody. The stage `nnunet_style` is the network that
`nnunet_style.py` sets beside the coarse one.
"""

from __future__ import annotations

import tomllib
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

from digital_patients import with_digital
from held_out import runs_parser

from gliokit.inference import load_model
from gliokit.learning import TrainingSettings
from gliokit.learning.run import train_segmentation
from gliokit.learning.split import keep_back
from gliokit.study import Cohort, read_cohort

RECIPES = Path(__file__).parent / "segmenter"
STAGES = ("coarse", "fine", "nnunet_style")
PRECISIONS = ("f32", "bf16")


def recipe(name: str, **changes: Any) -> TrainingSettings:
    """The settings of a stage, from its file, with what is changed of them."""
    text = (RECIPES / f"{name}.toml").read_text(encoding="utf-8")
    return TrainingSettings.model_validate({**tomllib.loads(text), **changes})


def say(line: str) -> None:
    print(f"{datetime.now():%H:%M:%S} {line}", flush=True)


def without(cohort: Cohort) -> dict[str, tuple[str, ...]]:
    """For each collection the name of the run that never sees it, and its patients."""
    found: dict[str, tuple[str, ...]] = {}
    for patient in cohort.patients:
        collection = patient.attributes["collection"].lower().replace("-", "_")
        name = f"without_{collection}"
        found[name] = (*found.get(name, ()), patient.subject)
    return found


def train_stages(
    cohort: Cohort,
    runs: Path,
    name: str,
    kept: Sequence[str],
    stages: tuple[str, ...],
    initial: Path | None = None,
    onwards: Path | None = None,
    **changes: Any,
) -> None:
    """The stages that are asked for of one network, which never sees the patients kept back.

    The coarse one starts from a run, if given; the fine one from the coarse one. Or each goes
    on from the same one of other `onwards` RUNS. `changes` are of the settings of each.
    """
    coarse, fine, style = (runs / f"{name}_{stage}" for stage in STAGES)
    earlier, recipes = {"coarse": initial, "fine": coarse}, {stage: stage for stage in STAGES}
    if onwards is not None:
        earlier = {stage: onwards / f"{name}_{stage}" for stage in earlier}
        recipes |= {stage: f"{stage}_onwards" for stage in earlier}
    for stage, folder in (("coarse", coarse), ("nnunet_style", style)):
        if stage in stages and not (folder / "model" / "card.json").exists():
            train_segmentation(
                cohort,
                folder,
                settings=recipe(recipes[stage], **changes),
                held_out=kept,
                initial=earlier.get(stage),
                resume=(folder / "settings.json").exists(),
                progress=say,
            )
    if "fine" in stages and not (fine / "model" / "card.json").exists():
        train_segmentation(
            cohort,
            fine,
            settings=recipe(recipes["fine"], **changes),
            held_out=kept,
            initial=earlier["fine"],
            coarse=load_model(coarse / "model"),
            resume=(fine / "settings.json").exists(),
            progress=say,
        )


def main() -> None:
    parser = runs_parser(__doc__)
    parser.add_argument("--only", type=int, nargs="*", help="Numbers of the folds to train.")
    parser.add_argument("--initial", type=Path, help="Run that the coarse stages start from.")
    parser.add_argument(
        "--onwards", type=Path, help="RUNS whose networks these go on from, by the recipes of "
        "that name."
    )  # fmt: skip
    parser.add_argument("--stages", nargs="*", choices=STAGES, default=["coarse", "fine"])
    parser.add_argument(
        "--digital", type=Path, nargs="*", default=[], help="Folders of digital patients to learn "
        "from beside the real ones."
    )  # fmt: skip
    parser.add_argument("--digital-share", type=float, default=0.4, help="Of the examples.")
    parser.add_argument(
        "--precision", choices=PRECISIONS, default="f32", help="'bf16' halves the time of a step "
        "on processors that compute in it, and is far slower on others."
    )  # fmt: skip
    who = parser.add_mutually_exclusive_group()
    who.add_argument("--other-centre", action="store_true")
    who.add_argument("--everybody", action="store_true")
    arguments = parser.parse_args()
    cohort = read_cohort(arguments.cohort, root=arguments.root)
    changes = {
        "precision": arguments.precision,
        "digital_share": arguments.digital_share if arguments.digital else None,
    }
    learners = cohort
    for folder in arguments.digital:
        learners = with_digital(learners, folder)
    runs: dict[str, tuple[str, ...]]
    if arguments.other_centre:
        runs = without(cohort)
    elif arguments.everybody:
        runs = {"everybody": ()}
    else:
        count = arguments.folds
        numbers = arguments.only or range(1, count + 1)
        runs = {f"fold{n}": keep_back(cohort, fold=(n, count)) for n in numbers}
    stages = tuple(arguments.stages)
    for name, kept in runs.items():
        train_stages(
            learners,
            arguments.runs,
            name,
            kept,
            stages,
            arguments.initial,
            arguments.onwards,
            **changes,
        )


if __name__ == "__main__":
    main()
