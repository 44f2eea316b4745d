"""How far an automatic segmentation is to be believed: intervals, and what to warn of."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping

from gliokit.inference import Model
from gliokit.measurement import Measurements
from gliokit.preprocessing import PreparedStudy
from gliokit.segmentation import Segmentation
from gliokit.segmentation.calibration import Calibration, load_calibration
from gliokit.segmentation.doubt import LOW_DICE, doubt_of, expected_dice
from gliokit.segmentation.signs import image_signs, sequences_of, tumour_signs
from gliokit.segmentation.together import distance, exchanged, key_of
from gliokit.segmentation.unusual import Sign, unusual_signs
from gliokit.study import Notice

__all__ = ["doubts", "notice_of", "with_doubt"]


def with_doubt(
    figures: Measurements, automatic: Segmentation, network: Model, quality: str
) -> Measurements:
    """The figures of an automatic segmentation with their intervals, where the model has any."""
    known = load_calibration(network)
    doubt = doubt_of(figures, automatic.looks, known, quality=quality)
    return figures.model_copy(update={"doubt": doubt})


def doubts(
    prepared: PreparedStudy,
    automatic: Segmentation,
    network: Model,
    quality: str,
    *,
    measured: bool = True,
) -> tuple[Notice, ...]:
    """What makes the answer doubtful; none of a model that nobody has calibrated.

    Args:
        prepared: The study.
        automatic: What the network found.
        network: Of it.
        quality: That it was made with.
        measured: Whether the automatic regions are what is measured.
    """
    known = load_calibration(network)
    if known is None:
        return ()
    signs = image_signs(prepared)
    if measured:
        signs |= tumour_signs(prepared, automatic.label_map)
    told = [*_together(signs, known), *(notice_of(sign) for sign in unusual_signs(signs, known))]
    # Several signs of one sequence or region say the same; the farthest speaks for it.
    unlike: dict[tuple[str, str], Notice] = {}
    for notice in told:
        unlike.setdefault((notice.code, notice.about), notice)
    low = _low(automatic, known, quality) if measured else ()
    return (*low, *unlike.values())


def _together(signs: Mapping[str, float], known: Calibration) -> Iterator[Notice]:
    """Sequences that may have been exchanged; else, images that don't go together."""
    usual, key = known.together, key_of(signs)
    if usual is None or key not in usual.gain_limits:
        return
    gain, changed = exchanged(signs, usual)
    if gain > max(usual.gain_limits[key], 0.0) and len(changed) == 2:
        one, other = (m.upper() for m in changed)
        yield Notice("sequences-exchanged", f"{one} {other}", {"sequence": one, "other": other})
    elif (
        gain > max(usual.gain_limits[key], 0.0)
        or distance(signs, usual) > usual.distance_limits[key]
    ):
        yield Notice("images-unusual")


def _low(automatic: Segmentation, known: Calibration, quality: str) -> Iterator[Notice]:
    """Regions that there are and whose expected Dice is low."""
    looks = automatic.looks or {}
    for region, read in known.qualities.get(quality, {}).items():
        # A slope of 0 says the mean of all patients and nothing of this one.
        knows = read.dice_slope != 0
        if knows and region in looks and automatic.label_map.region(region).any():
            dice = expected_dice(looks[region], read)
            if dice < LOW_DICE:
                yield Notice("quality-low", region, {"region": region, "dice": dice})


def notice_of(sign: Sign) -> Notice:
    """What an unusual sign is told as."""
    if sign.name == "brain_log_ml":
        return Notice("brain-unusual", values={"volume_ml": math.exp(sign.value)})
    if sign.name == "core_fluid":
        return Notice("core-like-fluid", "TC", {"percent": 100 * sign.value})
    if sign.name.endswith("_log_parts"):
        region = {"whole": "WT", "core": "TC"}[sign.name.split("_")[0]]
        return Notice("many-parts", region, {"region": region, "parts": math.exp(sign.value)})
    name = sequences_of(sign.name)[0].upper()
    return Notice("sequence-unusual", name, {"sequence": name})
