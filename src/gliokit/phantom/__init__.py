"""Digital glioma patients: images by physics of a tumour that is known everywhere.

In: a seed and what is asked of the tumour. Out: a `DigitalPatient`, a study in the form of
BraTS with its ground truth. Needs no data but the atlas in nilearn's installed package.
"""

from gliokit.phantom.patient import DigitalPatient, TumourTruth, make_patient
from gliokit.phantom.settings import TumourPlan, TumourSettings
from gliokit.phantom.tissue import Tissue
from gliokit.phantom.writing import write_patient

__all__ = [
    "DigitalPatient",
    "Tissue",
    "TumourPlan",
    "TumourSettings",
    "TumourTruth",
    "make_patient",
    "write_patient",
]
