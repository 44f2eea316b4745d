"""How files and scanners spell the sequences."""

from __future__ import annotations

import re
from dataclasses import dataclass
from enum import Enum

from gliokit.study.modality import Modality

__all__ = ["Contrast", "Kind", "Reading", "entity", "is_expert_labels", "read_name"]


class Kind(Enum):
    """What a name says of an image, where it names no sequence for sure."""

    LABELS = "labels"
    OTHER = "other"
    CONTRADICTORY = "contradictory"
    UNKNOWN = "unknown"


class Contrast(Enum):
    """What a name of a T1-weighted image says of contrast medium."""

    WITH = "with"
    WITHOUT = "without"
    UNSAID = "unsaid"


@dataclass(frozen=True, slots=True)
class Reading:
    """What a name says: a sequence, or why it gives none; and contrast medium."""

    what: Modality | Kind
    contrast: Contrast = Contrast.UNSAID


def _words(*patterns: str) -> re.Pattern[str]:
    return re.compile(rf"(?<![a-z0-9])(?:{'|'.join(patterns)})(?![a-z0-9])")


AGENT = r"gd|gad|gado\w*|dotarem|magnevist|multihance|prohance|omniscan|clariscan|km|cm"
OPERATION = r"(?! ?(?:op\b|oper|surg|res|rt\b|rad|treat|ther|chem))"

LABELS = _words(
    r"[a-z]*seg(?:s|m|mentation|mentations|algo|mask)?", r"labels?", r"[a-z]*masks?", "truth",
    "ot", "rois?", "annotations?", "contours?", "dlmuse", "dlwmls", "parcellation", "aparc",
)  # fmt: skip
EXPERT_LABELS = _words("seg", "truth", "ot", "dseg", "segm", "segmentation", "tumou?r segmentation")
OTHER = _words(
    "adc", r"dwi\w*", r"dti\w*", "trace", "tracew", "fa", "md", "swi", "swan", "perf", "perfusion",
    "dsc", "dce", r"p?c?asl", r"r?cb[fv]", "mtt", "ttp", "bold", "rest", r"field ?map", "epi",
    "phase", r"ep2d\w*", "tmax", r"locali[sz]er", "scout", "survey", r"subtr\w*", r"t2 ?star\w*",
    "t2s", r"[tr][12]? ?maps?", "pd", "pdw", "mra", "tof", "b0", r"b ?\d{3,4}", "ct", "pet", "warp",
)  # fmt: skip

PLANE = r"(?:[23]d|ax|axi|axial|sag|cor|tra|[esv])?"
WEIGHTED = r"(?:w|wi|weighted)?"
TECHNIQUE = r"(?:[23]d|se|tse|fse|mpr|mprage|spgr|fspgr|bravo|space|cube|vibe|tfe|ffe|fl[23]d)?"
T1 = _words(rf"{PLANE}t1{WEIGHTED}{TECHNIQUE}", "mprage", "f?spgr", "bravo", r"t1 ?flair")
T1_WITH = _words(
    rf"{PLANE}t1{WEIGHTED}(?:c|ce|{AGENT}|post\w*|contrast)", rf"(?:c|ce|gd|gad)t1{WEIGHTED}",
    rf"t1{WEIGHTED} c",
)  # fmt: skip
T1_WITHOUT = _words(rf"{PLANE}t1{WEIGHTED}(?:n|pre\w*|nativ\w*|nogd)")
WITH = _words(
    AGENT, "ce", "contrast", "enhanced", r"post(?:contrast|gad\w*|gd)", "post" + OPERATION
)
WITHOUT = _words(
    rf"(?:pre|non?|without|wo|w o) ?(?:contrast|ce|c|enhanced|{AGENT})", "pre" + OPERATION,
    r"nativ\w*", "unenhanced", "plain",
)  # fmt: skip
T2 = _words(rf"{PLANE}t2{WEIGHTED}{TECHNIQUE}")
FLAIR = re.compile(r"flair|(?<![a-z0-9])(?:t2f|fla|tirm|dark ?fluid)(?![a-z0-9])")

ENTITY = re.compile(r"(?:^|_)(sub|ses|run|space|res|task|dir|rec)-([A-Za-z0-9]+)")


def entity(name: str, key: str) -> str:
    """A part of a BIDS name: 'ses' of 'sub-01_ses-02_T1w' is '02'; '' if there is none."""
    return next((value for k, value in ENTITY.findall(name) if k == key), "")


def _plain(name: str) -> str:
    """Lower-case words: without the BIDS parts that say nothing of the sequence."""
    name = ENTITY.sub("_", name)
    name = re.sub(r"(?<=[a-z])(?=[A-Z][a-z])", " ", name).lower()
    name = re.sub(r"\+ ?(?:c|gd|gad)\b|\bc ?\+", " contrast ", name.replace("_", " "))
    name = name.replace("*", "star")
    return " ".join(re.sub(r"[^a-z0-9]+", " ", name).split())


def is_expert_labels(name: str) -> bool:
    """Whether a file name (without ending) is that of an expert's label map."""
    return bool(EXPERT_LABELS.search(_plain(name)))


def read_name(name: str) -> Reading:
    """What a file name (without ending) or a scanner's description says.

    Words count only whole: 'T2' in 'patient2' or in the BIDS part 'space-T2' says
    nothing. A T1-weighted name that says nothing of contrast medium is T1, with
    contrast `UNSAID`, so that a sidecar may know better.
    """
    text = _plain(name)
    if LABELS.search(text):
        return Reading(Kind.LABELS)
    if OTHER.search(text):
        return Reading(Kind.OTHER)
    with_words = bool(T1_WITH.search(text))
    is_t1 = with_words or bool(T1_WITHOUT.search(text) or T1.search(text))
    is_flair = bool(FLAIR.search(re.sub(r"\bt1 ?flair", "t1", text)))
    is_t2 = bool(T2.search(text)) and not is_flair
    if is_t1 + is_flair + is_t2 > 1:
        return Reading(Kind.CONTRADICTORY)
    if is_flair:
        return Reading(Modality.FLAIR)
    if is_t2:
        return Reading(Modality.T2)
    contrast = Contrast.WITH if with_words else _contrast(text)
    if is_t1:
        return Reading(Modality.T1C if contrast is Contrast.WITH else Modality.T1, contrast)
    return Reading(Kind.UNKNOWN, contrast)


def _contrast(text: str) -> Contrast:
    if T1_WITHOUT.search(text) or WITHOUT.search(text):
        return Contrast.WITHOUT
    return Contrast.WITH if WITH.search(text) else Contrast.UNSAID
