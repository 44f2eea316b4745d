"""What a patient is: images, grids, labels, cohorts; and how they are read and written.

In: files. Out: small frozen values. Nothing here computes on images.
"""

from gliokit.study.brats import find_label_map, read_brats_case, read_brats_labels
from gliokit.study.check import check_study
from gliokit.study.cohort import Cohort, Patient
from gliokit.study.errors import (
    GliokitError,
    MissingExtraError,
    OutputError,
    StudyError,
    UsageError,
)
from gliokit.study.folder import read_study
from gliokit.study.generation import GENERATIONS
from gliokit.study.grid import Grid, check_same_grid
from gliokit.study.installed import installed_data
from gliokit.study.label_file import read_label_map
from gliokit.study.labels import BRATS, BRATS_POSTOPERATIVE, WHOLE_TUMOUR, LabelMap, Labels
from gliokit.study.modality import STRUCTURAL, Modality
from gliokit.study.notice import NOTICES, REASONS, Notice, Severity
from gliokit.study.output import check_new_file, output_file, output_folder
from gliokit.study.person import Identities, People, family_of, person_of, written_alike
from gliokit.study.reading import read_volume
from gliokit.study.series import Series
from gliokit.study.series_file import read_series, write_series
from gliokit.study.study import Study
from gliokit.study.table import read_cohort
from gliokit.study.volume import Volume
from gliokit.study.writing import write_label_map, write_map, write_volume

__all__ = [
    "BRATS",
    "BRATS_POSTOPERATIVE",
    "GENERATIONS",
    "NOTICES",
    "REASONS",
    "STRUCTURAL",
    "WHOLE_TUMOUR",
    "Cohort",
    "GliokitError",
    "Grid",
    "Identities",
    "LabelMap",
    "Labels",
    "MissingExtraError",
    "Modality",
    "Notice",
    "OutputError",
    "Patient",
    "People",
    "Series",
    "Severity",
    "Study",
    "StudyError",
    "UsageError",
    "Volume",
    "check_new_file",
    "check_same_grid",
    "check_study",
    "family_of",
    "find_label_map",
    "installed_data",
    "output_file",
    "output_folder",
    "person_of",
    "read_brats_case",
    "read_brats_labels",
    "read_cohort",
    "read_label_map",
    "read_series",
    "read_study",
    "read_volume",
    "write_label_map",
    "write_map",
    "write_series",
    "write_volume",
    "written_alike",
]
