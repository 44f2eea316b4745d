"""Progress: one moving line on a terminal, log lines anywhere else."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

__all__ = ["shown_progress"]


@contextmanager
def shown_progress() -> Iterator[Callable[[str], None]]:
    """Gives a function to be told what begins; shows it on stderr."""
    if not sys.stderr.isatty():
        yield _log
        return
    from rich.console import Console

    console = Console(stderr=True)
    with console.status("starting") as status:
        began = time.monotonic()

        def show(saying: str) -> None:
            status.update(f"{saying} [dim]({time.monotonic() - began:.0f} s)[/dim]")

        yield show


def _log(saying: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {saying}", file=sys.stderr, flush=True)
