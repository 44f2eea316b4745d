"""Make the pictures of docs/gallery.md: digital patients alone, the same for the same code.

    OMP_NUM_THREADS=1 python docs/make_gallery.py

Writes docs/images/gallery_*.png; names as arguments make those alone.
"""

from __future__ import annotations

import sys
from collections.abc import Callable, Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageDraw

from gliokit.measurement.maps import diffusion_maps, fluctuation_amplitude, perfusion_maps
from gliokit.phantom import (
    VISITS,
    BrainSettings,
    DigitalPatient,
    Tissue,
    TumourSettings,
    follow_up,
    make_patient,
    with_head,
)
from gliokit.phantom.population import effects
from gliokit.phantom.series import make_bold, make_ct, make_dsc, make_dwi, make_fet_pet
from gliokit.study import Modality

IMAGES = Path(__file__).parent / "images"
ORDER = {Modality.T1: "T1", Modality.T1C: "T1C", Modality.T2: "T2", Modality.FLAIR: "FLAIR"}
COLOURS = {1: (70, 110, 255), 2: (70, 200, 90), 3: (255, 80, 70), 4: (250, 220, 60)}
MARGIN_MM, PANEL_HIGH, CAPTION_HIGH, GREYS = 6, 200, 14, 120
BASELINE = slice(2, 9)

Array = NDArray[np.float32]
Panel = tuple[str, NDArray[np.uint8]]

GLIOBLASTOMA = TumourSettings(
    whole_ml=95.0, core_fraction=0.42, necrotic_fraction=0.45, lobe="parietal", side="right",
    haemorrhage=0.0,
)  # fmt: skip
PATIENTS: dict[str, tuple[int, TumourSettings, BrainSettings | None]] = {
    "glioblastoma": (11, GLIOBLASTOMA, None),
    "astrocytoma": (
        12,
        TumourSettings(
            whole_ml=70.0, core_fraction=0.75, necrotic_fraction=0.0, lobe="frontal", side="left",
            enhancement_share=0.0, margin_sharpness=0.85, mismatch=0.9, haemorrhage=0.0,
        ),
        BrainSettings(atrophy=0.1),
    ),
    "oligodendroglioma": (
        13,
        TumourSettings(
            whole_ml=55.0, core_fraction=0.6, necrotic_fraction=0.0, lobe="frontal", side="right",
            enhancement_share=0.1, margin_sharpness=0.3, heterogeneity=0.9, calcification=0.7,
            cortical=0.95, haemorrhage=0.0,
        ),
        BrainSettings(atrophy=0.1),
    ),
    "multifocal": (
        14, TumourSettings(whole_ml=100.0, foci=3, core_fraction=0.4, necrotic_fraction=0.4), None
    ),
    "metastases": (
        15, TumourSettings(kind="metastasis", foci=5, whole_ml=80.0, core_fraction=0.3), None
    ),
}  # fmt: skip
CLASSES = {
    "glioblastoma": ("wildtype_4",),
    "astrocytoma": ("astro_2",),
    "oligodendroglioma": ("oligo_2", "oligo"),
    "multifocal": ("wildtype_4",),
}


def grey(image: Array, low: float, high: float) -> NDArray[np.uint8]:
    """An axial slice (i to the left, j to the back) as rows and columns of a picture."""
    shown = np.clip((image.T - low) / max(high - low, 1e-6), 0, 1)
    return np.repeat(np.rint(shown * 255).astype(np.uint8)[..., None], 3, axis=2)


def labelled(under: NDArray[np.uint8], labels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    """Labels in colour over a picture."""
    shown = under.astype(np.float32)
    for value, colour in COLOURS.items():
        there = np.equal(labels.T, value)
        shown[there] = 0.4 * shown[there] + 0.6 * np.array(colour, dtype=np.float32)
    return shown.astype(np.uint8)


def window(image: Array, brain: NDArray[np.bool_]) -> tuple[float, float]:
    low, high = np.percentile(image[brain], (0.5, 99.7))
    return 0.6 * float(low), float(high)


def box(brain: NDArray[np.bool_], spacing_mm: float) -> tuple[slice, slice]:
    """The brain's rows and columns with a margin."""
    margin, found = round(MARGIN_MM / spacing_mm), []
    for axis in (0, 1):
        there = np.flatnonzero(brain.any(axis=tuple(a for a in range(3) if a != axis)))
        found.append(slice(max(int(there[0]) - margin, 0), int(there[-1]) + margin + 1))
    return found[0], found[1]


def section(patient: DigitalPatient) -> int:
    """The axial slice with the most of the core in it."""
    weight = patient.truth.region("WT") * 1.0 + 2.0 * patient.truth.region("TC")
    return int(np.argmax(weight.sum(axis=(0, 1))))


def structural(patient: DigitalPatient, at: int | None = None) -> list[Panel]:
    """The four images and the labels over FLAIR, in one axial slice."""
    at = section(patient) if at is None else at
    rows, columns = box(patient.brain, patient.truth.grid.spacing_mm[0])
    panels: list[Panel] = []
    for modality, name in ORDER.items():
        image = patient.study.volumes[modality].data
        panels.append((name, grey(image[rows, columns, at], *window(image, patient.brain))))
    labels = patient.truth.data[rows, columns, at]
    return [*panels, ("labels", labelled(panels[-1][1], labels))]


def picture(name: str, rows: Sequence[Sequence[Panel]], high: int = PANEL_HIGH) -> None:
    """Panels in rows, each with its name above, as a small PNG."""
    drawn = []
    for row in rows:
        panels = []
        for caption, pixels in row:
            wide = round(pixels.shape[1] * high / pixels.shape[0])
            panel = Image.new("RGB", (wide, high + CAPTION_HIGH))
            fine = Image.fromarray(pixels).resize((wide, high), Image.Resampling.BICUBIC)
            panel.paste(fine, (0, CAPTION_HIGH))
            ImageDraw.Draw(panel).text((4, 1), caption, fill=(230, 230, 230))
            panels.append(np.asarray(panel))
        drawn.append(np.concatenate(panels, axis=1))
    wide = max(one.shape[1] for one in drawn)
    sheet = np.concatenate(
        [np.pad(one, ((0, 0), (0, wide - one.shape[1]), (0, 0))) for one in drawn]
    )
    path = IMAGES / f"gallery_{name}.png"
    few_colours(sheet).save(path, optimize=True)
    print(f"{path.name}: {path.stat().st_size / 1000:.0f} kB", flush=True)


def few_colours(sheet: NDArray[np.uint8]) -> Image.Image:
    """Even greys, labels over greys, and colours of the sheet: no thin rim of a label is lost."""
    levels = np.linspace(0, 255, 12)[:, None]
    fixed = [np.repeat(np.linspace(0, 255, GREYS), 3).reshape(-1, 3)]
    fixed += [0.4 * levels + 0.6 * np.array(colour) for colour in COLOURS.values()]
    palette = np.concatenate(fixed).astype(np.uint8).ravel().tolist()
    coloured = sheet[np.ptp(sheet, axis=2) > 0]
    if len(coloured):
        palette += Image.fromarray(coloured[None]).quantize(256 - len(palette) // 3).getpalette()
    of_palette = Image.new("P", (1, 1))
    of_palette.putpalette(palette)
    return Image.fromarray(sheet).quantize(palette=of_palette, dither=Image.Dither.NONE)


def of_kind(kind: str) -> Callable[[], None]:
    def make() -> None:
        seed, tumour, brain = PATIENTS[kind]
        picture(kind, [structural(make_patient(seed=seed, tumour=tumour, brain=brain))])

    return make


def blood_and_calcium() -> None:
    """CT beside T1 and T2: the oligodendroglioma's calcium, and a glioblastoma that bled."""
    rows = []
    for kind, more in (("oligodendroglioma", {}), ("glioblastoma", {"haemorrhage": 0.8})):
        seed, tumour, brain = PATIENTS[kind]
        patient = make_patient(
            seed=seed, tumour=replace(tumour, **more), brain=brain, spacing_mm=1.5
        )
        ct = make_ct(patient.maps, seed=seed).volume.data
        parts = (Tissue.CALCIUM, Tissue.HAEMORRHAGE)
        spots = sum(patient.tissue[t] for t in parts if t in patient.tissue)
        at = int(np.argmax(np.asarray(spots).sum(axis=(0, 1))))
        across, down = box(patient.brain, 1.5)
        panels = structural(patient, at)
        shown = grey(np.where(patient.brain, ct, 0)[across, down, at], 0, 80)
        rows.append([panels[0], panels[2], ("CT, 0 to 80 HU", shown), panels[4]])
    picture("ct", rows)


def heads() -> None:
    seed, tumour, _ = PATIENTS["glioblastoma"]
    patient = make_patient(seed=seed, tumour=tumour, spacing_mm=1.5)
    images, at = with_head(patient), section(patient)
    middle = patient.truth.data.shape[0] // 2
    inner = slice(round(5 / 1.5), round(235 / 1.5))
    axial, sagittal = [], []
    for modality, name in ORDER.items():
        image = images[modality].data
        limits = window(image, patient.brain)
        axial.append((name, grey(image[round(20 / 1.5) : round(220 / 1.5), inner, at], *limits)))
        # Back is j, up is k: rows from the top.
        sagittal.append((name, grey(image[middle, inner, ::-1], *limits)))
    picture("head", [axial, sagittal], high=150)


def visits() -> None:
    """T1C above FLAIR with its labels: before, and at the seven visits, 1.5 mm."""
    seed, tumour, _ = PATIENTS["glioblastoma"]
    patient = make_patient(seed=seed, tumour=tumour, spacing_mm=1.5)
    at = section(patient)
    seen = {"before": patient}
    seen |= {
        visit: follow_up(patient, visit=visit, extent_of_resection=0.9).patient for visit in VISITS
    }
    rows: list[list[Panel]] = [[], [], [], []]
    for i, (visit, one) in enumerate(seen.items()):
        panels, first = structural(one, at), 2 * (i // 4)
        rows[first].append((visit.replace("_", " "), panels[1][1]))
        rows[first + 1].append(("FLAIR, labels", panels[4][1]))
    picture("follow_up", rows, high=150)


def further(name: str, patient: DigitalPatient, seed: int, kind: str) -> None:
    """DTI, DSC, PET, CT and BOLD of a patient, fitted as any patient's.

    Blood volume and diffusivity of solid tumour are the medians of his class.
    """
    rcbv, md = (
        effects().value(sign, *CLASSES[kind]) if kind in CLASSES else None
        for sign in ("rcbv_ratio", "adc_um2_per_ms")
    )
    brain, at = patient.brain, section(patient)
    rows, columns = box(brain, patient.truth.grid.spacing_mm[0])

    def panel(caption: str, image: Array, low: float, high: float) -> Panel:
        return (caption, grey(np.where(brain, image, low)[rows, columns, at], low, high))

    def most(image: Array, percent: float = 99.0) -> float:
        return float(np.percentile(image[brain], percent))

    dwi = make_dwi(patient.maps, seed=seed, tumour_md_um2_per_ms=md)
    diffusion = diffusion_maps(dwi.series, brain)
    dsc = make_dsc(patient.maps, seed=seed, rcbv=rcbv)
    perfused = perfusion_maps(dsc.series, brain, dsc.truth.aif, baseline=BASELINE)
    ways = np.abs(diffusion.direction) * np.clip(diffusion.fa, 0, 1)[..., None]
    coloured = np.rint(255 * np.clip(1.6 * ways[rows, columns, at], 0, 1)).astype(np.uint8)
    bold = make_bold(patient.maps, seed=seed).series
    alff = np.zeros(brain.shape, dtype=np.float32)
    alff[brain] = fluctuation_amplitude(bold.data[brain], step_s=2.0)[0]
    pet, ct = make_fet_pet(patient.maps, seed=seed), make_ct(patient.maps, seed=seed)
    _, t1c, _, flair, labels = structural(patient)
    picture(
        name,
        [
            [t1c, flair, labels, panel("FA", diffusion.fa, 0, 0.8),
             ("fibre direction", coloured.transpose(1, 0, 2)),
             panel("MD", diffusion.md, 0, 2.5e-3)],
            [panel("DSC: CBV", perfused.cbv, 0, most(perfused.cbv, 97)),
             panel("DSC: CBF", perfused.cbf, 0, most(perfused.cbf, 97)),
             panel("DSC: MTT", perfused.mtt_s, 0, most(perfused.mtt_s)),
             panel("FET-PET", pet.volume.data, 0, most(pet.volume.data, 99.8)),
             panel("CT, 0 to 80 HU", ct.volume.data, 0, 80),
             panel("BOLD: ALFF", alff, 0, most(alff))],
        ],
        high=170,
    )  # fmt: skip


def maps_of(kind: str) -> Callable[[], None]:
    def make() -> None:
        seed, tumour, brain = PATIENTS[kind]
        patient = make_patient(seed=seed, tumour=tumour, brain=brain, spacing_mm=2.0)
        further(f"maps_{kind}", patient, seed, kind)

    return make


def maps_after_surgery() -> None:
    seed, tumour, _ = PATIENTS["glioblastoma"]
    patient = make_patient(seed=seed, tumour=tumour, spacing_mm=2.0)
    later = follow_up(patient, visit="postoperative", extent_of_resection=0.9).patient
    further("maps_postoperative", later, seed, "glioblastoma")


MAKERS: dict[str, Callable[[], None]] = {
    **{kind: of_kind(kind) for kind in PATIENTS},
    "ct": blood_and_calcium,
    "head": heads,
    "follow_up": visits,
    **{f"maps_{kind}": maps_of(kind) for kind in PATIENTS},
    "maps_postoperative": maps_after_surgery,
}


def main() -> None:
    IMAGES.mkdir(exist_ok=True)
    for name in sys.argv[1:] or MAKERS:
        MAKERS[name]()


if __name__ == "__main__":
    main()
