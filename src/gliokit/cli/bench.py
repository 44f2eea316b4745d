"""`gliokit bench`."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

if TYPE_CHECKING:
    from gliokit.bench import Judgement, Pair, Run

__all__ = ["bench"]

TABLE = "The table"
SPLIT = "The split"
RUN = "The run"


def bench(
    tables: Annotated[
        list[Path],
        typer.Argument(metavar="TABLE...", help="Cohorts: .csv, .tsv, .xz of these, .parquet, or "
                       "a folder with a participants.tsv."),
    ],
    target: Annotated[
        str, typer.Option("--target", help="Column of a class; of survival NAME=DAYS,DIED.")
    ],
    systems: Annotated[str, typer.Option("--systems", help="Names, with commas between.")],
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder for the results.")],
    inputs: Annotated[
        list[str] | None,
        typer.Option("--inputs", help="Pattern of columns that systems may see; again for more.",
                     rich_help_panel=TABLE),
    ] = None,
    positive: Annotated[
        str, typer.Option("--positive", help="The positive class.", rich_help_panel=TABLE)
    ] = "",
    subject: Annotated[
        str, typer.Option("--subject", help="Column of names.", rich_help_panel=TABLE)
    ] = "subject_id",
    person: Annotated[
        str, typer.Option("--person", help="Column of who it is.", rich_help_panel=TABLE)
    ] = "",
    site: Annotated[
        str, typer.Option("--site", help="Column of the site.", rich_help_panel=TABLE)
    ] = "",
    stratum: Annotated[
        str,
        typer.Option("--stratum", help="Column: judge within its values too.",
                     rich_help_panel=TABLE),
    ] = "",
    within: Annotated[
        list[str] | None,
        typer.Option("--within", help="COLUMN=VALUE,VALUE: only these rows.",
                     rich_help_panel=TABLE),
    ] = None,
    rename: Annotated[
        list[str] | None,
        typer.Option("--rename", help="OLD=NEW: an input's name.", rich_help_panel=TABLE),
    ] = None,
    allow: Annotated[
        list[str] | None,
        typer.Option("--allow", help="Input that may tell the target by itself.",
                     rich_help_panel=TABLE),
    ] = None,
    identities: Annotated[
        list[Path] | None,
        typer.Option("--identities", help="Tables of who is who across collections.",
                     rich_help_panel=TABLE),
    ] = None,
    protocol: Annotated[
        Literal["hold-out", "k-fold", "leave-one-out", "leave-site-out"],
        typer.Option("--protocol", help="How patients are split.", rich_help_panel=SPLIT),
    ] = "k-fold",
    folds: Annotated[int, typer.Option("--folds", rich_help_panel=SPLIT)] = 5,
    repeats: Annotated[int, typer.Option("--repeats", rich_help_panel=SPLIT)] = 1,
    seed: Annotated[int, typer.Option("--seed", rich_help_panel=SPLIT)] = 0,
    budget: Annotated[
        Literal["smoke", "small", "paper"],
        typer.Option("--budget", help="Seconds; what two cores do; what the paper did.",
                     rich_help_panel=RUN),
    ] = "small",
    workers: Annotated[
        int, typer.Option("--workers", help="Processes; 0 works in this one.", rich_help_panel=RUN)
    ] = 0,
    cluster: Annotated[
        str | None,
        typer.Option("--cluster", help="'local' or the address of a Dask scheduler.",
                     rich_help_panel=RUN),
    ] = None,
    kept: Annotated[
        Path | None,
        typer.Option("--keep", help="Folder of finished folds: the same call goes on there.",
                     rich_help_panel=RUN),
    ] = None,
    overwrite: Annotated[
        bool, typer.Option("--overwrite", help="Replace an earlier result.", rich_help_panel=RUN)
    ] = False,
) -> None:  # fmt: skip
    """Compare systems and baselines on one cohort, or across several, under one protocol."""
    from gliokit.bench import (
        Columns,
        Protocol,
        joined,
        judge,
        read_bench_cohort,
        read_identities,
        run_systems,
    )
    from gliokit.bench.writing import check_place, write_bench
    from gliokit.cli.progress import shown_progress

    check_place(out, overwrite=overwrite)
    columns = Columns(
        target,
        tuple(inputs or ()),
        positive,
        subject,
        person,
        site,
        stratum,
        {c: tuple(v.split(",")) for c, v in _pairs("--within", within).items()},
        _pairs("--rename", rename),
    )
    cohorts = [read_bench_cohort(table, columns) for table in tables]
    whole = cohorts[0] if len(cohorts) == 1 else joined(cohorts, " + ".join(c.name for c in
                                                                           cohorts))  # fmt: skip
    with shown_progress() as progress:
        run = run_systems(
            whole,
            columns.target_name,
            [s.strip() for s in systems.split(",") if s.strip()],
            Protocol(protocol, folds, repeats, seed=seed),
            budget=budget,
            identities=read_identities(identities) if identities else None,
            allowed=tuple(allow or ()),
            workers=workers,
            cluster=cluster,
            kept=kept,
            progress=progress,
        )
        progress("judging")
        judged, pairs = judge(run, seed=seed)
        strata, unjudged = _judged_strata(run, seed)
    write_bench(out, run, judged, pairs, strata=strata, overwrite=overwrite)
    _print(judged)
    for value, why in unjudged.items():
        print(f"Warning: stratum {value} is not judged: {why}")
    for name, why in run.failures.items():
        print(f"Warning: {name} failed: {why}")
    print(f"Comparison: {out / 'comparison.html'}")


def _judged_strata(
    run: Run, seed: int
) -> tuple[dict[str, tuple[tuple[Judgement, ...], tuple[Pair, ...]]], dict[str, str]]:
    """Strata that are large enough, and why the others are not."""
    from gliokit.bench import judge
    from gliokit.study import UsageError

    judged, unjudged = {}, {}
    for value in sorted(set(run.cohort.strata) - {""}):
        try:
            judged[value] = judge(run, seed=seed, stratum=value)
        except UsageError as error:
            unjudged[value] = str(error)
    return judged, unjudged


def _pairs(option: str, given: list[str] | None) -> dict[str, str]:
    from gliokit.study import UsageError

    found = {}
    for text in given or ():
        name, equals, value = text.partition("=")
        if not equals or not name or not value:
            raise UsageError("an option of this kind is NAME=VALUE", source=option, found=text)
        found[name] = value
    return found


def _print(judged: tuple[Judgement, ...]) -> None:
    for j in judged:
        gain = "" if j.gain is None else f"  {j.gain.value:+.3f} over {j.best_baseline}"
        print(f"{j.system:20} {j.headline.value:.3f} ({j.headline.low:.3f} to "
              f"{j.headline.high:.3f}), n = {j.headline.n}{gain}  {j.words}".rstrip())  # fmt: skip
