"""`gliokit features`."""

from __future__ import annotations

import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gliokit.cli.feature_options import (
    AboveOption,
    ClusterOption,
    CohortOption,
    GroupsOption,
    HeadOption,
    KeepRobustOption,
    KeptOption,
    MapsOption,
    ModelOption,
    NamesOption,
    OutOption,
    OverwriteOption,
    PopulationMapOption,
    RegionsOption,
    RobustnessOption,
    RootOption,
    SeedOption,
    SequencesOption,
    SettingsOption,
    WideOption,
    WorkersOption,
)

if TYPE_CHECKING:
    from gliokit.batch import Failure
    from gliokit.features import FeatureSettings
    from gliokit.study import Cohort

__all__ = ["features"]


def features(
    cohort: CohortOption,
    out: OutOption,
    root: RootOption = None,
    regions: RegionsOption = "wt,tc,et",
    sequences: SequencesOption = "",
    groups: GroupsOption = "radiomics,margin",
    settings: SettingsOption = None,
    names: NamesOption = "ibsi",
    wide: WideOption = True,
    maps: MapsOption = "expert",
    head: HeadOption = False,
    model: ModelOption = None,
    population_map: PopulationMapOption = None,
    robustness: RobustnessOption = None,
    seed: SeedOption = 0,
    keep: KeepRobustOption = None,
    above: AboveOption = 0.75,
    workers: WorkersOption = None,
    cluster: ClusterOption = None,
    kept: KeptOption = None,
    overwrite: OverwriteOption = False,
) -> None:
    """Measure the features of a cohort, patient by patient."""
    from gliokit.features import check_map, read_robustness
    from gliokit.study import read_cohort

    chosen = _settings(
        settings, regions=_parts(regions), sequences=_parts(sequences), groups=_parts(groups),
        maps=maps, head=head, **({} if model is None else {"model": model}),
    )  # fmt: skip
    table = {
        "form": "wide" if wide else "long",
        "names": names,
        "robust": None if keep is None else read_robustness(keep),
        "above": above,
    }
    how: dict[str, Any] = {
        "workers": (os.cpu_count() or 1) if workers is None else workers,
        "cluster": cluster,
        "kept": kept,
        "overwrite": overwrite,
    }
    patients = read_cohort(cohort, root=root)
    if population_map is not None:
        check_map(population_map, chosen, overwrite=overwrite)
    if robustness is None:
        _write_table(patients, out, chosen, table | how)
    else:
        _write_robustness(patients, out, chosen, {"against": robustness, "seed": seed} | how)
    if population_map is not None:
        how["kept"] = None if kept is None else kept / "population-map"
        _write_map(patients, population_map, chosen, how)


def _write_table(cohort: Cohort, out: Path, settings: FeatureSettings, how: dict[str, Any]) -> None:
    from gliokit.cli.progress import shown_progress
    from gliokit.features import measure_cohort

    with shown_progress() as progress:
        found = measure_cohort(cohort, out, settings, progress=progress, **how)
    _print_failures("Failed", found.failures)
    print(f"Table: {out}, {len(found.patients)} patients, {len(found.failures)} failed")


def _write_robustness(
    cohort: Cohort, out: Path, settings: FeatureSettings, how: dict[str, Any]
) -> None:
    from gliokit.cli.progress import shown_progress
    from gliokit.features import measure_robustness

    with shown_progress() as progress:
        rows, failures = measure_robustness(cohort, out, settings, progress=progress, **how)
    _print_failures("Failed", failures)
    print(f"Table: {out}, {len(rows)} figures, {len(failures)} failed")


def _write_map(cohort: Cohort, path: Path, settings: FeatureSettings, how: dict[str, Any]) -> None:
    from gliokit.cli.progress import shown_progress
    from gliokit.features import measure_population

    with shown_progress() as progress:
        found, failures = measure_population(cohort, path, settings, progress=progress, **how)
    _print_failures("Not on the map", failures)
    print(f"Map: {path}, {found.patients} patients, {len(failures)} left out")


def _print_failures(what: str, failures: Iterable[Failure]) -> None:
    for failure in failures:
        print(f"{what}: {failure.name}: {failure.reason}")


def _parts(text: str) -> tuple[str, ...]:
    return tuple(part.strip() for part in text.split(",") if part.strip())


def _settings(path: Path | None, **options: Any) -> FeatureSettings:
    from gliokit.features import FeatureSettings
    from gliokit.features.settings import GROUPS
    from gliokit.measurement.radiomics import RadiomicsSettings, read_settings
    from gliokit.study import UsageError

    unknown = [g for g in options["groups"] if g not in GROUPS]
    if unknown:
        raise UsageError(f"a group is one of {', '.join(GROUPS)}", found=", ".join(unknown))
    radiomics = RadiomicsSettings() if path is None else read_settings(path)
    return FeatureSettings(radiomics=radiomics, **options)
