"""A region of the label maps as what is to be found."""

from __future__ import annotations

from dataclasses import replace

from gliokit.bench.cohort import BenchCohort
from gliokit.study import StudyError
from gliokit.systems import MaskTarget

__all__ = ["with_places"]


def with_places(cohort: BenchCohort, name: str, region: str) -> BenchCohort:
    """The cohort with a region as a target; no system sees the label maps any more.

    Patients without images, or in whose label map the region is not known, have no known target.

    Args:
        cohort: With images, as of `with_images`.
        name: Of the target, such as 'tumour'.
        region: Such as 'WT'.

    Raises:
        StudyError: nobody's region is drawn.
    """
    images = cohort.inputs.images
    masks = tuple(
        None if i is None or region not in i.regions else i.open_label_map for i in images
    )
    if not any(masks):
        regions = sorted({r for i in images if i is not None for r in i.regions})
        raise StudyError(f"region '{region}' is drawn", source=cohort.name,
                         found=", ".join(regions) or "no label map")  # fmt: skip
    return replace(
        cohort,
        inputs=cohort.inputs.without_regions(),
        targets={**cohort.targets, name: MaskTarget(name, region, masks)},
    )
