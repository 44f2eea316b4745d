"""Feature tables of patients and cohorts, and how far their features can be trusted.

In: a `Cohort` and `FeatureSettings`. Out: a `FeatureTable`, a file, or the agreement of each
feature under perturbations and between masks.
"""

from gliokit.features.case import Case, open_case
from gliokit.features.cohort import CohortFeatures, cohort_features
from gliokit.features.journey import measure_cohort, measure_robustness
from gliokit.features.patient import CaseFeatures, case_features
from gliokit.features.population import check_map, measure_population
from gliokit.features.robust import keep_robust, read_robustness, write_robustness
from gliokit.features.robustness import RobustnessRow, cohort_robustness
from gliokit.features.settings import GROUPS, FeatureSettings
from gliokit.features.table import FeatureTable, Form, Names, feature_table
from gliokit.features.writing import write_features

__all__ = [
    "GROUPS",
    "Case",
    "CaseFeatures",
    "CohortFeatures",
    "FeatureSettings",
    "FeatureTable",
    "Form",
    "Names",
    "RobustnessRow",
    "case_features",
    "check_map",
    "cohort_features",
    "cohort_robustness",
    "feature_table",
    "keep_robust",
    "measure_cohort",
    "measure_population",
    "measure_robustness",
    "open_case",
    "read_robustness",
    "write_features",
    "write_robustness",
]
