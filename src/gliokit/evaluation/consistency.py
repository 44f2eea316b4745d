"""Whether printed metrics can have come from one table of counts."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from typing import Literal

from gliokit.evaluation.classification import Confusion
from gliokit.evaluation.proportion import wilson_interval

__all__ = ["Consistency", "Printed", "check_rates", "counts_behind", "interval_methods"]

MOST_TABLES = 1000
PRINTED = re.compile(r"(\d*)(?:\.(\d*))?\s*(%?)")


@dataclass(frozen=True, slots=True)
class Printed:
    """A share as it stands in print: the shares that it may stand for, ends included."""

    low: Fraction
    high: Fraction

    @classmethod
    def read(cls, text: str, *, cut: bool = False) -> Printed:
        """From "0.947", ".947" or "94.7 %": the digits tell how it was rounded, or cut.

        Raises:
            ValueError: no such number, or one beyond 100 %.
        """
        match = PRINTED.fullmatch(text.strip())
        if match is None or not (match[1] or match[2]):
            raise ValueError(f"a share must be printed like '0.947' or '94.7 %'; got {text!r}")
        digits = match[2] or ""
        scale = 100 if match[3] else 1
        value = Fraction(int((match[1] or "0") + digits), 10 ** len(digits) * scale)
        half = Fraction(1, 2 * 10 ** len(digits) * scale)
        if value > 1:
            raise ValueError(f"a share must not exceed 1 (or 100 %); got {text!r}")
        above = 2 * half if cut else half
        return cls(max(value - half, Fraction(0)), min(value + above, Fraction(1)))

    def counts(self, n: int) -> range:
        """The counts of n that it may stand for."""
        return range(math.ceil(self.low * n), math.floor(self.high * n) + 1)

    def holds(self, share: Fraction) -> bool:
        """Whether it may stand for a share."""
        return self.low <= share <= self.high


@dataclass(frozen=True, slots=True)
class Consistency:
    """What printed sensitivity, specificity and accuracy say of each other.

    Attributes:
        verdict: "impossible": no share of positives makes the accuracy of the other two, or
            not the one that was stated; "no counts": a share would, but no whole patients do,
            so the figures are averages over folds or models, or wrong; "consistent": whole
            patients do; "possible": n was not given.
        prevalence: The lowest and highest share of positives that fits, None where none does.
        tables: Tables of counts that fit, of either class as the positive one; at most 1,000.
    """

    verdict: Literal["impossible", "no counts", "consistent", "possible"]
    prevalence: tuple[float, float] | None
    tables: tuple[Confusion, ...]


def check_rates(
    sensitivity: str,
    specificity: str,
    accuracy: str,
    *,
    n: int | None = None,
    positives: int | None = None,
    cut: bool = False,
) -> Consistency:
    """Whether three printed rates can have come from one table of counts.

    Accuracy is the mean of sensitivity and specificity weighted by the classes, so it lies
    between them. Where the size of one class is known both classes are tried as the positive
    one, for papers leave that open.

    Args:
        sensitivity: As printed, with all its digits: "0.947" or "94.7 %".
        specificity: Likewise.
        accuracy: Likewise.
        n: Of patients, where known.
        positives: Of one class, where known; asks for n.
        cut: Whether digits may have been cut off as well as rounded: more passes.

    Raises:
        ValueError: a rate that can't be read, `positives` without n or not within it.
    """
    sens, spec, acc = (Printed.read(text, cut=cut) for text in (sensitivity, specificity, accuracy))
    if positives is not None and (n is None or not 0 < positives < n):
        raise ValueError(f"positives must lie between 0 and n; got {positives} of {n}")
    if n is not None and n < 1:
        raise ValueError(f"n must be at least 1; got {n}")
    found = _prevalence(sens, spec, acc)
    if found is None:
        return Consistency("impossible", None, ())
    told = (float(found[0]), float(found[1]))
    if n is None:
        return Consistency("possible", told, ())
    sizes = {positives, n - positives} if positives is not None else set(range(1, n))
    fitting = sorted(s for s in sizes if found[0] <= Fraction(s, n) <= found[1])
    if not fitting:
        return Consistency("impossible", told, ())
    tables: list[Confusion] = []
    for size in fitting:
        for table in _tables(sens, spec, acc, size, n - size):
            if len(tables) < MOST_TABLES:
                tables.append(table)
    return Consistency("consistent" if tables else "no counts", told, tuple(tables))


def counts_behind(share: str, n: int, *, cut: bool = False) -> tuple[int, ...]:
    """The counts of n patients that a printed share may stand for; none: it is no share of n.

    With `cut`, digits may have been cut off as well as rounded.

    Raises:
        ValueError: a share that can't be read, n below 1.
    """
    if n < 1:
        raise ValueError(f"n must be at least 1; got {n}")
    return tuple(Printed.read(share, cut=cut).counts(n))


def interval_methods(count: int, n: int, low: str, high: str) -> tuple[str, ...]:
    """Which methods give a printed 95 % interval of a share: wald, wilson, clopper-pearson.

    Wald's is cut at 0 and 1, as it is where it has been printed.

    Args:
        count: Of n.
        n: At least 1.
        low: As printed.
        high: As printed.

    Raises:
        ValueError: a count beyond n, ends that can't be read.
    """
    from scipy.stats import beta

    share = count / n if n else math.nan
    wilson = wilson_interval(count, n)
    half = 1.959963984540054 * math.sqrt(share * (1 - share) / n)
    exact = (
        0.0 if count == 0 else float(beta.ppf(0.025, count, n - count + 1)),
        1.0 if count == n else float(beta.ppf(0.975, count + 1, n - count)),
    )
    known = {
        "wald": (max(share - half, 0.0), min(share + half, 1.0)),
        "wilson": wilson,
        "clopper-pearson": exact,
    }
    ends = Printed.read(low), Printed.read(high)
    return tuple(
        name
        for name, pair in known.items()
        if all(p.holds(Fraction(e)) for p, e in zip(ends, pair, strict=True))
    )


def _prevalence(sens: Printed, spec: Printed, acc: Printed) -> tuple[Fraction, Fraction] | None:
    """Shares p in 0 to 1 for which p sens + (1 - p) spec meets acc within the rounding of all."""
    low, high = Fraction(0), Fraction(1)
    # Two lines in p: the least possible accuracy is at most acc.high, the most at least acc.low.
    for start, end, sign, bound in (
        (spec.low, sens.low, 1, acc.high),
        (spec.high, sens.high, -1, acc.low),
    ):
        slope, room = sign * (end - start), sign * (bound - start)
        if slope == 0:
            if room < 0:
                return None
        elif slope > 0:
            high = min(high, room / slope)
        else:
            low = max(low, room / slope)
    return (low, high) if low <= high else None


def _tables(
    sens: Printed, spec: Printed, acc: Printed, positives: int, negatives: int
) -> Iterator[Confusion]:
    for hits in sens.counts(positives):
        for passes in spec.counts(negatives):
            if acc.holds(Fraction(hits + passes, positives + negatives)):
                yield Confusion(hits, positives - hits, passes, negatives - passes)
