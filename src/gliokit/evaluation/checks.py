"""What the judges of this room ask of their arrays, checked where these enter."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike, NDArray

__all__ = [
    "binary",
    "both_classes",
    "finite",
    "fraction",
    "probabilities",
    "same_length",
    "survival",
    "times_and_events",
]


def finite(values: ArrayLike, name: str, *, ndim: int = 1) -> NDArray[np.float64]:
    """An array of finite numbers, not empty.

    Raises:
        ValueError: another number of axes, nothing in it, NaN or infinity.
    """
    array = np.asarray(values, dtype=np.float64)
    if array.ndim != ndim:
        raise ValueError(f"{name} must have {ndim} axis or axes; got the shape {array.shape}")
    if array.size == 0:
        raise ValueError(f"{name} must hold at least one value; got none")
    wrong = ~np.isfinite(array)
    if wrong.any():
        raise ValueError(
            f"{name} must be finite; {int(wrong.sum())} of {array.size} are not. "
            "Leave these rows out or fill them in before judging"
        )
    return array


def binary(values: ArrayLike, name: str) -> NDArray[np.bool_]:
    """An array of 0 and 1 as booleans.

    Raises:
        ValueError: nothing in it, or a value other than 0 and 1.
    """
    array = finite(values, name)
    strange = np.unique(array[(array != 0) & (array != 1)])
    if strange.size:
        raise ValueError(f"{name} must be 0 or 1; got {strange[0]:g} too")
    one: NDArray[np.bool_] = array == 1
    return one


def both_classes(values: ArrayLike, name: str, *, least: int = 1) -> NDArray[np.bool_]:
    """An array of 0 and 1 in which each stands often enough.

    Raises:
        ValueError: not binary, or fewer than `least` of a class.
    """
    array = binary(values, name)
    positives = int(array.sum())
    negatives = array.size - positives
    if min(positives, negatives) < least:
        raise ValueError(
            f"{name} must hold at least {least} of each class; "
            f"got {positives} positive and {negatives} negative"
        )
    return array


def probabilities(values: ArrayLike, name: str) -> NDArray[np.float64]:
    """An array of numbers from 0 to 1.

    Raises:
        ValueError: not finite, or a value outside.
    """
    array = finite(values, name)
    if array.min() < 0 or array.max() > 1:
        raise ValueError(f"{name} must lie between 0 and 1; got {array.min():g} to {array.max():g}")
    return array


def same_length(**arrays: NDArray[np.generic]) -> None:
    """Raise a ValueError where the first axes of named arrays differ."""
    sizes = {name: array.shape[0] for name, array in arrays.items()}
    if len(set(sizes.values())) > 1:
        told = ", ".join(f"{name} {size}" for name, size in sizes.items())
        raise ValueError(f"{' and '.join(sizes)} must be of one length; got {told}")


def times_and_events(
    times: ArrayLike, events: ArrayLike
) -> tuple[NDArray[np.float64], NDArray[np.bool_]]:
    """Follow-up times, not negative, and whether each ended with the event.

    Raises:
        ValueError: a time below 0, an event other than 0 and 1, or other lengths.
    """
    time, event = finite(times, "times"), binary(events, "events")
    same_length(times=time, events=event)
    if time.min() < 0:
        raise ValueError(f"times must not be negative; got {time.min():g}")
    return time, event


def survival(values: ArrayLike, name: str, *, rows: int, columns: int) -> NDArray[np.float64]:
    """Survival probabilities of patients (rows) at times (columns).

    Raises:
        ValueError: another shape, or a value outside 0 to 1.
    """
    array = finite(values, name, ndim=2)
    if array.shape != (rows, columns):
        raise ValueError(f"{name} must have the shape {(rows, columns)}; got {array.shape}")
    probabilities(array.ravel(), name)
    return array


def fraction(value: float, name: str) -> float:
    """A number between 0 and 1, the ends left out.

    Raises:
        ValueError: it lies outside.
    """
    if not 0 < value < 1:
        raise ValueError(f"{name} must lie between 0 and 1; got {value}")
    return float(value)
