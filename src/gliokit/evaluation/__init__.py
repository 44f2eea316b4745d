"""Figures of merit and statistics: plain functions of arrays.

In: arrays. Out: numbers. Nothing here knows a patient or a file.
"""

from gliokit.evaluation.bootstrap import bootstrap_mean
from gliokit.evaluation.overlap import dice, hd95_mm

__all__ = ["bootstrap_mean", "dice", "hd95_mm"]
