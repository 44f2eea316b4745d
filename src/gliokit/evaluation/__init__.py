"""Figures of merit and statistics: plain functions of arrays.

In: arrays. Out: numbers. Nothing here knows a patient or a file.
"""

from gliokit.evaluation.agreement import (
    Agreement,
    LimitsOfAgreement,
    bland_altman,
    concordance,
    icc_agreement,
    icc_consistency,
)
from gliokit.evaluation.association import Association, fisher, kruskal, mann_whitney
from gliokit.evaluation.bootstrap import bootstrap_mean
from gliokit.evaluation.calibration import (
    BrierParts,
    CalibrationLine,
    ReliabilityCurve,
    brier_parts,
    brier_score,
    calibration_line,
    expected_calibration_error,
    reliability_curve,
)
from gliokit.evaluation.classification import Confusion, Rates, confusion, rates
from gliokit.evaluation.conformal import conformal_p, conformal_quantile, reachable_level
from gliokit.evaluation.consistency import Consistency, check_rates, counts_behind, interval_methods
from gliokit.evaluation.cox import CoxFit, fit_cox
from gliokit.evaluation.decision import (
    DecisionCurve,
    decision_curve,
    net_benefit,
    survival_net_benefit,
)
from gliokit.evaluation.delong import (
    AucDifference,
    DelongAucs,
    delong_auc,
    delong_aucs,
    delong_contrasts,
    delong_test,
)
from gliokit.evaluation.detection import FALSE_ALARMS, Froc, froc_curve, match_detections
from gliokit.evaluation.equivalence import Equivalence, tost, tost_paired
from gliokit.evaluation.estimate import Estimate
from gliokit.evaluation.fold_auc import (
    CrossValidatedAuc,
    Gain,
    cross_validated_auc,
    cross_validated_gain,
    fold_aucs,
)
from gliokit.evaluation.fold_interval import (
    NOT_BETTER,
    NOT_DECIDED,
    drawn_interval,
    gain_interval,
    gain_words,
    widened,
)
from gliokit.evaluation.fold_permutation import permuted_fold_auc
from gliokit.evaluation.kappa import cohen_kappa
from gliokit.evaluation.lesions import LESION_RULES, LesionRules, LesionWise, lesion_wise
from gliokit.evaluation.mcnemar import McNemar, mcnemar_counts, mcnemar_test
from gliokit.evaluation.multiplicity import adjusted_p
from gliokit.evaluation.overlap import dice
from gliokit.evaluation.proportion import wilson_interval
from gliokit.evaluation.proportionality import ProportionalityTest, proportionality_test
from gliokit.evaluation.recalibration import (
    Isotonic,
    Platt,
    Temperature,
    fit_isotonic,
    fit_platt,
    fit_temperature,
)
from gliokit.evaluation.resampling import (
    PermutationTest,
    bootstrap_patients,
    permutation_p,
    permutation_test,
)
from gliokit.evaluation.roc import (
    PrecisionRecallCurve,
    RocCurve,
    auc,
    average_precision,
    precision_recall_curve,
    roc_curve,
    youden_threshold,
)
from gliokit.evaluation.segmentation_case import CaseFigures, RegionFigures, score_case
from gliokit.evaluation.segmentation_summary import SummaryFigure, summarise_segmentations
from gliokit.evaluation.surface import hd95_mm, surface_dice
from gliokit.evaluation.survival_concordance import drawn_harrell_c, drawn_uno_c, harrell_c, uno_c
from gliokit.evaluation.survival_curve import (
    LogRank,
    SurvivalCurve,
    censoring_curve,
    kaplan_meier,
    log_rank,
)
from gliokit.evaluation.survival_scores import (
    cumulative_dynamic_auc,
    drawn_dynamic_auc,
    integrated_brier_score,
    mean_dynamic_auc,
    null_brier_score,
    survival_brier_errors,
    survival_brier_score,
)

__all__ = [
    "FALSE_ALARMS",
    "LESION_RULES",
    "NOT_BETTER",
    "NOT_DECIDED",
    "Agreement",
    "Association",
    "AucDifference",
    "BrierParts",
    "CalibrationLine",
    "CaseFigures",
    "Confusion",
    "Consistency",
    "CoxFit",
    "CrossValidatedAuc",
    "DecisionCurve",
    "DelongAucs",
    "Equivalence",
    "Estimate",
    "Froc",
    "Gain",
    "Isotonic",
    "LesionRules",
    "LesionWise",
    "LimitsOfAgreement",
    "LogRank",
    "McNemar",
    "PermutationTest",
    "Platt",
    "PrecisionRecallCurve",
    "ProportionalityTest",
    "Rates",
    "RegionFigures",
    "ReliabilityCurve",
    "RocCurve",
    "SummaryFigure",
    "SurvivalCurve",
    "Temperature",
    "adjusted_p",
    "auc",
    "average_precision",
    "bland_altman",
    "bootstrap_mean",
    "bootstrap_patients",
    "brier_parts",
    "brier_score",
    "calibration_line",
    "censoring_curve",
    "check_rates",
    "cohen_kappa",
    "concordance",
    "conformal_p",
    "conformal_quantile",
    "confusion",
    "counts_behind",
    "cross_validated_auc",
    "cross_validated_gain",
    "cumulative_dynamic_auc",
    "decision_curve",
    "delong_auc",
    "delong_aucs",
    "delong_contrasts",
    "delong_test",
    "dice",
    "drawn_dynamic_auc",
    "drawn_harrell_c",
    "drawn_interval",
    "drawn_uno_c",
    "expected_calibration_error",
    "fisher",
    "fit_cox",
    "fit_isotonic",
    "fit_platt",
    "fit_temperature",
    "fold_aucs",
    "froc_curve",
    "gain_interval",
    "gain_words",
    "harrell_c",
    "hd95_mm",
    "icc_agreement",
    "icc_consistency",
    "integrated_brier_score",
    "interval_methods",
    "kaplan_meier",
    "kruskal",
    "lesion_wise",
    "log_rank",
    "mann_whitney",
    "match_detections",
    "mcnemar_counts",
    "mcnemar_test",
    "mean_dynamic_auc",
    "net_benefit",
    "null_brier_score",
    "permutation_p",
    "permutation_test",
    "permuted_fold_auc",
    "precision_recall_curve",
    "proportionality_test",
    "rates",
    "reachable_level",
    "reliability_curve",
    "roc_curve",
    "score_case",
    "summarise_segmentations",
    "surface_dice",
    "survival_brier_errors",
    "survival_brier_score",
    "survival_net_benefit",
    "tost",
    "tost_paired",
    "uno_c",
    "widened",
    "wilson_interval",
    "youden_threshold",
]
