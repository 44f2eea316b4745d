"""Settings of the filters of IBSI 2, one class a filter."""

from __future__ import annotations

from typing import Annotated, Literal, Self

from pydantic import Field, model_validator

from gliokit.measurement.radiomics.strict import Strict

__all__ = [
    "Boundary",
    "FilterSettings",
    "Gabor",
    "LaplacianOfGaussian",
    "Laws",
    "Mean",
    "NonseparableWavelet",
    "SeparableWavelet",
]

Boundary = Literal["mirror", "nearest", "periodic", "zero"]
"""What lies outside the image (IBSI 2, GBYQ): 'mirror' repeats it with the border voxel
itself (d c b a | a b c d), 'nearest' its border voxel, 'periodic' its other side."""

Pooling = Literal["max", "mean", "min"]


class _Filter(Strict):
    """`name` goes before the names of the features of the response map, as `name:feature`."""

    name: str = Field(pattern=r"^[A-Za-z0-9][A-Za-z0-9_.+-]*$")
    boundary: Boundary = "mirror"
    by_slice: bool = False


class Mean(_Filter):
    """Average over a square or cube of `support_voxels` (S60F)."""

    kind: Literal["mean"] = "mean"
    support_voxels: int = Field(ge=1)

    @model_validator(mode="after")
    def _odd(self) -> Self:
        if self.support_voxels % 2 == 0:
            raise ValueError("support_voxels must be odd")
        return self


class LaplacianOfGaussian(_Filter):
    """Laplacian of a Gaussian of `sigma_mm`, cut off at `cutoff` sigmas (L6PA)."""

    kind: Literal["log"] = "log"
    sigma_mm: float = Field(gt=0)
    cutoff: float = Field(4.0, gt=0)


class Laws(_Filter):
    """Laws' kernels (JTXT), one letter and width an axis, such as 'L5E5S5' or 'E3W5R5'.

    `rotation_invariant` pools the responses of all right-angled rotations by `pooling`.
    `energy_distance_voxels` is Chebyshev's distance that the energy map averages absolute
    responses over; 0 gives the response itself.
    """

    kind: Literal["laws"] = "laws"
    kernels: str = Field(pattern=r"^([LESWR][35]){2,3}$")
    rotation_invariant: bool = False
    pooling: Pooling = "max"
    energy_distance_voxels: int = Field(0, ge=0)

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        if len(self.kernels) != (4 if self.by_slice else 6):
            raise ValueError("kernels needs two letters by slice and three in 3-D")
        if "W3" in self.kernels or "R3" in self.kernels:
            raise ValueError("W and R have five taps: W5, R5")
        return self


class Gabor(_Filter):
    """Modulus of the response to Gabor's filter (Q88H), in slices.

    Args: `sigma_mm` of the Gaussian envelope, `wavelength_mm`, `gamma` the spatial aspect
    ratio, `theta_degrees` the orientation. With `rotation_invariant` orientations in steps
    of `theta_degrees` are averaged; unless `by_slice`, the slices along all three axes are.
    """

    kind: Literal["gabor"] = "gabor"
    sigma_mm: float = Field(gt=0)
    wavelength_mm: float = Field(gt=0)
    gamma: float = Field(1.0, gt=0)
    theta_degrees: float = 0.0
    rotation_invariant: bool = False
    pooling: Pooling = "mean"


class SeparableWavelet(_Filter):
    """Undecimated separable wavelet (25BO): `bands` such as 'LLH', one letter an axis.

    `level` of decomposition; `rotation_invariant` pools all right-angled rotations.
    """

    kind: Literal["wavelet"] = "wavelet"
    wavelet: Literal["haar", "db2", "db3", "coif1"] = "haar"
    bands: str = Field(pattern=r"^[LH]{2,3}$")
    level: int = Field(1, ge=1, le=6)
    rotation_invariant: bool = False
    pooling: Pooling = "mean"

    @model_validator(mode="after")
    def _fitting(self) -> Self:
        if len(self.bands) != (2 if self.by_slice else 3):
            raise ValueError("bands needs two letters by slice and three in 3-D")
        return self


class NonseparableWavelet(_Filter):
    """Isotropic wavelet in the Fourier domain: Simoncelli's (PRT7) or Shannon's (BDA7).

    The image is periodic for this filter (the Fourier transform has no other border).
    """

    kind: Literal["nonseparable"] = "nonseparable"
    wavelet: Literal["simoncelli", "shannon"] = "simoncelli"
    level: int = Field(1, ge=1, le=6)
    boundary: Boundary = "periodic"

    @model_validator(mode="after")
    def _periodic(self) -> Self:
        if self.boundary != "periodic":
            raise ValueError("a filter in the Fourier domain has a periodic boundary")
        return self


FilterSettings = Annotated[
    Mean | LaplacianOfGaussian | Laws | Gabor | SeparableWavelet | NonseparableWavelet,
    Field(discriminator="kind"),
]
