"""What the channels of a foreign network mean: sequences in, regions or labels out."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from itertools import pairwise

from gliokit.inference import BACKGROUND
from gliokit.study import Modality, UsageError
from gliokit.study.names import read_name

__all__ = ["channels_of", "outputs_of", "outputs_of_labels"]

NESTED = ("WT", "TC", "ET")
LABEL_NAMES = (
    (r"non.?enh|necro|ncr|\bnet\b|^tumou?r.?core$", "NCR"),
    (r"o?edema|\bed\b|infiltr|snfh|flair", "ED"),
    (r"enhanc|\bet\b|active", "ET"),
)
WHOLE = r"^(?:whole.?)?(?:tumou?r|wt|lesion|glioma)$"


def channels_of(names: Sequence[str], source: object) -> tuple[Modality, ...]:
    """The sequence of each image channel, by its name.

    Raises:
        UsageError: a name says no sequence, or two say the same.
    """
    found = [read_name(name).what for name in names]
    known = tuple(m for m in found if isinstance(m, Modality))
    if len(known) != len(names) or len(set(known)) != len(known) or not known:
        raise UsageError(
            "every image channel is one sequence",
            source=str(source),
            found=", ".join(names) or "no channel",
            way_out="Name them in their order: --channels t1,t1c,t2,flair.",
        )
    return known


def outputs_of(names: Sequence[str], source: object) -> tuple[str, ...]:
    """The outputs that a user names, in capitals; a background comes first where labels do.

    Raises:
        UsageError: they are neither regions nor labels.
    """
    upper = tuple(n.upper() for n in names if n.upper() != BACKGROUND)
    if sorted(upper) in (sorted(NESTED), ["WT"]):
        return upper
    if sorted(upper) == ["ED", "ET", "NCR"]:
        return (BACKGROUND, *upper)
    raise UsageError(
        "outputs are the regions WT, TC, ET (or WT alone), or the labels NCR, ED, ET",
        source=str(source),
        found=", ".join(names) or "none",
        way_out="Name them in the order of the network: --outputs WT,TC,ET.",
    )


def outputs_of_labels(labels: Mapping[str, int | Sequence[int]], source: object) -> tuple[str, ...]:
    """The outputs of a network that was trained on named labels, or regions of labels.

    Regions are told by what they hold: of three, one within the other, the largest is WT
    and the smallest ET. Labels are told by their names.

    Args:
        labels: Name -> value, or -> the values of a region; with the background's.
        source: For the message.

    Raises:
        UsageError: they are not told so.
    """
    inner = {name: value for name, value in labels.items() if _is_object(value)}
    if any(not isinstance(v, int) for v in inner.values()):
        return _of_regions({n: _values(v) for n, v in inner.items()}, source)
    if len(inner) == 1 and re.search(WHOLE, next(iter(inner)).lower().strip()):
        return (BACKGROUND, "WT")
    ordered = sorted(inner, key=lambda n: min(_values(inner[n])))
    found = [_label(name) for name in ordered]
    if sorted(str(f) for f in found) != ["ED", "ET", "NCR"]:
        raise _unknown(labels, source)
    return (BACKGROUND, *(str(f) for f in found))


def _of_regions(sets: Mapping[str, frozenset[int]], source: object) -> tuple[str, ...]:
    by_size = sorted(sets, key=lambda n: -len(sets[n]))
    nested = all(sets[a] > sets[b] for a, b in pairwise(by_size))
    if not nested or len(sets) not in (1, 3):
        raise _unknown(sets, source)
    names = dict(zip(by_size, NESTED, strict=False))
    return tuple(names[name] for name in sets)


def _is_object(value: int | Sequence[int]) -> bool:
    return _values(value) != {0}


def _values(value: int | Sequence[int]) -> frozenset[int]:
    return frozenset([value] if isinstance(value, int) else value)


def _label(name: str) -> str | None:
    text = re.sub(r"[_\s]+", " ", name.lower())
    return next((label for pattern, label in LABEL_NAMES if re.search(pattern, text)), None)


def _unknown(labels: Mapping[str, object], source: object) -> UsageError:
    return UsageError(
        "the network's labels are those of a glioma: WT, TC, ET, or NCR, ED, ET",
        source=str(source),
        found=", ".join(labels),
        way_out="Say what its outputs are, in their order: --outputs WT,TC,ET.",
    )
