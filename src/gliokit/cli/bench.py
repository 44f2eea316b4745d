"""`gliokit bench`."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gliokit.cli import bench_options as options

if TYPE_CHECKING:
    from collections.abc import Sequence

    from gliokit.bench import BenchCohort, Columns, Judgement, Pair, Run
    from gliokit.evaluation import Estimate

__all__ = ["bench"]


def bench(
    cohort: options.CohortOption,
    target: options.TargetOption,
    systems: options.SystemsOption,
    out: options.OutOption,
    root: options.RootOption = None,
    inputs: options.InputsOption = None,
    positive: options.PositiveOption = "",
    subject: options.SubjectOption = "subject_id",
    person: options.PersonOption = "",
    site: options.SiteOption = "",
    stratum: options.StratumOption = "",
    within: options.WithinOption = None,
    rename: options.RenameOption = None,
    allow: options.AllowOption = None,
    identities: options.IdentitiesOption = None,
    masks_by: options.MasksByOption = None,
    harmonise: options.HarmoniseOption = None,
    protocol: options.ProtocolOption = "k-fold",
    folds: options.FoldsOption = 5,
    repeats: options.RepeatsOption = 1,
    leave: options.LeaveOption = 10,
    test_cohort: options.TestCohortOption = None,
    seed: options.SeedOption = 0,
    budget: options.BudgetOption = "small",
    workers: options.WorkersOption = 0,
    cluster: options.ClusterOption = None,
    kept: options.KeptOption = None,
    lang: options.LanguageOption = "en",
    overwrite: options.OverwriteOption = False,
) -> None:
    """Compare systems and baselines on one cohort, or across several, under one protocol."""
    from gliokit.bench import Columns, Protocol, read_identities, run_systems
    from gliokit.bench.writing import check_place, write_bench
    from gliokit.cli.progress import shown_progress
    from gliokit.inference import load_model
    from gliokit.study import UsageError

    _check_alone()
    check_place(out, overwrite=overwrite)
    columns = Columns(
        target, tuple(inputs or ()), positive, subject, person, site, stratum,
        {c: tuple(v.split(",")) for c, v in _pairs("--within", within).items()},
        _pairs("--rename", rename),
    )  # fmt: skip
    names = [s.strip() for s in systems.split(",") if s.strip()]
    if not names:
        raise UsageError("one system or more is named", source="--systems", found="none",
                         way_out="'gliokit systems' lists them; baselines may be named alone, "
                         "such as majority.")  # fmt: skip
    cards = [load_model(model).card for model in masks_by or ()]
    plan = Protocol(protocol, folds, repeats, seed=seed, leave=leave,
                    test_cohorts=_test_names(test_cohort or (), cohort))  # fmt: skip
    patients = _patients(cohort, columns, names, root)
    with shown_progress() as progress:
        run = run_systems(
            patients, columns.target_name, names, plan,
            budget=budget, identities=read_identities(identities) if identities else None,
            allowed=tuple(allow or ()), masks_by=cards, harmonise=tuple(harmonise or ()),
            workers=workers, cluster=cluster, kept=kept, progress=progress,
        )  # fmt: skip
        progress("judging")
        judged, content = _judged(run, seed)
    write_bench(out, run, content, lang=lang, overwrite=overwrite)
    _print(judged, content)
    print(f"Comparison: {out / 'comparison.html'}")


def _check_alone() -> None:
    """Hold that torchrun did not start this several times over.

    Raises:
        UsageError: it did.
    """
    from gliokit.study import UsageError

    processes = os.environ.get("WORLD_SIZE", "1")
    if processes != "1":
        raise UsageError(
            "a comparison is started once", source="torchrun", found=f"{processes} processes",
            way_out="Start it without torchrun; --workers and --cluster do several folds at once.",
        )  # fmt: skip


def _test_names(tested: Sequence[Path], tables: Sequence[Path]) -> tuple[str, ...]:
    """Names of the cohorts that are tested alone.

    Raises:
        UsageError: one that is not among those given.
    """
    from gliokit.bench.reading import cohort_name
    from gliokit.study import UsageError

    given = {table.resolve() for table in tables}
    for table in tested:
        if table.resolve() not in given:
            raise UsageError("a test cohort is one of the cohorts", source="--test-cohort",
                             found=table, way_out=f"Give it too: --cohort {table}")  # fmt: skip
    return tuple(dict.fromkeys(cohort_name(table) for table in tested))


def _patients(
    tables: Sequence[Path], columns: Columns, systems: Sequence[str], root: Path | None
) -> BenchCohort:
    """With images where a system looks at them, or where a place in them is asked for."""
    from gliokit.bench import joined, need_images, read_bench_cohort, with_images, with_places
    from gliokit.bench.reading import withheld_columns

    withheld = sorted({c for table in tables for c in withheld_columns(table, columns)})
    if withheld:
        print(f"Not given to systems, since treatment follows the diagnosis: {', '.join(withheld)}")
    cohorts = [read_bench_cohort(table, columns) for table in tables]
    if columns.region or need_images(systems):
        cohorts = [
            with_images(c, table, root=root) for c, table in zip(cohorts, tables, strict=True)
        ]
    if columns.region:
        cohorts = [with_places(c, columns.target_name, columns.region) for c in cohorts]
    if len(cohorts) == 1:
        return cohorts[0]
    return joined(cohorts, " + ".join(c.name for c in cohorts))


def _judged(run: Run, seed: int) -> tuple[tuple[Judgement, ...], dict[str, Any]]:
    """Everything that is judged, and all of it as the result holds it."""
    from gliokit.bench import content_of, judge, judge_subgroups

    judged, pairs = judge(run, seed=seed)
    strata, unjudged = _judged_strata(run, seed)
    subgroups = judge_subgroups(run, seed=seed)
    return judged, content_of(
        run, judged, pairs, strata=strata, unjudged=unjudged, subgroups=subgroups, seed=seed
    )


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


def _print(judged: Sequence[Judgement], content: Mapping[str, Any]) -> None:
    for j in judged:
        gain = "" if j.gain is None else f"  {j.gain.value:+.3f} over {j.best_baseline}"
        doubt = "  confounded by grade" if content["confounded_by"] else ""
        said = f"{_figure(j.headline)}, n = {j.headline.n}{gain}{doubt}  {j.words}"
        print(f"{j.system:20} {said}".rstrip())
    if content["confounded_by"] and not content["strata"]:
        print("Warning: patients are of several grades, with which the target goes: judge within "
              "grades, such as --stratum grade=2+3,4")  # fmt: skip
    for value, why in content["strata_not_judged"].items():
        print(f"Warning: stratum {value} is not judged: {why}")
    for name, why in content["failures"].items():
        print(f"Warning: {name} failed: {why}")


def _figure(found: Estimate) -> str:
    if math.isnan(found.low):
        return f"{found.value:.3f} (no interval)"
    return f"{found.value:.3f} ({found.low:.3f} to {found.high:.3f})"
