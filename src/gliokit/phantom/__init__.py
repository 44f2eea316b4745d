"""Digital glioma patients: images by physics of a tumour that is known everywhere.

In: a seed and what is asked of the tumour. Out: a `DigitalPatient`, a study in the form of
BraTS with its ground truth. Needs no data but the atlas in nilearn's installed package.
"""

from gliokit.phantom.dicom import write_dicom
from gliokit.phantom.follow_up import VISITS, FollowUp, Visit, follow_up
from gliokit.phantom.head import with_head
from gliokit.phantom.patient import DigitalPatient, TumourTruth, make_patient
from gliokit.phantom.settings import BrainSettings, TumourPlan, TumourSettings
from gliokit.phantom.tissue import Tissue
from gliokit.phantom.truth import TruthMaps
from gliokit.phantom.writing import write_bids, write_patient

__all__ = [
    "VISITS",
    "BrainSettings",
    "DigitalPatient",
    "FollowUp",
    "Tissue",
    "TruthMaps",
    "TumourPlan",
    "TumourSettings",
    "TumourTruth",
    "Visit",
    "follow_up",
    "make_patient",
    "with_head",
    "write_bids",
    "write_dicom",
    "write_patient",
]
