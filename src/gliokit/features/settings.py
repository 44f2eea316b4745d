"""What a feature table is made of."""

from __future__ import annotations

import json
from typing import Literal

from pydantic import BaseModel, ConfigDict, field_validator

from gliokit.batch import digest_of_text
from gliokit.inference import DEFAULT_MODEL, load_model
from gliokit.measurement.radiomics import RadiomicsSettings
from gliokit.study import STRUCTURAL, UsageError
from gliokit.study.labels import SCHEMES

__all__ = ["GROUPS", "REGIONS", "FeatureSettings", "Group"]

Group = Literal["radiomics", "margin", "signs", "deep"]

GROUPS: tuple[Group, ...] = ("radiomics", "margin", "signs", "deep")
"""IBSI's features; the margin's shape; signs, proportions and places of the whole tumour; what
a network's narrowest place says."""

REGIONS: tuple[str, ...] = tuple(
    dict.fromkeys(n for s in SCHEMES.values() for n in (*s.regions, *s.values))
)
"""Every region and label that a scheme knows."""


class FeatureSettings(BaseModel):
    """Which features of which regions, from which maps and images.

    `maps` says whose regions: the 'expert' maps of the cohort, or 'automatic' ones of
    `model`. `head` takes images with their skull, which are then not resampled, and compares
    intensities over the whole head. `sequences` of () are all that a study has.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")

    regions: tuple[str, ...] = ("WT", "TC", "ET")
    sequences: tuple[str, ...] = ()
    groups: tuple[Group, ...] = ("radiomics", "margin")
    radiomics: RadiomicsSettings = RadiomicsSettings()
    maps: Literal["expert", "automatic"] = "expert"
    head: bool = False
    model: str = DEFAULT_MODEL

    @field_validator("regions")
    @classmethod
    def _known_regions(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        return _chosen("region", tuple(v.upper() for v in value), REGIONS)

    @field_validator("sequences")
    @classmethod
    def _known_sequences(cls, value: tuple[str, ...]) -> tuple[str, ...]:
        known = tuple(m.value for m in STRUCTURAL)
        return _chosen("sequence", tuple(v.lower() for v in value), known) if value else ()

    @field_validator("groups")
    @classmethod
    def _some_groups(cls, value: tuple[Group, ...]) -> tuple[Group, ...]:
        if not value:
            raise UsageError(f"a table has features of {', '.join(GROUPS)}", found="none")
        return tuple(g for g in GROUPS if g in value)

    def needs_model(self) -> bool:
        """Whether a network runs at all."""
        return self.maps == "automatic" or "deep" in self.groups

    def check(self) -> None:
        """Hold what can be held before any patient is read.

        Raises:
            UsageError: a network or the atlas is to see heads, signs are asked for without
                WT, or there is no such model.
        """
        unfit: list[str] = [g for g in ("deep", "signs") if g in self.groups]
        unfit += ["automatic maps"] if self.maps == "automatic" else []
        if self.head and unfit:
            raise UsageError(
                "networks and the atlas see brains without their skull",
                source="head",
                found=", ".join(unfit),
                way_out="Strip the skull first, or leave these out.",
            )
        if "signs" in self.groups and "WT" not in self.regions:
            raise UsageError(
                "signs stand with the whole tumour",
                source="regions",
                found=", ".join(self.regions),
                way_out="Add wt to the regions, or leave signs out.",
            )
        if self.needs_model():
            load_model(self.model)

    def digest(self) -> str:
        """Twelve hexadecimal digits, equal only for equal settings and networks."""
        text = json.dumps(self.model_dump(mode="json"), sort_keys=True)
        networks: list[str] = []
        if self.needs_model():
            networks = [stage.sha256 for stage in load_model(self.model).card.stages]
        return digest_of_text(text, *networks)[:12]


def _chosen(what: str, asked: tuple[str, ...], known: tuple[str, ...]) -> tuple[str, ...]:
    unknown = [a for a in asked if a not in known]
    if unknown or not asked:
        raise UsageError(
            f"a {what} is one of {', '.join(known)}", found=", ".join(unknown) or "none"
        )
    return tuple(dict.fromkeys(asked))
