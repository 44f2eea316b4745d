"""How fast do the tumour's cells advance, and how far do they keep to the fibres?

    python benchmarks/phantom_growth.py

Writes results/phantom/growth.json. The front of the Fisher-Kolmogorov equation in one
dimension runs at 2 sqrt(D rho) (1 - 3 / (4 rho t)) once it is old (Bramson 1983).
"""

from __future__ import annotations

import math
from typing import Any

import numpy as np
from numpy.typing import NDArray
from record import figure, store

from gliokit.phantom.growth import MOST_ALIGNED, grow

# D (mm^2/day), rho (1/day), first and last day of the window.
WINDOWS = (
    (0.13, 0.012, 1000.0, 1450.0),
    (0.13, 0.012, 1800.0, 2400.0),
    (0.05, 0.015, 1000.0, 1600.0),
    (0.08, 0.020, 1000.0, 1500.0),
    (0.30, 0.020, 800.0, 1300.0),
)
SPACING_MM, LENGTH_MM = 1.0, 420


def rod(
    days: float, diffusion: float, proliferation: float, *, aligned: float, along: bool
) -> NDArray[np.float32]:
    """Density along a rod whose first 5 mm were full of cells, with fibres along or across."""
    seed = np.zeros((LENGTH_MM, 1, 1), dtype=np.float32)
    seed[:5] = 1
    fibres = np.zeros((*seed.shape, 3), dtype=np.float32)
    fibres[..., 0 if along else 1] = 1
    grown = grow(
        seed,
        diffusion=np.full(seed.shape, diffusion, dtype=np.float32),
        proliferation_per_day=proliferation,
        spacing_mm=SPACING_MM,
        until=lambda _: False,
        most_days=days,
        fibres=fibres,
        aligned=np.full(seed.shape, aligned, dtype=np.float32),
    )
    # The growth ends at a whole number of steps.
    return np.append(grown.density[:, 0, 0], np.float32(grown.days))


def front_mm(density: NDArray[np.float32]) -> float:
    """Where the density falls through one half."""
    last = int(np.flatnonzero(density >= 0.5)[-1])
    inner, outer = float(density[last]), float(density[last + 1])
    return SPACING_MM * (last + (inner - 0.5) / (inner - outer))


def speed(
    diffusion: float, proliferation: float, first: float, last: float, *, aligned: float = 0.0,
    along: bool = True,
) -> tuple[float, float]:  # fmt: skip
    """Speed of the front in mm/day, and the middle of the window in days."""
    ends = [
        rod(days, diffusion, proliferation, aligned=aligned, along=along) for days in (first, last)
    ]
    way = front_mm(ends[1][:-1]) - front_mm(ends[0][:-1])
    begun, ended = (float(e[-1]) for e in ends)
    return way / (ended - begun), (begun + ended) / 2


def theory(diffusion: float, proliferation: float, middle: float) -> float:
    return 2 * math.sqrt(diffusion * proliferation) * (1 - 3 / (4 * proliferation * middle))


def main() -> None:
    rows: list[dict[str, Any]] = []
    for diffusion, proliferation, first, last in WINDOWS:
        found, middle = speed(diffusion, proliferation, first, last)
        expected = theory(diffusion, proliferation, middle)
        rows.append(
            {
                "diffusion_mm2_per_day": diffusion,
                "proliferation_per_day": proliferation,
                "middle_days": round(middle, 1),
                "speed_mm_per_day": round(found, 5),
                "expected_mm_per_day": round(expected, 5),
                "deviation_percent": round(100 * (found / expected - 1), 3),
            }
        )
        print(rows[-1], flush=True)
    fast, slow = (
        speed(0.05, 0.015, 1000.0, 1600.0, aligned=MOST_ALIGNED, along=a)[0] for a in (True, False)
    )
    asked = math.sqrt((1 + 2 * MOST_ALIGNED) / (1 - MOST_ALIGNED))
    worst = max(abs(r["deviation_percent"]) for r in rows)
    n = len(rows)
    path = store(
        "phantom/growth",
        command="python benchmarks/phantom_growth.py",
        data=f"rods of {LENGTH_MM} voxels of {SPACING_MM:g} mm",
        seed=0,
        figures={
            "worst_deviation_percent": figure(worst, n=n, unit="%"),
            "along_to_across": figure(fast / slow, n=1, unit="ratio of speeds"),
            "along_to_across_expected": figure(asked, n=1, unit="ratio of speeds"),
        },
        rows=rows,
    )
    print(f"stored {path}")


if __name__ == "__main__":
    main()
