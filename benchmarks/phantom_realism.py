"""Do digital patients look like real ones? Histograms by tissue, and who can tell them apart.

    OMP_NUM_THREADS=1 python benchmarks/phantom_realism.py DATA --sheet SHEET.png

DATA holds real patients in the form of BraTS (folders brats and brats_ssa). Writes
results/phantom/realism.json; the sheet shows all of them side by side and stays outside the
repository. Real images are stored in steps of a 25th of their median, clipped at their
99.95th percentile: digital ones are brought to the same steps first, which else would tell.

Within the spread: a patient's mean distance (Wasserstein, in units of the normalised image)
to the real patients' histograms is no larger than the largest that a real patient has to the
other real ones.
"""

from __future__ import annotations

import argparse
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from phantom_patients import digital
from record import figure, store
from scipy import ndimage, stats
from sklearn.linear_model import LogisticRegression
from sklearn.model_selection import StratifiedKFold
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from gliokit.evaluation import auc, cross_validated_auc
from gliokit.preprocessing import label_map_on, prepare
from gliokit.study import LabelMap, Modality, Study, Volume, read_brats_case, read_brats_labels

LOWER_GRADE = "BraTS2021_014"  # TCGA-LGG: the digital patients drawn here are glioblastomas.
STEPS_A_MEDIAN, CLIPPED_AT = 25, 99.95
QUANTILES = np.linspace(0.005, 0.995, 100)
LEAST_VOXELS = 500
PLACES = ("brain", "NCR", "ED", "ET")
FOLDS, REPEATS, PENALTY = 6, 20, 0.1

Image = NDArray[np.float32]
Statistics = dict[str, float]
Quantiles = dict[tuple[str, str], NDArray[np.float64]]


def as_stored(study: Study) -> Study:
    """The four images in the steps in which the real ones are stored."""

    def stepped(image: Image) -> Image:
        brain = image[image > 0]
        step = np.float32(np.median(brain) / STEPS_A_MEDIAN)
        most = np.percentile(brain, CLIPPED_AT)
        return np.round(np.minimum(image, most) / step).astype(np.float32)

    images = {
        modality: Volume.from_array(modality, volume.grid, stepped(volume.data))
        for modality, volume in study.volumes.items()
    }
    return Study(study.subject, images)


def histograms(
    images: Mapping[Modality, Image], brain: NDArray[np.bool_], labels: LabelMap
) -> Quantiles:
    """Quantiles of each sequence in the brain outside the tumour and in its regions."""
    value = labels.labels.values
    places = {"brain": brain & (labels.data == 0)}
    places |= {name: labels.data == value[name] for name in PLACES[1:]}
    return {
        (modality.value, name): np.quantile(image[place], QUANTILES)
        for modality, image in images.items()
        for name, place in places.items()
        if np.count_nonzero(place) >= LEAST_VOXELS
    }


def statistics(
    images: Mapping[Modality, Image], brain: NDArray[np.bool_], labels: LabelMap
) -> Statistics:
    """Simple statistics of the brain outside the tumour and 5 mm around it."""
    tumour = ndimage.binary_dilation(labels.data > 0, iterations=5)
    healthy = brain & ~tumour
    depth = ndimage.distance_transform_edt(brain)
    inner, rim = healthy & (depth > 8), healthy & (depth <= 3)
    found: Statistics = {}
    for modality, image in images.items():
        name = modality.value
        seen = image[healthy]
        found[f"{name} skewness"] = float(stats.skew(seen))
        low, middle, high = np.percentile(seen, (5, 50, 95))
        found[f"{name} 5th percentile"], found[f"{name} 95th percentile"] = low, high
        found[f"{name} rim less inside"] = float(np.mean(image[rim]) - np.mean(image[inner]))
        steps = [
            np.abs(np.diff(image, axis=axis))[
                np.logical_and(*(np.delete(inner, end, axis) for end in (0, -1)))
            ]
            for axis in range(3)
        ]
        across = [float(np.mean(step)) for step in steps]
        found[f"{name} roughness"] = float(np.mean(across)) / float(high - low)
        found[f"{name} roughness up to sideways"] = 2 * across[2] / (across[0] + across[1])
        fine = image - ndimage.uniform_filter(image, 3)
        found[f"{name} quiet tenth"] = _quiet(fine, inner) / float(high - low)
        found[f"{name} shading"] = _shading(image, inner)
        found[f"{name} middle"] = float(middle)
    for one, other in ((Modality.T1, Modality.T2), (Modality.T1, Modality.T1C),
                       (Modality.T2, Modality.FLAIR), (Modality.T1, Modality.FLAIR)):  # fmt: skip
        pair = np.corrcoef(images[one][healthy], images[other][healthy])
        found[f"{one.value} and {other.value} correlation"] = float(pair[0, 1])
    return found


def _shading(image: Image, inner: NDArray[np.bool_]) -> float:
    """Spread of the image smoothed by 16 mm, read every fourth voxel."""
    coarse = (slice(None, None, 4),) * 3
    there = inner[coarse].astype(np.float32)
    weight = ndimage.gaussian_filter(there, 4)
    broad = ndimage.gaussian_filter(image[coarse] * there, 4)
    return float(np.std((broad / np.maximum(weight, 1e-3))[inner[coarse]]))


def _quiet(fine: Image, inner: NDArray[np.bool_]) -> float:
    """Noise: fine detail where there is least of it (the lowest tenth of 5 mm cubes)."""
    energy = ndimage.uniform_filter(fine**2, 5)
    return float(np.sqrt(np.percentile(energy[inner], 10)))


def spread(
    digital: Sequence[Quantiles], real: Sequence[Quantiles]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """Share of digital patients within the spread of the real ones, by sequence and place."""
    figures: dict[str, Any] = {}
    rows = []
    for key in sorted({k for q in real for k in q}, key=lambda k: (PLACES.index(k[1]), k[0])):
        ours, theirs = ([q[key] for q in some if key in q] for some in (digital, real))
        among = [
            float(np.mean([_distance(one, other) for j, other in enumerate(theirs) if j != i]))
            for i, one in enumerate(theirs)
        ]
        to = [float(np.mean([_distance(one, other) for other in theirs])) for one in ours]
        name = f"{key[0]} {key[1]}"
        within = [value <= max(among) for value in to]
        figures[f"{name} within spread"] = figure(
            float(np.mean(within)), n=len(ours), unit="share of digital patients"
        )
        row: dict[str, Any] = {"what": "histogram", "sequence": key[0], "place": key[1]}
        row |= {"real_patients": len(theirs), "digital_patients": len(ours)}
        row |= {"distance_among_real_median": round(float(np.median(among)), 4)}
        row |= {"distance_among_real_most": round(max(among), 4)}
        row |= {"distance_to_real_median": round(float(np.median(to)), 4)}
        for label, some in (("digital", ours), ("real", theirs)):
            middles = [float(np.median(q)) for q in some]
            row[f"{label}_median"] = round(float(np.median(middles)), 3)
            row[f"{label}_medians_from"] = round(min(middles), 3)
            row[f"{label}_medians_to"] = round(max(middles), 3)
            row[f"{label}_width"] = round(float(np.median([np.ptp(q[5:95]) for q in some])), 3)
        rows.append(row)
    return figures, rows


def _distance(one: NDArray[np.float64], other: NDArray[np.float64]) -> float:
    return float(np.mean(np.abs(one - other)))


def told_apart(
    digital: Sequence[Statistics], real: Sequence[Statistics]
) -> tuple[dict[str, Any], list[dict[str, Any]]]:
    """AUC of a ridge logistic model in repeated cross-validation, and of each statistic alone."""
    names = list(real[0])
    values = np.array([[one[name] for name in names] for one in (*digital, *real)])
    truth = np.array([1] * len(digital) + [0] * len(real))
    model = make_pipeline(StandardScaler(), LogisticRegression(C=PENALTY, max_iter=1000))

    def judged(columns: NDArray[np.float64]) -> dict[str, Any]:
        scores, folds = np.empty((REPEATS, len(truth))), np.empty((REPEATS, len(truth)), int)
        for repeat in range(REPEATS):
            split = StratifiedKFold(FOLDS, shuffle=True, random_state=repeat)
            for k, (learnt, judged_) in enumerate(split.split(columns, truth)):
                model.fit(columns[learnt], truth[learnt])
                scores[repeat, judged_] = model.decision_function(columns[judged_])
                folds[repeat, judged_] = k
        found = cross_validated_auc(truth, scores, folds, seed=0).mean
        return figure(found.value, low=found.low, high=found.high, n=len(truth), unit="AUC")

    alone = {name: auc(truth, values[:, i]) for i, name in enumerate(names)}
    order = sorted(names, key=lambda name: -abs(alone[name] - 0.5))
    contrast = [i for i, name in enumerate(names) if "rough" not in name and "quiet" not in name]
    figures = {
        "real or digital": judged(values),
        "real or digital without roughness and noise": judged(values[:, contrast]),
        "statistics": figure(len(names), n=len(names), unit="statistics"),
    }
    for name in order[:6]:
        figures[f"{name} alone"] = figure(alone[name], n=len(truth), unit="AUC (above 0.5: higher)")
    rows = []
    for name in order:
        here = values[:, names.index(name)]
        row: dict[str, Any] = {"what": "statistic", "name": name, "auc": round(alone[name], 4)}
        for label, some in (("digital", here[truth == 1]), ("real", here[truth == 0])):
            row[f"{label}_median"] = round(float(np.median(some)), 4)
            row[f"{label}_from"], row[f"{label}_to"] = (
                round(float(v), 4) for v in np.percentile(some, (10, 90))
            )
        rows.append(row)
    return figures, rows


def real_patients(data: Path, count: int) -> list[Path]:
    """Half of them of BraTS, but for the lower-grade ones, half of BraTS-Africa."""
    brats = sorted(p for p in (data / "brats").iterdir() if p.is_dir())
    brats = [p for p in brats if not p.name.startswith(LOWER_GRADE)]
    africa = sorted(p for p in (data / "brats_ssa").iterdir() if p.is_dir())
    return brats[: count // 2] + africa[: count - count // 2]


class Gallery:
    """Slices through the largest section of each tumour, one row a patient."""

    def __init__(self) -> None:
        self.rows: list[tuple[str, list[Image]]] = []

    def add(self, subject: str, images: Mapping[Modality, Image], labels: LabelMap) -> None:
        slice_ = int(np.argmax((labels.data > 0).sum(axis=(0, 1))))
        self.rows.append((subject, [images[m][:, :, slice_].T for m in sorted(images)]))

    def write(self, path: Path) -> None:
        import matplotlib

        matplotlib.use("Agg")
        from matplotlib import pyplot

        half = len(self.rows) // 2
        grid, axes = pyplot.subplots(half, 8, figsize=(20, 2.6 * half), layout="constrained")
        for i, (subject, images) in enumerate(self.rows):
            row = axes[i % half][4 * (i // half) : 4 * (i // half) + 4]
            for axis, image in zip(row, images, strict=True):
                low, high = np.percentile(image, (1, 99.7))
                axis.imshow(image, cmap="gray", origin="lower", vmin=low, vmax=high)
                axis.set_axis_off()
            row[0].set_title(subject, fontsize=7)
        grid.savefig(path, dpi=70)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("data", type=Path)
    parser.add_argument("--patients", type=int, default=12)
    parser.add_argument("--sheet", type=Path, help="PNG of all patients, side by side")
    parser.add_argument("--keep", type=Path, help="folder in which made patients are kept")
    arguments = parser.parse_args()
    count, gallery = arguments.patients, Gallery()
    quantiles: dict[str, list[Quantiles]] = {"digital": [], "real": []}
    simple: dict[str, list[Statistics]] = {"digital": [], "real": []}

    def take(kind: str, study: Study, labels: LabelMap) -> None:
        prepared = prepare(study)
        here = label_map_on(labels, prepared)
        quantiles[kind].append(histograms(prepared.images, prepared.brain, here))
        simple[kind].append(statistics(prepared.images, prepared.brain, here))
        gallery.add(study.subject, prepared.images, here)
        print(kind, study.subject, flush=True)

    for folder in real_patients(arguments.data, count):
        take("real", read_brats_case(folder), read_brats_labels(folder))
    for seed in range(count):
        made = digital(seed, arguments.keep)
        take("digital", as_stored(made.study), made.truth)
    if arguments.sheet is not None:
        gallery.write(arguments.sheet)
    figures, rows = told_apart(simple["digital"], simple["real"])
    more, further = spread(quantiles["digital"], quantiles["real"])
    path = store(
        "phantom/realism",
        command="OMP_NUM_THREADS=1 python benchmarks/phantom_realism.py ../shared/data "
        f"--patients {count}",
        data=f"digital glioblastomas of seeds 0 to {count - 1}; {count} real patients of BraTS "
        "(without the lower-grade ones) and BraTS-Africa",
        seed=0,
        figures=figures | more,
        rows=rows + further,
    )
    print(f"stored {path}")


if __name__ == "__main__":
    main()
