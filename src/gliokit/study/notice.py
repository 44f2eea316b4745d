"""What a stage wants people to know: something missing, odd, or assumed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from types import MappingProxyType

__all__ = ["NOTICES", "REASONS", "Notice", "Severity"]


class Severity(StrEnum):
    """How much a notice matters to the reader of a report."""

    INFO = "info"
    WARNING = "warning"


NOTICES: Mapping[str, tuple[Severity, str]] = MappingProxyType(
    {
        "sequence-missing": (
            Severity.WARNING,
            "{sequence} is not in the study; the segmentation was made without it.",
        ),
        "sequence-recognised": (Severity.INFO, "{file} was taken for {sequence} ({reason})."),
        "file-ignored": (Severity.INFO, "{file} was not used ({reason})."),
        "labels-converted": (
            Severity.INFO,
            "Labels of {file} were read as {generation} and converted to those of BraTS 2023.",
        ),
        "labels-already-converted": (
            Severity.INFO,
            "{file} is named as of {generation} but holds a 3, which that generation has not; "
            "its labels were read as those of BraTS 2023.",
        ),
        "orientation-unknown": (
            Severity.WARNING,
            "The header of {file} does not say how the image lies in the patient; left and right "
            "may be exchanged and places may be wrong.",
        ),
        "orientation-contradictory": (
            Severity.WARNING,
            "The header of {file} says in two ways how the image lies in the patient (sform and "
            "qform), {apart_mm:.1f} mm apart; the sform was taken.",
        ),
        "grid-resampled": (
            Severity.INFO,
            "Images were resampled from {spacing} mm to 1 mm; measurements are taken there.",
        ),
        "enhancement-guessed": (
            Severity.WARNING,
            "T1C is not in the study: what enhances was guessed from the other sequences.",
        ),
        "seen-in-training": (
            Severity.WARNING,
            "The model was trained on a patient of this name; its answer here shows no skill.",
        ),
        "no-tumour": (Severity.INFO, "No tumour was found."),
        "atlas-uncertain": (
            Severity.WARNING,
            "The match with the atlas is poor (similarity {similarity:.2f}); places may be wrong.",
        ),
        "region-small": (
            Severity.WARNING,
            "{region} measures {volume_ml:.2f} mL; figures below 1 mL are unreliable.",
        ),
        "quality-low": (
            Severity.WARNING,
            "{region} is doubtful: from how sure the model is of it, a Dice of {dice:.2f} with an "
            "expert's outline is expected.",
        ),
        "brain-unusual": (
            Severity.WARNING,
            "The brain measures {volume_ml:.0f} mL, unlike that of the patients that the model "
            "knows; it may be a child's, or cut off.",
        ),
        "sequence-unusual": (
            Severity.WARNING,
            "{sequence} looks unlike that of the patients that the model knows; it may be another "
            "sequence, no MRI, or disturbed.",
        ),
        "sequences-exchanged": (
            Severity.WARNING,
            "{sequence} and {other} may have been exchanged, or be other sequences: with other "
            "names the images would be more like those of the patients that the model knows.",
        ),
        "images-unusual": (
            Severity.WARNING,
            "The images, taken together, look unlike those of the patients that the model knows.",
        ),
        "core-like-fluid": (
            Severity.WARNING,
            "{percent:.0f} % of the core look like fluid; the model does not know cavities after "
            "surgery and may have taken one for tumour.",
        ),
        "many-parts": (
            Severity.WARNING,
            "{region} has {parts:.0f} separate parts; the model learnt from gliomas and does not "
            "know metastases.",
        ),
        "segmentation-given": (
            Severity.INFO,
            "The measurements are those of the given segmentation {file}.",
        ),
    }
)
"""Every notice that gliokit can give: code -> severity and English template.

The templates are the message ids of the catalogues in `reporting/`."""

REASONS: tuple[str, ...] = (
    "by its name",
    "by its JSON sidecar",
    "by the timing in its JSON sidecar",
    "a label map or mask",
    "another kind of image",
    "its name says two sequences",
    "not known by name or JSON sidecar",
    "another file was given by option",
)
"""Every value that `{reason}` takes in a template: message ids of the catalogues as well."""


@dataclass(frozen=True, slots=True)
class Notice:
    """One thing that people should know.

    Args:
        code: Key of `NOTICES`.
        about: File, sequence or region that it is about.
        values: What fills the template.
    """

    code: str
    about: str = ""
    values: Mapping[str, str | float] = field(default_factory=dict)

    def __post_init__(self) -> None:
        object.__setattr__(self, "values", MappingProxyType(dict(self.values)))
        self.message  # noqa: B018  a template that can't be filled fails here, not in a report

    def __reduce__(self) -> tuple[object, ...]:
        return (Notice, (self.code, self.about, dict(self.values)))

    @property
    def severity(self) -> Severity:
        """How much it matters."""
        return NOTICES[self.code][0]

    @property
    def message(self) -> str:
        """The notice in English."""
        return NOTICES[self.code][1].format(**self.values)
