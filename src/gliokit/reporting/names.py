"""What things are called in a report."""

from __future__ import annotations

from gliokit.reporting.language import Language, mark
from gliokit.study import Modality

__all__ = [
    "REGION_COLOURS",
    "VALUE_COLOURS",
    "place_name",
    "region_name",
    "sequence_name",
    "stage_name",
    "value_name",
]

SEQUENCES = {
    "t1": mark("T1"),
    "t1c": mark("T1 with contrast"),
    "t2": mark("T2"),
    "flair": mark("FLAIR"),
}

REGIONS = {
    "WT": mark("Whole tumour"),
    "TC": mark("Tumour core"),
    "ET": mark("Enhancing tumour"),
    "RC": mark("Resection cavity"),
}

VALUES = {
    "NCR": mark("Non-enhancing core"),
    "ED": mark("FLAIR abnormality outside the core"),
    "ET": mark("Enhancing tumour"),
    "RC": mark("Resection cavity"),
    "WT": mark("Whole tumour"),
}

REGION_COLOURS = {"WT": "#4cc3ff", "TC": "#ffd23f", "ET": "#ff5468", "RC": "#c98bff"}
"""Of contours: told apart by people with any colour vision, on grey and on paper."""

VALUE_COLOURS = {
    "NCR": REGION_COLOURS["TC"],
    "ED": REGION_COLOURS["WT"],
    "ET": REGION_COLOURS["ET"],
    "RC": REGION_COLOURS["RC"],
    "WT": REGION_COLOURS["WT"],
}

PLACES = {
    "frontal": mark("frontal lobe"),
    "parietal": mark("parietal lobe"),
    "temporal": mark("temporal lobe"),
    "occipital": mark("occipital lobe"),
    "insula": mark("insula"),
    "insular": mark("insula"),
    "limbic": mark("limbic lobe"),
    "cingulate": mark("cingulate gyrus"),
    "hippocampus": mark("hippocampus"),
    "amygdala": mark("amygdala"),
    "basal_ganglia": mark("basal ganglia"),
    "caudate": mark("caudate nucleus"),
    "putamen": mark("putamen"),
    "pallidum": mark("globus pallidus"),
    "accumbens": mark("nucleus accumbens"),
    "thalamus": mark("thalamus"),
    "deep_grey": mark("deep grey nuclei"),
    "corpus_callosum": mark("corpus callosum"),
    "ventricle": mark("ventricles"),
    "ventricles": mark("ventricles"),
    "brainstem": mark("brainstem"),
    "cerebellum": mark("cerebellum"),
    "white_matter": mark("deep white matter"),
    "elsewhere": mark("elsewhere"),
    "outside": mark("elsewhere"),
}

AREAS = {
    "motor": mark("motor cortex"),
    "sensory": mark("sensory cortex"),
    "speech_motor": mark("inferior frontal gyrus (motor speech)"),
    "speech_receptive": mark("superior temporal and supramarginal gyrus (receptive speech)"),
    "vision": mark("visual cortex"),
}
"""Eloquent areas that are no places of their own."""

STAGES = {
    "read": mark("reading"),
    "prepare": mark("preparing"),
    "segment": mark("segmenting"),
    "measure": mark("measuring"),
    "features": mark("feature table"),
    "report": mark("report"),
    "total": mark("in all"),
}


def sequence_name(modality: Modality | str, words: Language) -> str:
    """'FLAIR'."""
    code = str(modality)
    return words.say(SEQUENCES[code]) if code in SEQUENCES else code.upper()


def region_name(region: str, words: Language) -> str:
    """'Whole tumour'; of a single label what its value stands for."""
    return words.say(REGIONS[region]) if region in REGIONS else value_name(region, words)


def value_name(value: str, words: Language) -> str:
    """What a value of a label map stands for. Never 'necrosis' or 'oedema' alone."""
    return words.say(VALUES[value]) if value in VALUES else value


def place_name(key: str, words: Language, *, with_side: bool = True) -> str:
    """'left frontal lobe' of 'frontal_left'; eloquent areas too."""
    stem, _, side = key.rpartition("_")
    if side not in ("left", "right"):
        return _place(key, words)
    if not with_side:
        return _place(stem, words)
    if side == "left":
        return words.say("left {place}", place=_place(stem, words))
    return words.say("right {place}", place=_place(stem, words))


def _place(stem: str, words: Language) -> str:
    known = {**PLACES, **AREAS}
    return words.say(known[stem]) if stem in known else stem.replace("_", " ")


def stage_name(stage: str, words: Language) -> str:
    """'segmenting'."""
    return words.say(STAGES[stage]) if stage in STAGES else stage.replace("_", " ")
