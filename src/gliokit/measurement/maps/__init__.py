"""Maps of diffusion, perfusion and slow fluctuations.

In: a `Series`, or curves of voxels (voxel, frame). Out: maps on its grid, or one value a voxel.
"""

from gliokit.measurement.maps.deconvolution import oscillation_index, scaled_residue
from gliokit.measurement.maps.fluctuation import (
    SLOW_BANDS_HZ,
    fluctuation_amplitude,
    kendall_w,
    regional_homogeneity,
)
from gliokit.measurement.maps.free_water import FreeWater, free_water_from_shells
from gliokit.measurement.maps.free_water_prior import free_water_from_one_shell, pure_signals
from gliokit.measurement.maps.of_series import (
    DiffusionMaps,
    FreeWaterMaps,
    PerfusionMaps,
    diffusion_maps,
    free_water_maps,
    perfusion_maps,
)
from gliokit.measurement.maps.perfusion import Perfusion, concentration, perfusion
from gliokit.measurement.maps.tensor import (
    TensorFigures,
    apparent_diffusion,
    fit_tensor,
    tensor_figures,
)

__all__ = [
    "SLOW_BANDS_HZ",
    "DiffusionMaps",
    "FreeWater",
    "FreeWaterMaps",
    "Perfusion",
    "PerfusionMaps",
    "TensorFigures",
    "apparent_diffusion",
    "concentration",
    "diffusion_maps",
    "fit_tensor",
    "fluctuation_amplitude",
    "free_water_from_one_shell",
    "free_water_from_shells",
    "free_water_maps",
    "kendall_w",
    "oscillation_index",
    "perfusion",
    "perfusion_maps",
    "pure_signals",
    "regional_homogeneity",
    "scaled_residue",
    "tensor_figures",
]
