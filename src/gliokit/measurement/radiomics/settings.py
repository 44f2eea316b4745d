"""What an extraction is made of: a validated model, read from TOML, with a digest for tables."""

from __future__ import annotations

import hashlib
import json
from pathlib import Path
from typing import Any, Literal, Self

from pydantic import Field, ValidationError, model_validator

from gliokit.measurement.radiomics.catalogue import FAMILIES, Family
from gliokit.measurement.radiomics.filter_settings import FilterSettings
from gliokit.measurement.radiomics.strict import Strict
from gliokit.study import UsageError

__all__ = [
    "Aggregation",
    "Discretisation",
    "IntensityVolume",
    "Interpolation",
    "RadiomicsSettings",
    "Resegmentation",
    "read_settings",
]

Aggregation = Literal["2D_avg", "2D_comb", "2_5D_avg", "2_5D_comb", "3D_avg", "3D_comb"]
"""How matrices of slices and directions become one value (IBSI 1, 3.6).

`2D_avg` BTW3, `2D_comb` SUJT, `2_5D_avg` JJUI, `2_5D_comb` ZW7Z, `3D_avg` ITBB, `3D_comb`
IAZD: `avg` averages the features of every direction, `comb` merges the directions' matrices;
2D averages over slices, 2.5D merges them. Zones and neighbourhoods, which have no direction,
come as 2D (8QNN), 2.5D (62GR) and 3D (KOBO).
"""


class Interpolation(Strict):
    """A new grid, aligned with the old one at the centre (IBSI 1, 2.4).

    `spacing_mm` of 0 along an axis leaves it as it is: (2, 2, 0) works slice by slice.
    `method` is that of the image; masks are always interpolated linearly, and a voxel with
    at least `mask_threshold` of the region belongs to it.
    """

    spacing_mm: tuple[float, float, float]
    method: Literal["nearest", "linear", "cubic"] = "linear"
    mask_threshold: float = Field(0.5, gt=0, le=1)
    round_intensities: bool = False

    @model_validator(mode="after")
    def _possible(self) -> Self:
        if any(s < 0 for s in self.spacing_mm) or not any(self.spacing_mm):
            raise ValueError("spacing_mm needs sizes above 0 mm, or 0 for an axis left as it is")
        return self


class Resegmentation(Strict):
    """Voxels left out of the intensity mask (IBSI 1, 2.5): never out of the morphological one.

    `range` keeps intensities from its first to its second value, both included. `sigma`
    then leaves out what lies farther from the mean than so many standard deviations.
    """

    range: tuple[float, float] | None = None
    sigma: float | None = Field(None, gt=0)

    @model_validator(mode="after")
    def _ordered(self) -> Self:
        if self.range is not None and not self.range[0] < self.range[1]:
            raise ValueError("the first value of range must be below the second")
        return self


class Discretisation(Strict):
    """Intensities to grey levels from 1 upwards (IBSI 1, 2.7).

    `fixed_number` (K15C) cuts the region's range into `bins`. `fixed_width` (Q3RU) has bins
    of `width`, the first of which begins at `start`: 'minimum' is the lower end of the
    resegmentation range or, without one, the region's least intensity, as IBSI has it;
    'zero' puts an edge at 0 as PyRadiomics does; a number is itself. `none` takes
    intensities that are whole numbers from 1 upwards as levels.
    """

    method: Literal["fixed_number", "fixed_width", "none"] = "fixed_number"
    bins: int = Field(32, ge=2, le=4096)
    width: float = Field(25.0, gt=0)
    start: Literal["minimum", "zero"] | float = "minimum"


class IntensityVolume(Strict):
    """Discretisation for the intensity-volume histogram (IBSI 1, 3.5).

    `none` takes steps of 1 between the least and the greatest intensity, for units that are
    definite and whole, such as HU. `fixed_width` has bins of `width`, `fixed_number` has
    `bins` for intensities in arbitrary units, as MRI has them.
    """

    method: Literal["fixed_number", "fixed_width", "none"] = "fixed_number"
    bins: int = Field(1000, ge=2)
    width: float = Field(1.0, gt=0)


class RadiomicsSettings(Strict):
    """All settings of an extraction. The defaults are IBSI's whole 3-D set for MRI.

    Args of the texture families: `distance_voxels` of GLCM, NGTDM and NGLDM, and
    `dependence_difference`, IBSI's coarseness parameter alpha of NGLDM.
    `filters` each add the intensity and texture features of their response map; form is
    measured once.
    """

    families: tuple[Family, ...] = FAMILIES
    aggregations: tuple[Aggregation, ...] = ("3D_avg", "3D_comb")
    interpolation: Interpolation | None = None
    resegmentation: Resegmentation = Resegmentation()
    discretisation: Discretisation = Discretisation()
    intensity_volume: IntensityVolume = IntensityVolume()
    distance_voxels: int = Field(1, ge=1, le=5)
    dependence_difference: int = Field(0, ge=0)
    filters: tuple[FilterSettings, ...] = ()

    @model_validator(mode="after")
    def _unique(self) -> Self:
        for name in ("families", "aggregations"):
            values = getattr(self, name)
            if not values or len(set(values)) < len(values):
                raise ValueError(f"{name} needs at least one, and each once")
        names = [f.name for f in self.filters]
        if len(set(names)) < len(names):
            raise ValueError(f"two filters have one name: {', '.join(names)}")
        return self

    def digest(self) -> str:
        """Twelve hexadecimal digits that are equal only for equal settings."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        return hashlib.sha256(text.encode()).hexdigest()[:12]


def read_settings(path: Path) -> RadiomicsSettings:
    """Settings from a TOML file.

    Raises:
        UsageError: The file can't be read, isn't TOML, or holds a key or a value that
            the settings don't have; the nearest known key is named.
    """
    import tomllib

    try:
        values = tomllib.loads(path.read_text(encoding="utf-8"))
    except OSError as error:
        raise UsageError(
            "the settings must be a file that can be read", source=path, found=error.strerror
        ) from error
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise UsageError("the settings must be TOML", source=path, found=error) from error
    return _validated(values, path)


def _validated(values: dict[str, Any], path: Path) -> RadiomicsSettings:
    try:
        return RadiomicsSettings.model_validate(values)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        place = ".".join(str(p) for p in first["loc"]) or "settings"
        raise UsageError(
            f"{place}: {first['msg']}", source=path, way_out="docs/radiomics.md lists all settings."
        ) from error
