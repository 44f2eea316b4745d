"""Labels spread over a graph of slices, slices of one scan agreeing."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

__all__ = ["spread_labels"]

NEIGHBOURS = 10
PULL_TO_NOTHING = 1e-6
"""Slices that no labelled one is joined to would have no answer; with it they get none: 0."""

Numbers = NDArray[np.float64]


def spread_labels(
    features: NDArray[np.float32],
    codes: NDArray[np.int64],
    scans: NDArray[np.intp],
    *,
    classes: int,
    fidelity: float = 1.0,
    consistency: float = 1.0,
) -> Numbers:
    """A share of each class for each slice, (slice, class), from 0 to about 1.

    Minimises sum_ij w_ij |F_i/sqrt(d_i) - F_j/sqrt(d_j)|^2 + fidelity sum_labelled |F_i - Y_i|^2
    + consistency sum_scans sum_i |F_i - mean of its scan|^2, where w_ij = exp(-|z_i - z_j|^2 /
    2 s^2) between each slice and its ten nearest, s the median of those distances: one sparse
    linear system.

    Args:
        features: (slice, p).
        codes: (slice,), -1 where not known.
        scans: (slice,), number of the scan.
        classes: How many.
        fidelity, consistency: Weights of the last two terms, 0 or more.

    Source: Ge C et al. BMC Med Imaging 2020;20:87, for the terms; their form is chosen.
    """
    from scipy import sparse
    from scipy.sparse.linalg import spsolve

    n = len(codes)
    near = _affinity(features)
    degree = np.asarray(near.sum(axis=1)).ravel()
    root = sparse.diags_array(1 / np.sqrt(np.maximum(degree, 1e-12)))
    laplacian = sparse.eye_array(n) - root @ near @ root
    known = codes >= 0
    wanted = np.zeros((n, classes))
    wanted[known, codes[known]] = 1
    _, scan, sizes = np.unique(scans, return_inverse=True, return_counts=True)
    member = sparse.csr_array((np.ones(n), (np.arange(n), scan)))
    apart = sparse.eye_array(n) - member @ sparse.diags_array(1 / sizes) @ member.T
    system = 2 * laplacian + fidelity * sparse.diags_array(known.astype(float))
    system = system + consistency * apart + PULL_TO_NOTHING * sparse.eye_array(n)
    solved = [spsolve(sparse.csc_array(system), fidelity * column) for column in wanted.T]
    return np.stack(solved, axis=1)


def _affinity(features: NDArray[np.float32]):  # type: ignore[no-untyped-def]
    """Symmetric weights of each slice and its nearest, a sparse array."""
    from scipy import sparse
    from scipy.spatial import KDTree

    n = len(features)
    k = min(NEIGHBOURS, n - 1)
    distance, other = KDTree(features).query(features, k=k + 1)
    distance, other = distance[:, 1:], other[:, 1:]
    middle = float(np.median(distance))
    width = middle if middle > 0 else 1.0
    weight = np.exp(-(distance**2) / (2 * width**2))
    rows = np.repeat(np.arange(n), k)
    one_way = sparse.csr_array((weight.ravel(), (rows, other.ravel())), shape=(n, n))
    return one_way.maximum(one_way.T)
