"""What the doubt of a model means: found on patients that its networks had not seen.

The file `doubt.json` lies beside the card of a model. It names the networks that it holds for
by their checksums, so that a model that was trained again is not judged by its forerunner.
"""

from __future__ import annotations

from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from gliokit.inference import Model
from gliokit.study import UsageError

__all__ = [
    "DOUBT_FILE",
    "Calibration",
    "RegionCalibration",
    "Together",
    "Usual",
    "load_calibration",
]

DOUBT_FILE = "doubt.json"


class _Part(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)


class RegionCalibration(_Part):
    """One region at one quality.

    Dice is expected at `dice_intercept` + `dice_slope` times the region's trust. The others
    are how far the expert's size may lie below and above, as conformal quantiles of the error
    in units of the spread, which `doubt` defines.
    """

    dice_intercept: float
    dice_slope: float
    volume: tuple[float, float]
    longest: tuple[float, float] | None = None
    perpendicular: tuple[float, float] | None = None


class Usual(_Part):
    """One sign of usual images and tumours: mean and standard deviation over the patients."""

    mean: float
    sd: float


class Together(_Part):
    """How sequences go together: signs, and mean, sd and correlation of each over patients.

    `distance_limits` and `gain_limits`, by subset of the sequences ('t1+flair'), are what is
    usual of the distance and of what other names for the images would gain.
    """

    names: tuple[str, ...]
    mean: tuple[float, ...]
    sd: tuple[float, ...]
    correlation: tuple[tuple[float, ...], ...]
    distance_limits: dict[str, float] = {}
    gain_limits: dict[str, float] = {}


class Calibration(_Part):
    """What was found on patients that the networks had not seen.

    Args:
        networks: Checksums of the networks that it holds for.
        made_with: Models that the patients were seen by, by name of their runs' folds.
        level: Of the intervals.
        patients: How many, by whom the intervals are.
        qualities: 'standard' or 'best' -> region -> how to read its doubt.
        usual: Sign that stands alone -> what is usual.
        usual_limit: The largest distance of any sign, in standard deviations, that is usual.
        usual_patients: How many the signs are of.
        together: What is usual of sequences together.
    """

    networks: tuple[str, ...]
    made_with: str
    level: float
    patients: int
    qualities: dict[str, dict[str, RegionCalibration]]
    usual: dict[str, Usual]
    usual_limit: float
    usual_patients: int
    together: Together | None = None


def load_calibration(model: Model) -> Calibration | None:
    """The calibration beside a model's card; None where there is none for its networks.

    Raises:
        UsageError: the file is there and can't be read.
    """
    folders = {network.path.parent for network in model.networks.values()}
    paths = [folder / DOUBT_FILE for folder in folders]
    found = next((path for path in paths if path.is_file()), None)
    if found is None:
        return None
    calibration = _read(found)
    known = {stage.sha256 for stage in model.card.stages}
    return calibration if known == set(calibration.networks) else None


def _read(path: Path) -> Calibration:
    try:
        return Calibration.model_validate_json(path.read_text(encoding="utf-8"))
    except (ValidationError, UnicodeDecodeError) as error:
        raise UsageError(
            "the calibration of a model is one of this version of gliokit",
            source=path,
            found=str(error).splitlines()[0],
            way_out="Calibrate the model again, or take the file away to go without intervals.",
        ) from error
