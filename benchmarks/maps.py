"""Diffusion and perfusion maps of a digital patient against its truth.

    OMP_NUM_THREADS=1 python benchmarks/maps.py

Writes results/measurement/maps.json: errors without noise and with it, what the single
shell and the deconvolution are biased by, and the processor's seconds on one core.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray
from record import figure, store

from gliokit.measurement.maps import diffusion_maps, free_water_maps, perfusion_maps
from gliokit.phantom import make_patient
from gliokit.phantom.series import diffusion_table, make_dsc, make_dwi
from gliokit.phantom.tissue import Tissue
from gliokit.phantom.truth import TruthMaps

SEED, SPACING_MM = 7, 2.0
ONE_SHELL = diffusion_table({1000.0: 64})
TWO_SHELLS = diffusion_table({700.0: 32, 2000.0: 64}, unweighted=6)
BASELINE = slice(2, 9)
SNR = {"dwi": 30.0, "dsc": 50.0}

Mask = NDArray[np.bool_]
Array = NDArray[np.float32]
Figures = dict[str, dict[str, Any]]


class Bench:
    """Figures and rows as they come."""

    def __init__(self, maps: TruthMaps) -> None:
        self.maps = maps
        self.figures: Figures = {}
        self.rows: list[dict[str, Any]] = []
        share = maps.tissue_fractions
        self.places: dict[str, Mask] = {
            "white matter": share[Tissue.WHITE_MATTER] > 0.97,
            "grey matter": share[Tissue.GREY_MATTER] > 0.97,
            "oedema": share[Tissue.OEDEMA] > 0.8,
            "solid tumour": share[Tissue.TUMOUR] > 0.8,
        }

    def largest(self, name: str, error: Array, unit: str) -> None:
        """The largest error and how many voxels it is of."""
        self.add(name, float(np.abs(error).max()), n=error.size, unit=unit)

    def add(self, name: str, value: float, *, n: int, unit: str) -> None:
        self.figures[name] = figure(value, n=n, unit=unit)
        print(f"{name}: {value:.5g} {unit} (n {n})", flush=True)

    def timed(self, name: str, fit: Callable[[], Any]) -> Any:
        began = time.process_time()
        found = fit()
        self.add(f"{name}_seconds", time.process_time() - began, n=1, unit="s")
        return found

    def row(self, what: str, place: str, found: Array, truth: Array) -> None:
        """Mean and spread of what was found in a place, beside the truth."""
        mask = self.places[place]
        error = found[mask] - truth[mask]
        self.rows.append(
            {
                "what": what,
                "place": place,
                "n": int(mask.sum()),
                "truth_mean": round(float(truth[mask].mean()), 5),
                "bias": round(float(error.mean()), 5),
                "sd": round(float(error.std()), 5),
            }
        )


def tensors(bench: Bench) -> None:
    """FA and MD where no free water is, without noise and with it."""
    maps = bench.maps
    clean = make_dwi(maps, seed=SEED, snr=None, table=ONE_SHELL)
    found = bench.timed("dti_64_directions", lambda: diffusion_maps(clean.series, maps.brain))
    truth = clean.truth
    dry = maps.brain & (truth.free_water < 1e-4) & (truth.fa > 0.05)
    bench.largest("fa_error_largest", 100 * (found.fa[dry] / truth.fa[dry] - 1), "%")
    bench.largest("md_error_largest", 100 * (found.md[dry] / truth.md[dry] - 1), "%")
    noisy = make_dwi(maps, seed=SEED, snr=SNR["dwi"], table=ONE_SHELL)
    seen = diffusion_maps(noisy.series, maps.brain)
    for place in bench.places:
        bench.row("FA, plain tensor, without noise", place, found.fa, truth.fa)
        bench.row(f"FA, plain tensor, SNR {SNR['dwi']:g}", place, seen.fa, truth.fa)
    one_shell(bench, "without noise", clean)
    one_shell(bench, f"SNR {SNR['dwi']:g}", noisy)


def one_shell(bench: Bench, noise: str, made: Any) -> None:
    """What the prior of a single shell costs."""
    maps, truth = bench.maps, made.truth
    name = f"free_water_one_shell_{noise.replace(' ', '_').lower()}"
    found = bench.timed(name, lambda: free_water_maps(made.series, maps.brain))
    for place in bench.places:
        bench.row(f"free water, one shell, {noise}", place, found.fraction, truth.free_water)
        bench.row(f"FA, one shell, {noise}", place, found.fa, truth.fa)
        mask = bench.places[place]
        error = found.fraction[mask] - truth.free_water[mask]
        bench.add(f"{name}_bias_in_{place.replace(' ', '_')}", float(error.mean()),
                  n=error.size, unit="share of the signal")  # fmt: skip
    error = found.fraction[maps.brain] - truth.free_water[maps.brain]
    bench.add(f"{name}_mean_absolute_error", float(np.abs(error).mean()),
              n=error.size, unit="share of the signal")  # fmt: skip


def two_shells(bench: Bench) -> None:
    """Free water, FA and MD by two compartments."""
    maps = bench.maps
    clean = make_dwi(maps, seed=SEED, snr=None, table=TWO_SHELLS)
    found = bench.timed("free_water_two_shells", lambda: free_water_maps(clean.series, maps.brain))
    truth = clean.truth
    clear = maps.brain & (truth.free_water < 0.8)
    bench.largest("free_water_two_shells_error_largest",
                  100 * (found.fraction[clear] - truth.free_water[clear]), "% of S0")  # fmt: skip
    bench.largest("md_two_shells_error_largest", 100 * (found.md[clear] / truth.md[clear] - 1), "%")
    directed = clear & (truth.fa > 0.05)
    bench.largest("fa_two_shells_error_largest",
                  100 * (found.fa[directed] / truth.fa[directed] - 1), "%")  # fmt: skip
    noisy = make_dwi(maps, seed=SEED, snr=SNR["dwi"], table=TWO_SHELLS)
    seen = free_water_maps(noisy.series, maps.brain)
    for place in bench.places:
        what = f"two shells, SNR {SNR['dwi']:g}"
        bench.row(f"free water, {what}", place, seen.fraction, truth.free_water)
        bench.row(f"FA, {what}", place, seen.fa, truth.fa)


def blood(bench: Bench) -> None:
    """CBV without leakage, flow by three deconvolutions, and what leakage does."""
    maps = bench.maps
    clean = make_dsc(maps, seed=SEED, snr=None, ktrans_per_min=0.0)
    noisy = make_dsc(maps, seed=SEED, snr=SNR["dsc"], ktrans_per_min=0.0)
    truth = clean.truth
    clear = maps.brain & (truth.cbv > 0.2) & (maps.vessels < 0.2)
    for method in ("ssvd", "csvd", "osvd"):

        def fit(method: Any = method) -> Any:
            return perfusion_maps(clean.series, maps.brain, truth.aif, baseline=BASELINE,
                                  method=method)  # fmt: skip

        found = bench.timed(f"dsc_60_frames_{method}", fit)
        if method == "ssvd":
            bench.largest("cbv_error_largest", 100 * (found.cbv[clear] / truth.cbv[clear] - 1), "%")
        for place in ("grey matter", "white matter", "solid tumour"):
            mask = bench.places[place]
            share = found.cbf[mask] / truth.cbf[mask]
            bench.add(f"cbf_{method}_of_truth_in_{place.replace(' ', '_')}",
                      100 * float(np.median(share)), n=share.size, unit="%")  # fmt: skip
        same = clear & (np.abs(truth.mtt_s - 5) < 0.05)
        share = found.cbf[same] / truth.cbf[same]
        bench.add(f"cbf_{method}_ratio_error_at_mtt_5s_largest",
                  100 * float(np.abs(share / np.median(share) - 1).max()),
                  n=share.size, unit="%")  # fmt: skip
        seen = perfusion_maps(noisy.series, maps.brain, truth.aif, baseline=BASELINE, method=method)
        for place in bench.places:
            bench.row(f"CBF, {method}, SNR {SNR['dsc']:g}", place, seen.cbf, truth.cbf)
            if method == "osvd":
                bench.row(f"CBV, SNR {SNR['dsc']:g}", place, seen.cbv, truth.cbv)
    leaky = make_dsc(maps, seed=SEED, snr=None, ktrans_per_min=0.1)
    found = perfusion_maps(leaky.series, maps.brain, truth.aif, baseline=BASELINE)
    open_ones = bench.places["solid tumour"] & (maps.leakage > 0.3)
    share = found.cbv[open_ones] / truth.cbv[open_ones]
    bench.add("cbv_of_truth_where_the_barrier_leaks", 100 * float(np.median(share)),
              n=share.size, unit="%")  # fmt: skip


def main() -> None:
    patient = make_patient(seed=SEED, spacing_mm=SPACING_MM)
    bench = Bench(patient.maps)
    tensors(bench)
    two_shells(bench)
    blood(bench)
    path = store(
        "measurement/maps",
        command="OMP_NUM_THREADS=1 python benchmarks/maps.py",
        data=f"One digital patient at {SPACING_MM:g} mm, {int(patient.maps.brain.sum())} voxels "
        "of brain; seconds of the processor on one core",
        seed=SEED,
        figures=bench.figures,
        rows=bench.rows,
    )
    print(f"stored {path}")


if __name__ == "__main__":
    main()
