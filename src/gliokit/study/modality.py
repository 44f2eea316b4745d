"""The kinds of images that a study may hold."""

from __future__ import annotations

from enum import StrEnum

__all__ = ["STRUCTURAL", "Modality"]


class Modality(StrEnum):
    """One kind of image. The value is how gliokit spells it in files and options."""

    T1 = "t1"
    T1C = "t1c"
    T2 = "t2"
    FLAIR = "flair"
    ADC = "adc"
    FA = "fa"
    MD = "md"
    DWI = "dwi"
    DSC = "dsc"
    PET = "pet"
    CT = "ct"
    BOLD = "bold"


STRUCTURAL = (Modality.T1, Modality.T1C, Modality.T2, Modality.FLAIR)
"""The four sequences that the house segmenter reads, in its channel order."""
