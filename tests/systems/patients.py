"""Small tables of patients with a planted link, for tests."""

from __future__ import annotations

import numpy as np

from gliokit.systems import ClassTarget, Inputs, SurvivalTarget, TrainingSet

VOLUMES = ("whole_ml", "core_ml", "enhancing_ml", "necrosis_ml", "age_years")


def feature_patients(
    n: int = 60, columns: int = 24, *, signal: float = 1.5, seed: int = 0, target: str = "kind"
) -> TrainingSet:
    """Two classes that differ by `signal` standard deviations in the first three columns."""
    generator = np.random.default_rng(seed)
    codes = np.arange(n) % 2
    values = generator.normal(size=(n, columns))
    values[:, :3] += signal * codes[:, None]
    values[0, -1] = np.nan
    names = tuple(f"f{i}" for i in range(columns))
    subjects = tuple(f"p{i:03d}" for i in range(n))
    return TrainingSet(Inputs(subjects, names, values), ClassTarget(target, ("no", "yes"), codes))


def numbers_patients(n: int = 80, *, seed: int = 0) -> TrainingSet:
    """Everything that the baselines ask for; the class goes with age."""
    generator = np.random.default_rng(seed)
    codes = np.arange(n) % 2
    columns = ("age_years", "male", "whole_ml", "margin_sharpness", "heterogeneity",
               "enhancement_share", "multifocal")  # fmt: skip
    values = np.abs(generator.normal(1, 0.3, size=(n, len(columns))))
    values[:, 0] = 50 + 15 * codes + generator.normal(0, 10, n)
    subjects = tuple(f"p{i:03d}" for i in range(n))
    return TrainingSet(Inputs(subjects, columns, values), ClassTarget("idh", ("0", "1"), codes))


def volume_patients(
    n: int = 300, *, log_ratio: float = 2.0, seed: int = 0, sums_to_one: bool = False
) -> TrainingSet:
    """Survival that goes with enhancing / core, and with nothing else."""
    generator = np.random.default_rng(seed)
    whole = generator.uniform(20, 150, n)
    core = whole * generator.uniform(0.2, 0.8, n)
    enhancing = generator.uniform(0.1, 0.6, n)
    necrosis = 1 - enhancing if sums_to_one else generator.uniform(0.0, 1.0, n) * (1 - enhancing)
    age = generator.normal(60, 10, n)
    days = 1 + generator.exponential(400 * np.exp(-log_ratio * (enhancing - 0.35)))
    end = generator.uniform(200, 1500, n)
    values = np.stack([whole, core, enhancing * core, necrosis * core, age], axis=1)
    subjects = tuple(f"p{i:03d}" for i in range(n))
    target = SurvivalTarget("survival", np.minimum(days, end), days <= end)
    return TrainingSet(Inputs(subjects, VOLUMES, values), target)
