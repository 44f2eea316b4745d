"""From a body and a lesion to a patient: images, labels and maps on the whole grid."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

from gliokit.phantom.acquisition import Acquisition
from gliokit.phantom.anatomy import Frame
from gliokit.phantom.composition import leaking, make_images, mixed
from gliokit.phantom.imaging import Picture
from gliokit.phantom.lesion import Lesion
from gliokit.phantom.patient import DigitalPatient, Making, TumourTruth
from gliokit.phantom.tissue import Tissue
from gliokit.phantom.truth import TruthMaps
from gliokit.study import BRATS, Grid, LabelMap, Modality, Study, Volume

__all__ = ["assemble"]

# Of a voxel full of vasogenic oedema, how much is free water: its ADC of 1.2 to 1.8 lies
# between 0.8 (tissue) and 3.0 (water), in 1e-3 mm^2/s.
FREE_WATER = np.float32(0.35)
# Density of cells at which white matter has lost its anisotropy.
DISPLACING = np.float32(0.85)
# FA of living tumour where nothing ran before, and where fibres all ran one way: tumour cells
# lie along what is left of them. Solid gliomas have 0.1 to 0.25.
SOLID_FA = (0.10, 0.28)

Array = NDArray[np.float32]


def assemble(
    made: Making,
    lesion: Lesion | None,
    *,
    acquisition: Acquisition,
    subject: str,
    visit: str = "",
) -> DigitalPatient:
    """Image a body with a lesion, and lay all that is known on the whole grid.

    Args:
        made: What the patient is made from.
        lesion: What the images show: that of `made`, or what treatment has made of it.
        acquisition: The scanner's protocol.
        subject: Name of the study.
        visit: Names the chance of the images' noise, so that visits differ in it.
    """
    body, regions = made.body, None if lesion is None else lesion.regions
    shares = mixed(body, regions)
    pictures = make_images(
        body, regions, shares, acquisition=acquisition, table=made.table, chance=made.chance,
        visit=visit,
    )  # fmt: skip
    whole, brain = body.frame.whole, body.anatomy.brain
    labels = np.zeros(brain.shape, np.uint8) if regions is None else regions.labels
    grid = body.frame.grid
    truth = LabelMap(grid, whole(labels), BRATS if regions is None else regions.scheme)
    volumes = {
        modality: Volume.from_array(modality, grid, whole(p.on_frame), source="digital patient")
        for modality, p in pictures.items()
    }
    maps = _maps(made, lesion, shares, truth)
    return DigitalPatient(
        seed=made.chance.seed,
        study=Study(subject, volumes),
        acquired=MappingProxyType(
            {m: _acquired(m, p, body.frame) for m, p in pictures.items()}
        ),
        truth=truth,
        brain=maps.brain,
        tissue=maps.tissue_fractions,
        maps=maps,
        tumour=_known(made, lesion, maps),
        volumes_ml=MappingProxyType(_volumes_ml(truth, brain)),
        acquisition=acquisition,
        made=made,
    )  # fmt: skip


def _maps(
    made: Making, lesion: Lesion | None, shares: Mapping[Tissue, Array], truth: LabelMap
) -> TruthMaps:
    body, anatomy = made.body, made.body.anatomy
    whole = body.frame.whole
    density = np.zeros(anatomy.brain.shape, dtype=np.float32)
    regions = None
    if lesion is not None:
        regions = lesion.regions
        density = lesion.spread.density * (1 - anatomy.csf) * anatomy.brain
    core = shares[Tissue.CSF] * 0
    for tissue in () if regions is None else regions.parts:
        core += shares[tissue]
    left = np.clip(1 - density / DISPLACING, 0, 1) * (1 - core)
    low, high = (np.float32(fa) for fa in SOLID_FA)
    solid = shares.get(Tissue.TUMOUR, 0 * core) * (np.abs(body.fibres).max(axis=-1) > 0)
    anisotropy = body.anisotropy * left + solid * (low + (high - low) * body.anisotropy)
    fibres = np.zeros((*truth.grid.shape, 3), dtype=np.float32)
    fibres[body.frame.box] = body.fibres
    fibres.setflags(write=False)
    wet = shares.get(Tissue.OEDEMA)
    return TruthMaps(
        grid=truth.grid,
        brain=whole(anatomy.brain),
        tissue_fractions=MappingProxyType({t: whole(share) for t, share in shares.items()}),
        cell_density=whole(density.astype(np.float32)),
        leakage=whole(leaking(shares, regions)),
        oedema=whole(np.zeros_like(core) if wet is None else FREE_WATER * wet),
        vessels=whole(shares[Tissue.BLOOD]),
        fibres=fibres,
        anisotropy=whole(anisotropy.astype(np.float32)),
        labels=truth.data,
        lobes=whole(anatomy.lobes),
    )


def _acquired(modality: Modality, picture: Picture, frame: Frame) -> Volume:
    """On its native grid, which covers the frame."""
    affine = frame.grid.affine.copy()
    spacing = frame.grid.spacing_mm[0]
    slices = picture.slices_mm
    apart_mm = float(slices[1] - slices[0])
    first = [frame.box[0].start, frame.box[1].start, slices[0] / spacing - 0.5, 1.0]
    origin = affine @ np.array(first)
    affine[:3, 2] *= apart_mm / spacing
    affine[:3, 3] = origin[:3]
    grid = Grid(picture.acquired.shape, affine)
    return Volume.from_array(modality, grid, picture.acquired, source="digital patient")


def _known(made: Making, lesion: Lesion | None, maps: TruthMaps) -> TumourTruth | None:
    start = made.start
    if start is None or lesion is None:
        return None
    agent = maps.leakage * np.float32(lesion.regions.agent_mm)
    agent.setflags(write=False)
    return TumourTruth(
        plan=start.plan,
        seed_point_mm=start.points_mm[0],
        side=start.plan.side,
        days=lesion.spread.days,
        density=maps.cell_density,
        leakage_mm=agent,
        seed_points_mm=start.points_mm,
        place_as_asked=start.as_asked,
    )


def _volumes_ml(truth: LabelMap, brain: NDArray[np.bool_]) -> dict[str, float]:
    voxel_ml = truth.grid.voxel_ml
    volumes = {"brain": int(brain.sum()) * voxel_ml}
    for name, value in truth.labels.values.items():
        volumes[name] = int((truth.data == value).sum()) * voxel_ml
    volumes["TC"] = volumes["NCR"] + volumes["ET"]
    volumes["WT"] = volumes["TC"] + volumes["ED"]
    return volumes
