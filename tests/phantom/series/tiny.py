"""A block of tissue whose truth is written down, so that no brain has to be made."""

from __future__ import annotations

import numpy as np

from gliokit.phantom.series.substance import substance_of
from gliokit.phantom.tissue import Tissue
from gliokit.phantom.truth import TruthMaps
from gliokit.study import Grid

SHAPE = (12, 11, 10)
LPS = np.array([[-2.0, 0, 0, 10], [0, -2, 0, 10], [0, 0, 2, -8], [0, 0, 0, 1]])


def tiny_maps(
    *, seed: int = 0, affine: np.ndarray = LPS, shape: tuple = SHAPE, watery: bool = True
) -> TruthMaps:
    """Random mixtures of all tissues, random fibres; a rim that is no brain."""
    rng = np.random.default_rng(seed)
    brain = np.zeros(shape, bool)
    brain[1:-1, 1:-1, 1:-1] = True
    drawn = rng.dirichlet(np.full(len(Tissue), 0.25), shape).astype(np.float32)
    if not watery:
        for wet in (t for t in Tissue if substance_of(t).water):
            drawn[..., list(Tissue).index(wet)] = 0
    drawn /= drawn.sum(axis=-1, keepdims=True)
    shares = {t: drawn[..., n] * brain for n, t in enumerate(Tissue)}
    fibres = rng.standard_normal((*shape, 3)).astype(np.float32)
    fibres /= np.linalg.norm(fibres, axis=-1, keepdims=True)
    return TruthMaps(
        grid=Grid(shape, affine),
        brain=brain,
        tissue_fractions=shares,
        cell_density=shares[Tissue.TUMOUR] * np.float32(0.8),
        leakage=shares[Tissue.TUMOUR],
        oedema=np.float32(0.3 * watery) * shares[Tissue.OEDEMA],
        vessels=shares[Tissue.BLOOD],
        fibres=fibres * brain[..., None],
        anisotropy=np.float32(0.75) * shares[Tissue.WHITE_MATTER],
        labels=np.zeros(shape, np.uint8),
        lobes=brain.astype(np.uint8),
    )


def only(tissue: Tissue, *, shape: tuple = SHAPE, anisotropy: float = 0.0) -> TruthMaps:
    """A brain of one tissue, its fibres along the second axis of the array."""
    brain = np.ones(shape, bool)
    zero = np.zeros(shape, np.float32)
    one = np.ones(shape, np.float32)
    fibres = np.zeros((*shape, 3), np.float32)
    fibres[..., 1] = 1
    return TruthMaps(
        grid=Grid(shape, LPS),
        brain=brain,
        tissue_fractions={tissue: one},
        cell_density=zero,
        leakage=zero,
        oedema=zero,
        vessels=zero,
        fibres=fibres,
        anisotropy=np.float32(anisotropy) * one,
        labels=np.zeros(shape, np.uint8),
        lobes=brain.astype(np.uint8),
    )
