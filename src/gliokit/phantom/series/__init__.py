"""Series and other modalities of a digital patient, each with its truth.

In: `TruthMaps`. Out: a `Series` or `Volume` and what made it.
"""

from gliokit.phantom.series.bold import SimulatedBold, make_bold
from gliokit.phantom.series.bolus import Bolus
from gliokit.phantom.series.ct import SimulatedCt, make_ct
from gliokit.phantom.series.diffusion import DiffusionTruth, SimulatedDwi, make_dwi
from gliokit.phantom.series.directions import DiffusionTable, diffusion_table
from gliokit.phantom.series.perfusion import SimulatedDsc, make_dsc
from gliokit.phantom.series.perfusion_truth import DscProtocol, PerfusionTruth
from gliokit.phantom.series.pet import SimulatedPet, make_fet_pet

__all__ = [
    "Bolus",
    "DiffusionTable",
    "DiffusionTruth",
    "DscProtocol",
    "PerfusionTruth",
    "SimulatedBold",
    "SimulatedCt",
    "SimulatedDsc",
    "SimulatedDwi",
    "SimulatedPet",
    "diffusion_table",
    "make_bold",
    "make_ct",
    "make_dsc",
    "make_dwi",
    "make_fet_pet",
]
