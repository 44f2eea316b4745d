"""A patient's images of one visit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from gliokit.study.errors import StudyError
from gliokit.study.modality import Modality
from gliokit.study.notice import Notice
from gliokit.study.volume import Volume

__all__ = ["Study"]


@dataclass(frozen=True, slots=True, eq=False)
class Study:
    """The images of one visit: at least one, and one of each modality.

    Args:
        subject: Name of the patient as the data set gives it.
        volumes: Image of each modality.
        session: Name of the visit; empty where there is only one.
        notices: What the reader wants people to know.
    """

    subject: str
    volumes: Mapping[Modality, Volume]
    session: str = ""
    notices: tuple[Notice, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "volumes", MappingProxyType(dict(self.volumes)))
        if not self.volumes:
            raise StudyError("a study has at least one image", source=self.subject)
        for modality, volume in self.volumes.items():
            if volume.modality is not modality:
                raise StudyError(
                    f"the image of {modality} is a {modality} image",
                    source=self.subject,
                    found=volume.modality,
                )

    def loaded(self) -> Study:
        """Itself, with all voxels read, so that what is wrong with a file is said at once.

        Raises:
            StudyError: voxels can't be read.
        """
        for volume in self.volumes.values():
            volume.data  # noqa: B018
        return self

    def __reduce__(self) -> tuple[object, ...]:
        return (Study, (self.subject, dict(self.volumes), self.session, self.notices))
