"""`gliokit`: the verbs together, and how a run of any of them ends."""

from __future__ import annotations

import signal
import sys
from collections.abc import Sequence
from typing import Annotated, NoReturn

import typer

from gliokit import __version__
from gliokit.cli import (
    analyze,
    bench,
    demo,
    evaluate,
    features,
    models,
    phantom,
    power,
    report,
    segment,
    systems,
    train,
)
from gliokit.cli.exits import CTRL_C, TERMINATED, explain

__all__ = ["app", "main"]

app = typer.Typer(
    name="gliokit",
    help="From MRI of a glioma to regions, measurements and a report. Research use only.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"]},
)
app.command("analyze")(analyze.analyze)
app.command("demo")(demo.demo)
app.command("segment")(segment.segment)
app.command("report")(report.report)
app.add_typer(train.app, name="train")
app.add_typer(phantom.app, name="phantom")
app.add_typer(evaluate.app, name="evaluate")
app.command("features")(features.features)
app.command("bench")(bench.bench)
app.command("power")(power.power)
app.command("systems")(systems.systems)
app.add_typer(models.app, name="models")


def _print_version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"gliokit {__version__}")
        raise typer.Exit


@app.callback()
def _options(
    version: Annotated[
        bool,
        typer.Option(
            "--version", callback=_print_version, is_eager=True, help="Print the version."
        ),
    ] = False,
) -> None:
    """From MRI of a glioma to regions, measurements and a report. Research use only."""


def main(arguments: Sequence[str] | None = None) -> NoReturn:
    """Run one verb and leave the process with its exit code.

    0 done, also where no tumour was found; 2 the call is wrong; 3 the input is wrong;
    4 the output can't be written; 70 a bug; 130 Ctrl-C; 143 terminated.

    Args:
        arguments: As after `gliokit`; those of the process by default.
    """
    signal.signal(signal.SIGTERM, _terminate)
    try:
        app(args=arguments, prog_name="gliokit")
    except KeyboardInterrupt:
        sys.exit(CTRL_C)
    except Exception as error:
        sys.exit(explain(error))
    sys.exit(0)


def _terminate(_signal: int, _frame: object) -> NoReturn:
    """Leave as by Ctrl-C, so that nothing half-written remains."""
    sys.exit(TERMINATED)
