"""The researcher's journey to a table on disk: checked first, measured, written as a whole."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path

from gliokit.batch import Failure
from gliokit.features.cohort import CohortFeatures, cohort_features
from gliokit.features.robust import keep_robust, write_robustness
from gliokit.features.robustness import Against, RobustnessRow, cohort_robustness
from gliokit.features.settings import FeatureSettings
from gliokit.features.table import Form, Names, feature_table
from gliokit.features.writing import check_output, write_features, write_record
from gliokit.study import Cohort, StudyError

__all__ = ["measure_cohort", "measure_robustness"]

KEPT = ".kept"


def _silent(_: str) -> None:
    return


def measure_cohort(
    cohort: Cohort,
    out: Path,
    settings: FeatureSettings,
    *,
    form: Form = "wide",
    names: Names = "ibsi",
    robust: Sequence[RobustnessRow] | None = None,
    above: float = 0.75,
    workers: int = 1,
    cluster: str | None = None,
    kept: Path | None = None,
    overwrite: bool = False,
    progress: Callable[[str], None] = _silent,
) -> CohortFeatures:
    """Measure a cohort and write its table, with NAME.json beside it.

    Args:
        cohort: Of `read_cohort`.
        out: .parquet, .tsv or .csv.
        settings: Which features.
        form: 'wide', a row a patient; 'long', a row a value.
        names: Of features, 'ibsi' or 'pyradiomics'.
        robust: Rows of `read_robustness`: only features that are robust by them stay.
        above: The limit, as in `keep_robust`.
        workers: As in `run_batch`.
        cluster: A Dask scheduler.
        kept: Folder of patients that are done, to go on with; OUT.kept without it.
        overwrite: Replace the table if it is there.
        progress: Told how far it is.

    Raises:
        UsageError: settings, a name or a cluster that can't be.
        MissingExtraError: Parquet or a cluster, and the extra is not installed.
        StudyError: no patient could be measured.
        OutputError: the table can't be written.
    """
    check_output(out, overwrite=overwrite)
    found = cohort_features(
        cohort, settings, workers=workers, cluster=cluster, kept=_kept(out, kept), progress=progress
    )
    _check_some(len(found.patients), found.failures)
    patients = (
        found.patients if robust is None else keep_robust(found.patients, robust, above=above)
    )
    table = feature_table(patients, settings=settings.digest(), form=form, names=names)
    notices = [(p.subject, message) for p in found.patients for message in p.notices]
    write_features(
        out, table, settings, failures=found.failures, notices=notices,
        seconds={"patients": found.seconds, "patients_processor": found.processor_seconds},
    )  # fmt: skip
    return found


def measure_robustness(
    cohort: Cohort,
    out: Path,
    settings: FeatureSettings,
    *,
    against: Against = "perturbations",
    seed: int = 0,
    workers: int = 1,
    cluster: str | None = None,
    kept: Path | None = None,
    overwrite: bool = False,
    progress: Callable[[str], None] = _silent,
) -> tuple[tuple[RobustnessRow, ...], tuple[Failure, ...]]:
    """Measure how features agree with themselves and write the table.

    Args:
        cohort: At least three patients.
        out: .tsv or .csv for --keep-robust, or .parquet.
        settings: Which features; those of networks are left out.
        against: As in `cohort_robustness`; so is `seed`.
        seed: Of the perturbations.
        workers: As in `measure_cohort`; so are the others.
        cluster: A Dask scheduler.
        kept: Folder of patients that are done.
        overwrite: Replace the table if it is there.
        progress: Told how far it is.

    Returns:
        The rows and the patients that failed.

    Raises:
        UsageError: less than three patients, or settings that can't be.
        StudyError: no patient could be measured.
        OutputError: the table can't be written.
    """
    check_output(out, overwrite=overwrite)
    rows, failures = cohort_robustness(
        cohort, settings, against=against, seed=seed, workers=workers, cluster=cluster,
        kept=_kept(out, kept), progress=progress,
    )  # fmt: skip
    patients = len(cohort.patients) - len(failures)
    _check_some(patients, failures)
    write_record(out, settings, patients=patients, failures=failures)
    write_robustness(out, rows)
    return rows, failures


def _kept(out: Path, given: Path | None) -> Path:
    return out.with_name(out.name + KEPT) if given is None else given


def _check_some(patients: int, failures: Sequence[Failure]) -> None:
    if not patients:
        raise StudyError(
            "a cohort has at least one patient that can be measured",
            found=f"{len(failures)} that can't" + (f"; {failures[0].reason}" if failures else ""),
        )
