"""The person: age, sex, performance, operation and treatment."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import Literal

from gliokit.phantom.population.draws import Draws
from gliokit.phantom.population.showing import Showing

__all__ = ["AGE_LIMITS_YEARS", "Clinic", "Resection", "draw_clinic"]

Sex = Literal["female", "male"]
Resection = Literal["gross total", "subtotal", "biopsy"]

AGE_LIMITS_YEARS = (18.0, 90.0)
KPS_LIMITS = (20, 100)
NORMAL = NormalDist()


@dataclass(frozen=True, slots=True)
class Clinic:
    """What stands in a patient's notes.

    Args:
        age_years: At diagnosis.
        sex: As said.
        kps: Karnofsky performance, in tens.
        resection: Extent.
        radiotherapy: Given after the operation.
        temozolomide: Given after the operation.
    """

    age_years: float
    sex: Sex
    kps: int
    resection: Resection
    radiotherapy: bool
    temozolomide: bool


def draw_clinic(draws: Draws, showing: Showing) -> Clinic:
    """The person of a patient.

    Definition: age normal within the class, cut at 18 and 90; performance normal around
    the mean of the class, less with age; operation and radiotherapy by class; temozolomide
    by whether there is radiotherapy.

    Args:
        draws: Of the patient.
        showing: With the table of frequencies.
    """
    table = showing.table
    mean, sd = showing.mean("age_years"), showing.sd("age_years")
    low, high = (NORMAL.cdf((limit - mean) / sd) for limit in AGE_LIMITS_YEARS)
    age = mean + sd * NORMAL.inv_cdf(low + draws["age"] * (high - low))
    kps = (
        showing.mean("kps")
        + table.value("kps_per_year", "all") * (age - mean)
        + showing.sd("kps") * draws.normal("kps")
    )
    total, biopsy = showing.share("resection_gross_total"), showing.share("biopsy_only")
    extent: tuple[Resection, ...] = ("gross total", "biopsy", "subtotal")
    irradiated = draws.happens("radiotherapy", showing.share("radiotherapy"))
    given = "irradiated" if irradiated else "not_irradiated"
    return Clinic(
        age_years=round(age, 1),
        sex="male" if draws.happens("sex", showing.share("male")) else "female",
        kps=min(max(10 * round(kps / 10), KPS_LIMITS[0]), KPS_LIMITS[1]),
        resection=extent[draws.choice("resection", (total, biopsy, max(1 - total - biopsy, 0.0)))],
        radiotherapy=irradiated,
        temozolomide=draws.happens("temozolomide", table.value("temozolomide", given)),
    )
