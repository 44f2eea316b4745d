"""The page is whole, safe, self-contained, and says what it must."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from gliokit.reporting import Analysis, Lang, render_report, write_report
from gliokit.reporting.viewer import niivue
from gliokit.segmentation.result import Segmentation
from gliokit.study import WHOLE_TUMOUR, LabelMap, Modality, OutputError, UsageError
from tests.reporting.conftest import figures_of, made_up_analysis, region_figures
from tests.reporting.page_reader import PageReader

LANGUAGES: tuple[Lang, ...] = ("en", "zh")
RESEARCH = {"en": "Research use only", "zh": "仅供科研使用"}


@pytest.mark.parametrize("lang", LANGUAGES)
@pytest.mark.parametrize("which", ["analysis", "tumour_free", "corrected"])
def test_the_page_is_balanced_and_loads_nothing(
    which: str, lang: Lang, request: pytest.FixtureRequest
) -> None:
    page = PageReader(render_report(request.getfixturevalue(which), lang=lang))
    assert page.faults == []
    assert [load[:40] for load in page.loads if not load.startswith("data:")] == []
    assert RESEARCH[lang] in page.text
    assert "{" not in page.text, "a place in a message was not filled"


def test_research_use_only_stands_on_every_page_of_the_print(analysis: Analysis) -> None:
    for lang in LANGUAGES:
        rule = re.search(
            r"@bottom-left \{ content: \"([^\"]*)\"", render_report(analysis, lang=lang)
        )
        assert rule is not None
        assert RESEARCH[lang] in rule[1]


def test_no_style_or_script_of_ours_names_an_address(analysis: Analysis) -> None:
    page = render_report(analysis)
    script = niivue()
    assert script is not None
    assert script.source in page
    assert re.findall(r"https?:|url\(|@import", page.replace(script.source, "")) == []


@pytest.mark.parametrize("name", ["<script>alert(1)</script>", '"><img src=x>', "a</script>b"])
def test_names_are_text_and_never_markup(name: str) -> None:
    analysis = made_up_analysis()
    analysis = replace(
        analysis,
        prepared=replace(analysis.prepared, subject=name),
        segmentation=replace(analysis.segmentation, model=name),
        provenance={"command": name, "inputs": {name: name}, "settings": {name: name}},
    )
    text = render_report(analysis)
    page = PageReader(text)
    assert page.faults == []
    assert name not in text
    assert name in page.text


def test_a_tumour_free_study_says_so_and_excludes_nothing(tumour_free: Analysis) -> None:
    text = PageReader(render_report(tumour_free)).text
    assert "No tumour was segmented. This does not exclude a tumour." in text
    assert "未分割出肿瘤。此结果不能排除肿瘤。" in render_report(tumour_free, lang="zh")


def test_a_scheme_that_knows_one_region_shows_one(analysis: Analysis) -> None:
    prepared = analysis.prepared
    images = {Modality.T2: prepared.images[Modality.T2]}
    prepared = replace(prepared, images=images, notices=())
    mask = analysis.segmentation.label_map.region("WT").astype(np.uint8)
    known = made_up_analysis(
        prepared=prepared,
        segmentation=Segmentation(LabelMap(prepared.grid, mask, WHOLE_TUMOUR), "one"),
        measurements=figures_of(
            regions={"WT": region_figures(23.0, None)}, proportions=None, location=None
        ),
        card=None,
        provenance={},
    )
    text = PageReader(render_report(known)).text
    assert "Enhancing tumour" not in text
    assert "The segmentation knows the whole tumour only." in text
    assert "missing: T1, T1 with contrast and FLAIR" in text


def test_two_segmentations_stand_side_by_side(corrected: Analysis) -> None:
    page = render_report(corrected)
    table = page.split('<section id="compared"')[1].split("</section>")[0]
    assert "25.0" in table
    assert "23.0" in table
    assert "+9 %" in table
    assert table.count('class="contour dashed"') == 3
    assert 'id="viewer-segmentation"' in page


def test_the_card_tells_its_patients_and_its_figures(analysis: Analysis) -> None:
    text = PageReader(render_report(analysis)).text
    assert "45 patients" in text
    assert "Whole tumour, mean Dice" in text
    card = analysis.card
    assert card is not None
    bare = replace(analysis, card=card.model_copy(update={"held_out": {}}))
    assert "No figures are stored with this model." in render_report(bare)


def test_labels_are_never_called_necrosis_or_oedema_alone(analysis: Analysis) -> None:
    text = PageReader(render_report(analysis)).text
    for word, pair in (
        ("necrosis", "necrosis or non-enhancing tumour"),
        ("oedema", "oedema or infiltration"),
    ):
        assert text.count(word) == text.count(pair) > 0


def test_the_page_is_small_enough_to_mail(analysis: Analysis) -> None:
    assert len(render_report(analysis).encode()) < 12e6


def test_an_unknown_language_is_refused(analysis: Analysis) -> None:
    with pytest.raises(UsageError, match="en, zh"):
        render_report(analysis, lang="xx")  # type: ignore[arg-type]


def test_a_report_that_can_not_be_written_leaves_nothing(
    analysis: Analysis, tmp_path: Path
) -> None:
    path = write_report(analysis, tmp_path / "new" / "report.html", lang="zh")
    assert path.read_text(encoding="utf-8").startswith("<!DOCTYPE html>")
    assert [p.name for p in path.parent.iterdir()] == ["report.html"]
    (tmp_path / "file").write_text("")
    with pytest.raises(OutputError):
        write_report(analysis, tmp_path / "file" / "report.html")
