"""The methods text: what really ran, with versions and sources."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from gliokit.reporting.analysis import Analysis
from gliokit.reporting.language import Language
from gliokit.reporting.names import sequence_name, stage_name
from gliokit.study import Modality

__all__ = ["Methods", "describe_methods"]

SOURCES = {
    "brats": "Menze BH, et al. The Multimodal Brain Tumor Image Segmentation Benchmark (BRATS). "
    "IEEE Trans Med Imaging 2015;34:1993-2024. doi:10.1109/TMI.2014.2377694",
    "brats2021": "Baid U, et al. The RSNA-ASNR-MICCAI BraTS 2021 Benchmark on Brain Tumor "
    "Segmentation and Radiogenomic Classification. 2021. arXiv:2107.02314",
    "unet": "Çiçek Ö, et al. 3D U-Net: Learning Dense Volumetric Segmentation from Sparse "
    "Annotation. MICCAI 2016, LNCS 9901:424-432. doi:10.1007/978-3-319-46723-8_49",
    "rano": "Wen PY, et al. Updated Response Assessment Criteria for High-Grade Gliomas: Response "
    "Assessment in Neuro-Oncology Working Group. J Clin Oncol 2010;28:1963-1972. "
    "doi:10.1200/JCO.2009.26.3541",
    "mni": "Fonov V, et al. Unbiased average age-appropriate atlases for pediatric studies. "
    "NeuroImage 2011;54:313-327. doi:10.1016/j.neuroimage.2010.07.033",
    "simpleitk": "Lowekamp BC, et al. The Design of SimpleITK. Front Neuroinform 2013;7:45. "
    "doi:10.3389/fninf.2013.00045",
}


Cite = Callable[..., str]
"""Names of sources -> their numbers in brackets."""


@dataclass(frozen=True, slots=True)
class Methods:
    """Paragraphs, the list of sources that they number, and the facts of the run."""

    paragraphs: tuple[str, ...]
    sources: tuple[str, ...]
    facts: tuple[tuple[str, str], ...]


def describe_methods(analysis: Analysis, words: Language) -> Methods:
    """What ran, of the analysis and its provenance; what that doesn't say is left out."""
    cited: list[str] = []

    def cite(*names: str) -> str:
        cited.extend(n for n in names if n not in cited)
        return "[" + ", ".join(str(cited.index(n) + 1) for n in names) + "]"

    paragraphs = (
        _images(analysis, words),
        words.sentences(_segmentation(analysis, words, cite)),
        words.sentences(_measurements(analysis, words, cite)),
    )
    return Methods(
        paragraphs,
        tuple(SOURCES[name] for name in cited),
        tuple(_facts(analysis.provenance, words)),
    )


def _images(analysis: Analysis, words: Language) -> str:
    prepared = analysis.prepared
    native = prepared.alignment.native
    text = words.say(
        "{sequences} of {shape} voxels of {spacing} mm were turned to the axes nearest to the "
        "patient's (RAS), cut to the brain, and normalised within it by their 10th, 50th and 90th "
        "percentiles.",
        sequences=words.listing(sequence_name(m, words) for m in prepared.images),
        shape=" x ".join(map(str, native.shape)),
        spacing=" x ".join(f"{s:.3g}" for s in native.spacing_mm),
    )
    if any(n.code == "grid-resampled" for n in prepared.notices):
        resampled = words.say("They were resampled to 1 mm, linearly.")
        return words.sentences((text, resampled))
    return text


def _segmentation(analysis: Analysis, words: Language, cite: Cite) -> Iterator[str]:
    is_given = analysis.measurements.segmentation == "given"
    if is_given:
        yield words.say("The regions are those of a given segmentation; they were not changed.")
    if is_given and analysis.compared is not None:
        yield words.say("An automatic segmentation is shown beside them.")
    if not is_given or analysis.compared is not None:
        yield _model(analysis, words, cite)
    if analysis.segmentation.label_map.knows("TC"):
        sources = cite("brats", "brats2021")
        yield words.say("Regions are those of the BraTS challenges {sources}.", sources=sources)


def _model(analysis: Analysis, words: Language, cite: Cite) -> str:
    card = analysis.card
    if card is None or card.imported is not None:
        automatic = analysis.compared[0] if analysis.compared else analysis.segmentation
        return words.say("Regions were segmented by the model {model}.", model=automatic.model)
    return words.say(
        "Regions were segmented by the model {model}, version {version}: 3-D U-Nets {source} that "
        "see the brain at {spacings}, run by OpenVINO in single precision.",
        model=card.name,
        version=card.version,
        source=cite("unet"),
        spacings=words.listing(f"{s.spacing_mm} mm" for s in card.stages),
    )


def _measurements(analysis: Analysis, words: Language, cite: Cite) -> Iterator[str]:
    figures = analysis.measurements
    yield words.say(
        "Volumes count voxels; lesions are parts that touch at faces, edges or corners "
        "(26-connected); the longest diameter is the largest distance within a lesion in 3-D."
    )
    if any(r.bidimensional is not None for r in figures.regions.values()):
        yield words.say(
            "Axial diameters follow RANO {source}: the longest diameter in an axial slice and the "
            "largest perpendicular to it, outer edge to outer edge, on the enhancing tumour with "
            "its enclosed core and on the FLAIR abnormality.",
            source=cite("rano"),
        )
    if figures.location is not None:
        yield words.say(
            "Places were looked up in an atlas after an affine match of the brain with the "
            "MNI152 template {template} by SimpleITK {software}, the tumour left out; the match "
            "has a similarity of {similarity}. Nothing was measured in the atlas.",
            template=cite("mni"),
            software=cite("simpleitk"),
            similarity=words.number(figures.location.similarity, 2),
        )


def _facts(provenance: dict[str, Any], words: Language) -> Iterator[tuple[str, str]]:
    """What `run.json` tells of the run, line by line."""
    if "version" in provenance:
        yield words.say("Version of gliokit"), str(provenance["version"])
    if "date" in provenance:
        yield words.say("Date of the analysis"), words.date(str(provenance["date"]))
    if "command" in provenance:
        command = provenance["command"]
        text = command if isinstance(command, str) else " ".join(map(str, command))
        yield words.say("Command"), text
    for name, about in _pairs(provenance.get("inputs")):
        label = sequence_name(name, words) if name in list(Modality) else name
        yield words.say("Input {name}", name=label), _short(about)
    settings = [(k, v) for k, v in _pairs(provenance.get("settings")) if v is not None]
    for name, about in settings:
        yield words.say("Setting {name}", name=name), _short(about)
    seconds = [
        words.say("{stage} {seconds} s", stage=stage_name(k, words), seconds=words.number(v, 1))
        for k, v in _pairs(provenance.get("seconds"))
        if isinstance(v, int | float)
    ]
    if seconds:
        yield words.say("Seconds per stage"), ", ".join(seconds)
    libraries = [f"Python {provenance['python']}"] if "python" in provenance else []
    libraries += [f"{k} {v}" for k, v in _pairs(provenance.get("libraries"))]
    if libraries:
        yield words.say("Software"), ", ".join(libraries)


def _pairs(value: Any) -> list[tuple[str, Any]]:
    """Of a mapping, or of a list of mappings that say what they are about."""
    if isinstance(value, dict):
        return [(str(k), v) for k, v in value.items()]
    if not isinstance(value, list):
        return []
    pairs = []
    for n, entry in enumerate(value, start=1):
        rest = dict(entry) if isinstance(entry, dict) else {"": entry}
        name = next((str(rest.pop(k)) for k in ("sequence", "name", "role") if k in rest), str(n))
        pairs.append((name, rest))
    return pairs


def _short(about: Any) -> str:
    """A fact on one line: the file without its folder, checksums cut."""
    if isinstance(about, dict):
        return ", ".join(_part(k, v) for k, v in about.items() if v is not None)
    return str(about)


def _part(key: str, value: Any) -> str:
    if key in ("file", "path", ""):
        return str(value).replace("\\", "/").rsplit("/", 1)[-1]
    if key == "sha256":
        return f"sha256 {str(value)[:12]}"
    return f"{key} {value}"
