"""What a voxel is made of, and how each tissue relaxes."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from types import MappingProxyType

from gliokit.study import UsageError

__all__ = ["RELAXATION", "Relaxation", "Tissue", "relaxation"]


class Tissue(StrEnum):
    """One constituent of a voxel."""

    WHITE_MATTER = "white_matter"
    GREY_MATTER = "grey_matter"
    DEEP_GREY = "deep_grey"
    PALLIDUM = "pallidum"
    CSF = "csf"
    BLOOD = "blood"
    MENINGES = "meninges"
    OEDEMA = "oedema"
    TUMOUR = "tumour"
    NECROSIS = "necrosis"
    MYXOID = "myxoid"
    CALCIUM = "calcium"
    HAEMORRHAGE = "haemorrhage"
    CAVITY = "cavity"
    REACTION = "reaction"


@dataclass(frozen=True, slots=True)
class Relaxation:
    """How a tissue answers to a pulse.

    Args:
        t1_ms: Longitudinal relaxation time.
        t2_ms: Transverse relaxation time.
        density: Proton density, relative to free water.
        spread: Standard deviation of T1 between places of one patient, as a share; T2 varies 2.4
            times as much.
    """

    t1_ms: float
    t2_ms: float
    density: float
    spread: float


RELAXATION: Mapping[float, Mapping[Tissue, Relaxation]] = MappingProxyType(
    {
        1.5: {
            Tissue.WHITE_MATTER: Relaxation(840, 75, 0.71, 0.012),
            Tissue.GREY_MATTER: Relaxation(1120, 96, 0.82, 0.015),
            Tissue.CSF: Relaxation(4000, 1500, 1.00, 0.01),
            Tissue.BLOOD: Relaxation(1480, 180, 0.85, 0.05),
            Tissue.MENINGES: Relaxation(820, 41, 0.45, 0.10),
            Tissue.OEDEMA: Relaxation(1310, 168, 0.84, 0.09),
            Tissue.TUMOUR: Relaxation(1230, 126, 0.85, 0.08),
            Tissue.NECROSIS: Relaxation(1560, 168, 0.91, 0.10),
            Tissue.DEEP_GREY: Relaxation(980, 86, 0.80, 0.015),
            Tissue.PALLIDUM: Relaxation(880, 70, 0.76, 0.015),
            Tissue.MYXOID: Relaxation(2500, 450, 0.96, 0.03),
            Tissue.CALCIUM: Relaxation(700, 14, 0.35, 0.10),
            Tissue.HAEMORRHAGE: Relaxation(380, 62, 0.85, 0.10),
            Tissue.CAVITY: Relaxation(3000, 900, 0.99, 0.03),
            Tissue.REACTION: Relaxation(1280, 140, 0.85, 0.06),
        },
        3.0: {
            Tissue.WHITE_MATTER: Relaxation(950, 74, 0.71, 0.012),
            Tissue.GREY_MATTER: Relaxation(1330, 94, 0.82, 0.015),
            Tissue.CSF: Relaxation(4000, 1500, 1.00, 0.01),
            Tissue.BLOOD: Relaxation(1700, 120, 0.85, 0.05),
            Tissue.MENINGES: Relaxation(1000, 37, 0.45, 0.10),
            Tissue.OEDEMA: Relaxation(1500, 158, 0.84, 0.09),
            Tissue.TUMOUR: Relaxation(1430, 119, 0.85, 0.08),
            Tissue.NECROSIS: Relaxation(1850, 156, 0.91, 0.10),
            Tissue.DEEP_GREY: Relaxation(1200, 76, 0.80, 0.015),
            Tissue.PALLIDUM: Relaxation(1030, 60, 0.76, 0.015),
            Tissue.MYXOID: Relaxation(3000, 420, 0.96, 0.03),
            Tissue.CALCIUM: Relaxation(800, 12, 0.35, 0.10),
            Tissue.HAEMORRHAGE: Relaxation(450, 50, 0.85, 0.10),
            Tissue.CAVITY: Relaxation(3200, 850, 0.99, 0.03),
            Tissue.REACTION: Relaxation(1550, 135, 0.85, 0.06),
        },
    }
)
"""Relaxation times by field strength.

White and grey matter at 1.5 T lie within a standard deviation of Stanisz et al. 2005, as we
recall it (T1 884 +/- 50 and 1124 +/- 50, T2 72 +/- 4 and 95 +/- 8 ms). At 3 T two sources
differ: Wansapura et al. 1999 (T1 832 and 1331 ms, T2 80 and 110 ms) and, recalled too, Stanisz
(1084 and 1820, 69 and 99 ms). White matter is taken from between them; grey matter has the T1
of the first and a T2 5 % below that of the second, a choice, so that cortex is as bright among
white matter as it is in real images. Published T1 of white matter at 3 T runs from 699 to 1735
ms over methods (Bojorquez et al. 2017). Deep nuclei hold iron: their T2 is shorter
than that of cortex (the pallidum's shorter than that of white matter), their T1 lies between
white matter and cortex. CSF: 4000 to 4500 and about 2000 ms, less
in a voxel that flow and pulsation dephase. Blood: Lu et al. 2004, Zhao et al. 2007. Meninges
stand for dura and what bone skull stripping leaves, dark in all four images: within 3 mm of the
surface the mean is near that of real brains. Oedema, solid tumour and necrosis are choices, in
the ranges of the field (inferred, too. 1.5 T: oedema T1 1300 to 1600, T2 150 to 200; solid 1200 to
1500, 110 to 150 ms. 3 T: oedema 1500 to 1900, 130 to 180; solid 1400 to 1800, 100 to 150 ms),
set so that the regions of digital patients are as bright among their brain, and vary as
much over 5 mm and more, as those of real ones. Choices of the same kind: myxoid tumour
(T2-FLAIR mismatch: water that FLAIR almost nulls), calcium, blood of some days
(methaemoglobin: short T1), fluid of a resection cavity, and tissue that reacts to radiation
without tumour cells (near solid tumour: that is why it is mistaken for it).

References:
    Wansapura JP et al. J Magn Reson Imaging 1999;9:531. Stanisz GJ et al. Magn Reson Med
    2005;54:507. Bojorquez JZ et al. Magn Reson Imaging 2017;35:69. Lu H et al. Magn Reson
    Med 2004;52:679. Zhao JM et al. Magn Reson Med 2007;58:592.
"""


def relaxation(field_t: float) -> Mapping[Tissue, Relaxation]:
    """The table of one field strength.

    Raises:
        UsageError: no table for this field.
    """
    if field_t not in RELAXATION:
        raise UsageError(
            "relaxation times are known at 1.5 and 3 tesla",
            source="field_t",
            found=field_t,
            way_out="Choose 1.5 or 3.0.",
        )
    return RELAXATION[field_t]
