"""The reader's journey: read, prepare, segment, measure, report, in this order.

In: a study's files. Out: an `Analysis`, and the folder of a result. Nothing is computed
here: each stage is one function of a room below.
"""

from gliokit.analysis.demonstration import Demo, demo
from gliokit.analysis.journey import analyze, report
from gliokit.analysis.segmentation_evaluation import (
    EvaluatedCase,
    SegmentationEvaluation,
    evaluate_segmentation,
)
from gliokit.analysis.segmenting import segment_study
from gliokit.analysis.stages import Progress

__all__ = [
    "Demo",
    "EvaluatedCase",
    "Progress",
    "SegmentationEvaluation",
    "analyze",
    "demo",
    "evaluate_segmentation",
    "report",
    "segment_study",
]
