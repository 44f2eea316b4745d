"""The feature table that stands beside an analysis."""

from __future__ import annotations

from pathlib import Path

from gliokit.features import Case, FeatureSettings, FeatureTable, case_features, feature_table
from gliokit.features.writing import write_columns
from gliokit.reporting import Analysis
from gliokit.study import UsageError

__all__ = ["FEATURES_FILE", "measured_features", "table_settings", "write_table"]

FEATURES_FILE = "features.tsv"


def table_settings(path: str | Path | None, *, features: bool) -> FeatureSettings | None:
    """What the table of an analysis is made of; None where there is to be none.

    IBSI's features of every region and sequence, the margin's, and signs.

    Args:
        path: TOML of radiomics, as in `gliokit features`; the defaults without one.
        features: Whether there is to be a table.

    Raises:
        UsageError: settings without a table, or that can't be.
    """
    if not features:
        if path is not None:
            raise UsageError(
                "settings of features go with a feature table",
                source=path,
                found="no feature table",
                way_out="Give --features too, or leave --feature-settings out.",
            )
        return None
    from gliokit.measurement.radiomics import RadiomicsSettings, read_settings

    radiomics = RadiomicsSettings() if path is None else read_settings(Path(path))
    return FeatureSettings(groups=("radiomics", "margin", "signs"), radiomics=radiomics)


def measured_features(analysis: Analysis, settings: FeatureSettings) -> FeatureTable:
    """A row for every feature of the segmentation that was measured, with the reason of gaps."""
    prepared = analysis.prepared
    case = Case(
        prepared.subject,
        prepared.grid,
        prepared.images,
        analysis.segmentation.label_map,
        prepared,
    )
    found = case_features(case, settings, figures=analysis.measurements)
    return feature_table([found], settings=settings.digest(), form="long")


def write_table(folder: Path, table: FeatureTable) -> None:
    """Write `features.tsv` into the folder of a result."""
    write_columns(folder / FEATURES_FILE, table.columns)
