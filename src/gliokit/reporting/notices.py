"""What is missing or odd, in the reader's language."""

from __future__ import annotations

from gliokit.reporting.analysis import Analysis
from gliokit.reporting.language import Language
from gliokit.reporting.names import REGION_COLOURS, region_name, sequence_name
from gliokit.study import NOTICES, REASONS, Modality, Notice, Severity

__all__ = ["notice_texts"]


def notice_texts(analysis: Analysis, words: Language, severity: Severity) -> tuple[str, ...]:
    """All notices of this weight, none twice."""
    maps = [analysis.segmentation.label_map]
    if analysis.compared is not None:
        maps.append(analysis.compared[0].label_map)
    notices = (*analysis.prepared.notices, *(n for m in maps for n in m.notices))
    texts = [_text(n, words) for n in notices if n.severity == severity]
    return tuple(dict.fromkeys(texts))


def _text(notice: Notice, words: Language) -> str:
    values = {key: _value(value, words) for key, value in notice.values.items()}
    return words.say(NOTICES[notice.code][1], **values)


def _value(value: str | float, words: Language) -> str | float:
    if not isinstance(value, str):
        return value
    if value in REASONS:
        return words.say(value)
    if value.lower() in list(Modality):
        return sequence_name(value.lower(), words)
    return f"{region_name(value, words)} ({value})" if value in REGION_COLOURS else value
