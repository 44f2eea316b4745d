"""What a verb prints when it is done."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gliokit.reporting import Analysis
    from gliokit.study import Notice

__all__ = ["print_analysis", "print_notices"]


def print_analysis(analysis: Analysis) -> None:
    """The volumes and the notices."""
    print_notices(analysis.prepared.notices)
    for name, region in analysis.measurements.regions.items():
        print(f"{name:3} {region.volume_ml:8.2f} mL")


def print_notices(notices: tuple[Notice, ...]) -> None:
    """Warnings; on a terminal, what was taken for what too."""
    from gliokit.study import Severity

    for notice in notices:
        if notice.severity is Severity.WARNING:
            print(f"Warning: {notice.message}")
        elif sys.stdout.isatty():
            print(notice.message)
