"""gliokit: the open toolkit for glioma MRI. Research use only.

Every verb of the command line is one function here: `gliokit.analyze(...)`. Names are
imported when they are first used, so that `import gliokit` costs nothing.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from gliokit.analysis import (
        Demo,
        analyze,
        demo,
        evaluate_segmentation,
        report,
        segment_study,
    )
    from gliokit.inference import list_models
    from gliokit.learning import TrainingSettings
    from gliokit.learning.importing.run import import_model
    from gliokit.learning.run import train_segmentation
    from gliokit.reporting import Analysis
    from gliokit.study import GliokitError, read_cohort, read_label_map, read_study

__all__ = [
    "Analysis",
    "Demo",
    "GliokitError",
    "TrainingSettings",
    "__version__",
    "analyze",
    "demo",
    "evaluate_segmentation",
    "import_model",
    "list_models",
    "read_cohort",
    "read_label_map",
    "read_study",
    "report",
    "segment_study",
    "train_segmentation",
]

__version__ = "0.1.0"

_ROOMS = {
    "analysis": ("Demo", "analyze", "demo", "evaluate_segmentation", "report", "segment_study"),
    "inference": ("list_models",),
    "learning": ("TrainingSettings",),
    "learning.importing.run": ("import_model",),
    "learning.run": ("train_segmentation",),
    "reporting": ("Analysis",),
    "study": ("GliokitError", "read_cohort", "read_label_map", "read_study"),
}


def __getattr__(name: str) -> Any:
    for room, names in _ROOMS.items():
        if name in names:
            return getattr(import_module(f"gliokit.{room}"), name)
    raise AttributeError(f"module 'gliokit' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
