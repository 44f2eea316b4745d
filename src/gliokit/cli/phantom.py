"""`gliokit phantom patient` and `gliokit phantom cohort`."""

from __future__ import annotations

import os
from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from gliokit.phantom.population import Population

__all__ = ["app", "cohort", "patient"]

app = typer.Typer(no_args_is_help=True, help="Make digital patients with known truth.")

SeedOption = Annotated[int, typer.Option("--seed", help="Of the population; 0 or more.")]
SpacingOption = Annotated[float, typer.Option("--spacing", help="Voxel size, 0.8 to 5 mm.")]
ModalitiesOption = Annotated[
    str,
    typer.Option(
        "--modalities", help="Of t1,t1c,t2,flair,dti,dsc,pet,ct,bold; 'none' makes no image."
    ),
]
EffectOption = Annotated[
    list[str] | None,
    typer.Option(
        "--effect",
        metavar="NAME=SCALE",
        help="How strongly idh, codeletion, grade, mgmt or survival shows: 0 not, "
        "1 as published, up to 5. May be given several times.",
    ),
]
HazardOption = Annotated[
    list[str] | None,
    typer.Option(
        "--hazard-ratio",
        metavar="NAME=RATIO",
        help="Of a covariate of survival, in place of the published one.",
    ),
]
FormOption = Annotated[
    str,
    typer.Option(
        "--format", help="brats, bids or dicom; the last two on the scanner's native grids."
    ),
]
FieldOption = Annotated[float, typer.Option("--field-t", help="Tesla: 1.5 or 3.")]
VisitsOption = Annotated[
    str,
    typer.Option(
        "--visits",
        help="After surgery: 'course' (what happens to each patient), or of postoperative,"
        "after_radiotherapy,stable,response,progression,pseudoprogression,radiation_necrosis.",
    ),
]
STRUCTURAL = "t1,t1c,t2,flair"
NONE = "none"


@app.callback()
def _phantom() -> None:
    """Make digital patients with known truth."""


@app.command("patient")
def patient(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the patient.")],
    seed: SeedOption = 0,
    index: Annotated[int, typer.Option("--index", help="Which of the population.")] = 0,
    spacing: SpacingOption = 1.0,
    modalities: ModalitiesOption = STRUCTURAL,
    effect: EffectOption = None,
    whole_ml: Annotated[
        float | None, typer.Option("--whole-ml", help="Volume of the whole tumour.")
    ] = None,
    form: FormOption = "brats",
    field_t: FieldOption = 3.0,
    site: Annotated[
        str | None,
        typer.Option(
            "--site", help="Hospital: one name, one scanner. By default the patient's own."
        ),
    ] = None,
    visits: VisitsOption = NONE,
    seed_point: Annotated[
        str | None,
        typer.Option(
            "--seed-point", metavar="X,Y,Z", help="Where the tumour starts, RAS+ millimetres."
        ),
    ] = None,
) -> None:
    """Make one patient of the population: images, labels, and all that is known."""
    from gliokit.phantom.population import write_population_patient

    changes: dict[str, Any] = {}
    if whole_ml is not None:
        changes["whole_ml"] = whole_ml
    if seed_point is not None:
        changes |= {"seed_point_mm": _point(seed_point), "lobe": None, "side": None}
    asked = _population(seed, effect, None).patient(index)
    made = write_population_patient(
        out, asked, spacing_mm=spacing, modalities=_names("--modalities", modalities),
        changes=changes, form=form, field_t=field_t, site=site, visits=_names("--visits", visits),
    )  # fmt: skip
    print(f"{asked.subject}: {asked.genotype.who_type}, grade {asked.genotype.grade}")
    print(f"Patient: {made}")


@app.command("cohort")
def cohort(
    out: Annotated[Path, typer.Option("--out", "-o", help="Folder of the cohort.")],
    n: Annotated[int, typer.Option("--n", help="How many patients.")],
    seed: SeedOption = 0,
    spacing: SpacingOption = 2.0,
    modalities: ModalitiesOption = STRUCTURAL,
    effect: EffectOption = None,
    hazard_ratio: HazardOption = None,
    form: FormOption = "brats",
    field_t: FieldOption = 3.0,
    sites: Annotated[
        int,
        typer.Option(
            "--sites", help="Hospitals, a scanner each; 0: a scanner of each patient's own."
        ),
    ] = 0,
    visits: VisitsOption = NONE,
    workers: Annotated[
        int | None, typer.Option("--workers", help="Processes; by default one for each core.")
    ] = None,
    cluster: Annotated[
        str | None,
        typer.Option("--cluster", help="'local', 'slurm' or the address of a Dask scheduler."),
    ] = None,
) -> None:
    """Make a cohort: images, truth, and tables. Cut off, the same call goes on."""
    from gliokit.cli.progress import shown_progress
    from gliokit.phantom.population import write_cohort

    with shown_progress() as progress:
        made = write_cohort(
            out,
            _population(seed, effect, hazard_ratio),
            n,
            spacing_mm=spacing,
            modalities=_names("--modalities", modalities),
            form=form,
            field_t=field_t,
            sites=sites,
            visits=_names("--visits", visits),
            workers=(os.cpu_count() or 1) if workers is None else workers,
            cluster=cluster,
            progress=progress,
        )
    print(f"Cohort: {made}")


def _population(
    seed: int, effects: Sequence[str] | None, ratios: Sequence[str] | None
) -> Population:
    from gliokit.phantom.population import Population

    return Population(
        effects=_numbers("--effect", effects),
        seed=seed,
        hazard_ratios=_numbers("--hazard-ratio", ratios),
    )


def _names(option: str, text: str) -> tuple[str, ...]:
    from gliokit.study import UsageError

    names = tuple(name.strip().lower() for name in text.split(","))
    if "" in names:
        raise UsageError(
            "names are parted by single commas",
            source=option,
            found=repr(text),
            way_out=f"'{NONE}' alone means none.",
        )
    return () if names == (NONE,) else names


def _numbers(option: str, given: Sequence[str] | None) -> dict[str, float]:
    """`NAME=NUMBER` texts, several in one where commas part them."""
    from gliokit.study import UsageError

    found: dict[str, float] = {}
    for part in ",".join(given or ()).split(","):
        if not part.strip():
            continue
        name, _, number = (piece.strip() for piece in part.partition("="))
        try:
            value = float(number)
        except ValueError:
            value = float("nan")
        if value != value or not name:
            raise UsageError("it has the form NAME=NUMBER", source=option, found=part.strip())
        if name in found:
            raise UsageError("each name is given once", source=option, found=name)
        found[name] = value
    return found


def _point(text: str) -> tuple[float, float, float]:
    from gliokit.study import UsageError

    try:
        x, y, z = (float(number) for number in text.split(","))
    except ValueError as error:
        raise UsageError(
            "a point is three numbers, RAS+ millimetres",
            source="--seed-point",
            found=text,
            way_out="Write it so: --seed-point=X,Y,Z. patient.json of this patient, made without "
            "it, has a point under seed_points_mm.",
        ) from error
    return (x, y, z)
