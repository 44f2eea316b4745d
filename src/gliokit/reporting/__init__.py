"""An `Analysis` -> a report that people read.

In: an `Analysis`. Out: one self-contained HTML file, in English or Chinese; and the analysis
on disk, so that a report is made again without computing.
"""

from gliokit.reporting.analysis import Analysis
from gliokit.reporting.document import render_report, write_report
from gliokit.reporting.language import Lang
from gliokit.reporting.storage import ANALYSIS_FILE, load_analysis, save_analysis

__all__ = [
    "ANALYSIS_FILE",
    "Analysis",
    "Lang",
    "load_analysis",
    "render_report",
    "save_analysis",
    "write_report",
]
