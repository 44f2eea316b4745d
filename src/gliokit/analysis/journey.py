"""The reader's journey: stages in order, and what they leave on disk."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from gliokit.analysis.doubting import doubts, with_doubt
from gliokit.analysis.feature_table import measured_features, table_settings, write_table
from gliokit.analysis.finding import Found, Source, find_tumour
from gliokit.analysis.provenance import (
    command_of,
    file_inputs,
    model_entry,
    run_record,
    write_run,
)
from gliokit.analysis.remarks import remarks
from gliokit.analysis.stages import Progress, Stages, silent
from gliokit.preprocessing import label_map_on, reoriented, to_native
from gliokit.reporting import Analysis
from gliokit.segmentation import Quality, Segmentation
from gliokit.study import (
    LabelMap,
    Study,
    UsageError,
    check_same_grid,
    output_folder,
    read_label_map,
    write_label_map,
)

if TYPE_CHECKING:
    from gliokit.reporting import Lang

__all__ = ["analyze", "report"]

File = str | Path


def analyze(
    study: File | None,
    out: File,
    *,
    t1: File | None = None,
    t1c: File | None = None,
    t2: File | None = None,
    flair: File | None = None,
    lang: Lang = "en",
    segmentation: File | None = None,
    generation: str | None = None,
    model: File | None = None,
    quality: Quality = "standard",
    features: bool = False,
    feature_settings: File | None = None,
    overwrite: bool = False,
    progress: Progress = silent,
) -> Analysis:
    """Read a study, find its tumour, measure it and write the report.

    OUT holds `report.html`, `segmentation.nii.gz` (on the grid of the images),
    `measurements.json`, `run.json`, and `analysis.npz`, which `report` reads; with
    `features` also `features.tsv`. It is there as a whole or not at all. A study without
    a tumour is an answer.

    Args:
        study: Folder of one visit, as in `read_study`; None where files are given.
        out: A new or empty folder, or an earlier result, which is replaced.
        t1: File of the T1 sequence; wins over what the folder holds. So do the next.
        t1c: T1 after contrast medium.
        t2: T2.
        flair: FLAIR.
        lang: Language of the report, 'en' or 'zh'.
        segmentation: A label map on the grid of the images, corrected elsewhere: it is
            measured, and the automatic one is shown beside it.
        generation: What the labels of `segmentation` mean, as in `read_label_map`.
        model: Name of a model that comes with gliokit, or a model folder.
        quality: 'standard' or 'best', as in `segmentation.segment`.
        features: Write a table of the features of every region, sequence and sign.
        feature_settings: TOML of the radiomics in it; IBSI's whole 3-D set without one.
        overwrite: Write also into a folder that holds other files; they stay.
        progress: Told what begins.

    Raises:
        UsageError: an unknown model or language, or no study.
        StudyError: the images or the given segmentation can't be used.
        OutputError: OUT can't be written.
    """
    from gliokit.reporting.language import language

    language(lang)
    if generation is not None and segmentation is None:
        raise UsageError(
            "a generation says what the labels of a given segmentation mean",
            found="no segmentation",
            way_out="Give --segmentation too, or leave --generation out.",
        )
    wanted = table_settings(feature_settings, features=features)
    digest = None if wanted is None else wanted.digest()
    stages = Stages(progress)
    source = Source(study, t1, t1c, t2, flair)
    command = command_of(
        "analyze", study, out=out, **source.files, lang=lang, segmentation=segmentation,
        generation=generation, model=model, quality=quality, features=features,
        feature_settings=feature_settings,
    )  # fmt: skip
    with output_folder(out, overwrite=overwrite) as folder:
        with stages.stage("read", "reading the images"):
            images = source.read()
            given = None if segmentation is None else _given(segmentation, generation, images)
            others = {"segmentation": segmentation, "feature-settings": feature_settings}
            given_files = {role: Path(file) for role, file in others.items() if file is not None}
            inputs = file_inputs(images, given_files)
        found = find_tumour(images, model, quality, stages)
        seen = _see(found, quality, (given, segmentation), stages)
        if wanted is not None:
            with stages.stage("features", "measuring features"):
                write_table(folder, measured_features(seen, wanted))
        record = run_record(
            command=command,
            inputs=inputs,
            settings={
                "lang": lang,
                "generation": generation,
                "quality": quality,
                "features": digest,
            },
            model=model_entry(found.network.card),
            seconds=stages.seconds,
            notices=seen.prepared.notices,
        )
        analysis = replace(seen, card=found.network.card, provenance=record)
        native = to_native(found.automatic.label_map, found.prepared) if given is None else given
        return _write(analysis, native, folder, lang, stages)


def _given(path: File, generation: str | None, study: Study) -> LabelMap:
    """A label map of a file, its axes turned as those of the images."""
    first = next(iter(study.volumes.values()))
    label_map = reoriented(read_label_map(path, generation=generation), first.grid)
    check_same_grid(label_map.grid, first.grid, source=path, against=first.source)
    return LabelMap(first.grid, label_map.data, label_map.labels, label_map.notices)


def _see(
    seen: Found,
    quality: Quality,
    correction: tuple[LabelMap | None, File | None],
    stages: Stages,
) -> Analysis:
    """What is measured, what is shown beside it, and what is to be said of it."""
    from gliokit.measurement import measure

    prepared, automatic, network = seen.prepared, seen.automatic, seen.network
    given, path = correction
    with stages.stage("measure", "measuring"):
        figures = measure(prepared, automatic.label_map, segmentation="automatic")
        figures = with_doubt(figures, automatic, network, quality)
        doubtful = doubts(prepared, automatic, network, quality, measured=given is None)
        compared = None
        measured = automatic
        if given is not None:
            compared = (automatic, figures)
            measured = Segmentation(label_map_on(given, prepared), "given")
            drawn = reoriented(given, prepared.grid)
            figures = measure(prepared, measured.label_map, segmentation="given", drawn=drawn)
    said = () if given is None else given.notices
    told = (*remarks(figures, prepared, network.card, given=path), *doubtful)
    notices = (*prepared.notices, *said, *told)
    return Analysis(
        prepared=replace(prepared, notices=notices),
        segmentation=measured,
        measurements=figures,
        card=None,
        provenance={},
        compared=compared,
    )


def _write(
    analysis: Analysis, native: LabelMap, folder: Path, lang: Lang, stages: Stages
) -> Analysis:
    """All files of a result; the last one says that it is complete."""
    from gliokit.reporting import save_analysis, write_report

    with stages.stage("report", "writing the report"):
        write_label_map(folder / "segmentation.nii.gz", native)
        text = analysis.measurements.model_dump_json(indent=1)
        (folder / "measurements.json").write_text(text + "\n", encoding="utf-8")
        write_report(analysis, folder / "report.html", lang=lang)
        save_analysis(analysis, folder)
    seconds = {**stages.seconds, "total": stages.total()}
    record: dict[str, Any] = {**analysis.provenance, "seconds": seconds}
    write_run(record, folder)
    return replace(analysis, provenance=record)


def report(out: File, *, lang: Lang = "en", file: File | None = None) -> Path:
    """Make the report of an analysis again, in any language, without computing.

    Args:
        out: Folder that `analyze` wrote.
        lang: Language of the report, 'en' or 'zh'.
        file: Where to write it; else `report.html` in the folder.

    Returns:
        The report.

    Raises:
        UsageError: an unknown language.
        StudyError: the folder holds no analysis.
        OutputError: the report can't be written.
    """
    from gliokit.reporting import load_analysis, write_report
    from gliokit.reporting.language import language

    language(lang)
    path = Path(out) / "report.html" if file is None else Path(file)
    write_report(load_analysis(out), path, lang=lang)
    return path
