"""Options of `gliokit bench`."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated, Literal

import typer

__all__ = [
    "AllowOption",
    "BudgetOption",
    "ClusterOption",
    "CohortOption",
    "FoldsOption",
    "HarmoniseOption",
    "IdentitiesOption",
    "InputsOption",
    "KeptOption",
    "LanguageOption",
    "LeaveOption",
    "MasksByOption",
    "OutOption",
    "OverwriteOption",
    "PersonOption",
    "PositiveOption",
    "ProtocolOption",
    "RenameOption",
    "RepeatsOption",
    "RootOption",
    "SeedOption",
    "SiteOption",
    "StratumOption",
    "SubjectOption",
    "SystemsOption",
    "TargetOption",
    "TestCohortOption",
    "WithinOption",
    "WorkersOption",
]

TABLE = "The table"
SPLIT = "The split"
RUN = "The run"

CohortOption = Annotated[
    list[Path],
    typer.Option("--cohort", help="Table: .csv, .tsv, .xz of these, .parquet, or a folder with a "
                 "participants.tsv; again for more cohorts."),
]  # fmt: skip
TargetOption = Annotated[
    str,
    typer.Option("--target", help="Column of a class; of survival NAME=DAYS,DIED; of a place in "
                 "the images NAME=REGION, such as tumour=WT."),
]  # fmt: skip
SystemsOption = Annotated[str, typer.Option("--systems", help="Names, with commas between.")]
OutOption = Annotated[Path, typer.Option("--out", "-o", help="Folder for the results.")]
RootOption = Annotated[
    Path | None,
    typer.Option("--root", help="Where the tables' relative paths of images start.",
                 rich_help_panel=TABLE),
]  # fmt: skip
InputsOption = Annotated[
    list[str] | None,
    typer.Option("--inputs", help="Pattern of columns that systems may see; again for more.",
                 rich_help_panel=TABLE),
]  # fmt: skip
PositiveOption = Annotated[
    str, typer.Option("--positive", help="The positive class.", rich_help_panel=TABLE)
]
SubjectOption = Annotated[
    str, typer.Option("--subject", help="Column of names.", rich_help_panel=TABLE)
]
PersonOption = Annotated[
    str, typer.Option("--person", help="Column of who it is.", rich_help_panel=TABLE)
]
SiteOption = Annotated[
    str, typer.Option("--site", help="Column of the site.", rich_help_panel=TABLE)
]
StratumOption = Annotated[
    str,
    typer.Option(
        "--stratum", help="Column: judge within its values too; grade=2+3,4 within 2 and 3 "
        "together and within 4.", rich_help_panel=TABLE
    ),
]  # fmt: skip
WithinOption = Annotated[
    list[str] | None,
    typer.Option("--within", help="COLUMN=VALUE,VALUE: only these rows.", rich_help_panel=TABLE),
]
RenameOption = Annotated[
    list[str] | None,
    typer.Option("--rename", help="OLD=NEW: an input's name.", rich_help_panel=TABLE),
]
AllowOption = Annotated[
    list[str] | None,
    typer.Option("--allow", help="Input that may tell the target by itself.",
                 rich_help_panel=TABLE),
]  # fmt: skip
IdentitiesOption = Annotated[
    list[Path] | None,
    typer.Option("--identities", help="Tables of who is who across collections.",
                 rich_help_panel=TABLE),
]  # fmt: skip
HarmoniseOption = Annotated[
    list[str] | None,
    typer.Option("--harmonise", help="Pattern of inputs whose differences of sites are taken out "
                 "by ComBat, fitted in each training fold; again for more. Never age and sex.",
                 rich_help_panel=TABLE),
]  # fmt: skip
MasksByOption = Annotated[
    list[str] | None,
    typer.Option("--masks-by", help="Model (name or folder) whose masks or features the cohort "
                 "holds: nobody whom it learnt from is judged; again for more.",
                 rich_help_panel=TABLE),
]  # fmt: skip
ProtocolOption = Annotated[
    Literal[
        "hold-out", "k-fold", "leave-one-out", "leave-n-out", "leave-site-out", "cross-dataset"
    ],
    typer.Option("--protocol", help="How patients are split; leave-site-out and cross-dataset "
                 "learn nothing from the site or cohort that is tested.", rich_help_panel=SPLIT),
]  # fmt: skip
FoldsOption = Annotated[int, typer.Option("--folds", rich_help_panel=SPLIT)]
LeaveOption = Annotated[
    int,
    typer.Option("--leave", help="Of leave-n-out: how many patients are left out at a time; of "
                 "fewer than 10 there is no interval.", rich_help_panel=SPLIT),
]  # fmt: skip
TestCohortOption = Annotated[
    list[Path] | None,
    typer.Option("--test-cohort", help="Of cross-dataset: the one of the --cohort that is tested "
                 "and not learnt from; again for more.", rich_help_panel=SPLIT),
]  # fmt: skip
RepeatsOption = Annotated[int, typer.Option("--repeats", rich_help_panel=SPLIT)]
SeedOption = Annotated[int, typer.Option("--seed", rich_help_panel=SPLIT)]
BudgetOption = Annotated[
    Literal["smoke", "small", "paper"],
    typer.Option("--budget", help="Seconds; what two cores do; what the paper did.",
                 rich_help_panel=RUN),
]  # fmt: skip
WorkersOption = Annotated[
    int, typer.Option("--workers", help="Processes; 0 works in this one.", rich_help_panel=RUN)
]
ClusterOption = Annotated[
    str | None,
    typer.Option("--cluster", help="'local', 'slurm' or the address of a Dask scheduler.",
                 rich_help_panel=RUN),
]  # fmt: skip
KeptOption = Annotated[
    Path | None,
    typer.Option("--keep", help="Folder of finished folds: the same call goes on there.",
                 rich_help_panel=RUN),
]  # fmt: skip
LanguageOption = Annotated[
    Literal["en", "zh"],
    typer.Option("--lang", "--language", help="Language of the page.", rich_help_panel=RUN),
]
OverwriteOption = Annotated[
    bool, typer.Option("--overwrite", help="Replace an earlier result.", rich_help_panel=RUN)
]
