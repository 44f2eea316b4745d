"""`gliokit power`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal

import typer

if TYPE_CHECKING:
    from gliokit.bench.power import Power
    from gliokit.evaluation import Estimate

__all__ = ["power"]

STUDY = "The study"
RUN = "The run"


def power(
    system: Annotated[
        str, typer.Option("--system", help="Name of one that learns from numbers.")
    ],
    target: Annotated[
        str, typer.Option("--target", help="idh, codeletion, grade, mgmt or survival.")
    ],
    effect: Annotated[
        float,
        typer.Option("--effect", help="How strongly it shows: 0 not, 1 as published, up to 5.",
                     rich_help_panel=STUDY),
    ] = 1.0,
    sizes: Annotated[
        str, typer.Option("--sizes", help="Patients, with commas between.", rich_help_panel=STUDY)
    ] = "50,100,200,400",
    wanted: Annotated[
        float, typer.Option("--power", help="That is enough.", rich_help_panel=STUDY)
    ] = 0.8,
    folds: Annotated[int, typer.Option("--folds", rich_help_panel=STUDY)] = 5,
    cohorts: Annotated[
        int, typer.Option("--cohorts", help="Of each size.", rich_help_panel=RUN)
    ] = 20,
    seed: Annotated[int, typer.Option("--seed", rich_help_panel=RUN)] = 0,
    budget: Annotated[
        Literal["smoke", "small", "paper"],
        typer.Option("--budget", help="Of each fit.", rich_help_panel=RUN),
    ] = "small",
    workers: Annotated[
        int, typer.Option("--workers", help="Processes; 0 works in this one.", rich_help_panel=RUN)
    ] = 0,
    cluster: Annotated[
        str | None,
        typer.Option("--cluster", help="'local', 'slurm' or the address of a Dask scheduler.",
                     rich_help_panel=RUN),
    ] = None,
    kept: Annotated[
        Path | None,
        typer.Option("--keep", help="Folder of finished cohorts: the same call, or one with more "
                     "sizes or cohorts, goes on there.", rich_help_panel=RUN),
    ] = None,
    out: Annotated[
        Path | None, typer.Option("--out", "-o", help="File for the figures, .json.",
                                  rich_help_panel=RUN),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace the file if it is there.",
                           rich_help_panel=RUN)
    ] = False,
) -> None:  # fmt: skip
    """Say how many patients a study needs, from digital cohorts of several sizes."""
    from gliokit.bench.power import PowerPlan, study_power
    from gliokit.cli.progress import shown_progress
    from gliokit.study import check_new_file

    if out is not None:
        check_new_file(out, what="a .json file", endings=(".json",), overwrite=overwrite)
    plan = PowerPlan(system, target, effect, _sizes(sizes), cohorts, wanted, folds, budget, seed)
    with shown_progress() as progress:
        found = study_power(plan, workers=workers, cluster=cluster, kept=kept, progress=progress)
    _print(found)
    if out is not None:
        _store(out, found)
        print(f"Figures: {out}")


def _sizes(text: str) -> tuple[int, ...]:
    from gliokit.study import UsageError

    try:
        return tuple(int(part) for part in text.split(",") if part.strip())
    except ValueError as error:
        raise UsageError("sizes are whole numbers with commas between", source="--sizes",
                         found=text) from error  # fmt: skip


def _about(found: Power) -> str:
    from gliokit.bench.digital import DIGITAL_TARGETS

    plan = found.plan
    return (
        f"{plan.cohorts} studies of each size, digital {DIGITAL_TARGETS[plan.target].about}, "
        f"{plan.target} at effect {plan.effect:g}, {plan.folds} folds, budget {plan.budget}; "
        "the planted look, age and sex as if measured without error"
    )


def _print(found: Power) -> None:
    print(_about(found))
    for size in found.sizes:
        if not size.was_run:
            print(f"{size.patients:5} patients: not run, too few of a class: {size.why}")
            continue
        b = size.baseline
        gained = "" if b is None else f"; beat the best baseline in {_percent(b)}"
        print(f"{size.patients:5} patients: mean {size.headline:.3f}, exclude chance in "
              f"{_percent(size.chance)}{gained}")  # fmt: skip
        if size.unjudged:
            print(f"      {size.unjudged} not run and not counted, too few of a class: {size.why}")
        if size.no_interval:
            print(f"      {size.no_interval} without an interval of the headline or of the gain, "
                  "since every draw of patients gives the same: not counted there")  # fmt: skip
    for name, why in found.failures.items():
        print(f"Warning: {name} failed and is not counted: {why}")
    print(f"Patients for {found.plan.wanted:.0%} power to exclude chance: {found.chance}")
    if found.baseline is not None:
        print(f"Patients for {found.plan.wanted:.0%} power to beat the best baseline: "
              f"{found.baseline}")  # fmt: skip


def _percent(share: Estimate) -> str:
    if not share.n:
        return "a share that can't be computed"
    return f"{share.value:.0%} ({share.low:.0%} to {share.high:.0%})"


def _store(path: Path, found: Power) -> None:
    from gliokit.analysis.provenance import command_of
    from gliokit.analysis.stored_run import write_stored_run

    plan = found.plan
    command = command_of(
        "power", system=plan.system, target=plan.target, effect=f"{plan.effect:g}",
        sizes=",".join(map(str, plan.sizes)), power=f"{plan.wanted:g}", folds=str(plan.folds),
        cohorts=str(plan.cohorts), seed=str(plan.seed), budget=plan.budget,
    )  # fmt: skip
    figures: dict[str, dict[str, Any]] = {}
    rows: list[dict[str, Any]] = []
    for aim, needed in (("exclude chance", found.chance), ("beat the baseline", found.baseline)):
        if needed is None:
            continue
        for size in found.sizes:
            e = size.chance if aim == "exclude chance" else size.baseline
            if e is not None and e.n:
                figures[f"{size.patients} patients, {aim}"] = {
                    "value": round(e.value, 4), "low": round(e.low, 4),
                    "high": round(e.high, 4), "n": e.n, "unit": "share of studies",
                }  # fmt: skip
        rows.append({"aim": aim, "power": plan.wanted, "patients": str(needed)})
    rows += [{"patients": s.patients, "unjudged": s.unjudged, "why": s.why,
              "no_interval": s.no_interval,
              "headline": round(s.headline, 4) if s.was_run else None}
             for s in found.sizes]  # fmt: skip
    rows += [{"failed": name, "why": why} for name, why in found.failures.items()]
    write_stored_run(path, command=" ".join(command), data=_about(found), seed=plan.seed,
                     figures=figures, rows=rows)  # fmt: skip
