"""How well a model, or label maps made elsewhere, agree with the experts of a cohort."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

from gliokit.analysis.predictions import find_predictions
from gliokit.analysis.stages import Progress, silent
from gliokit.batch import Failure
from gliokit.evaluation import CaseFigures, SummaryFigure, score_case, summarise_segmentations
from gliokit.inference import DEFAULT_MODEL, Model, ModelCard, load_model
from gliokit.preprocessing import prepare, reoriented, to_native
from gliokit.segmentation import Quality, segment
from gliokit.study import (
    Cohort,
    LabelMap,
    Modality,
    OutputError,
    Patient,
    Study,
    StudyError,
    UsageError,
    check_same_grid,
    read_label_map,
)

__all__ = ["EvaluatedCase", "SegmentationEvaluation", "evaluate_segmentation", "was_seen"]


@dataclass(frozen=True, slots=True)
class EvaluatedCase:
    """One patient: his figures, his group, and whether the model was trained on him.

    Args:
        subject: Name in the cohort.
        group: Of the column that patients are grouped by; '' where unknown.
        seen: None where nobody says whom the method was trained on.
        averaged: Whether the summary counts him.
        figures: Of all regions that reference and prediction know.
    """

    subject: str
    group: str
    seen: bool | None
    averaged: bool
    figures: CaseFigures

    def as_row(self) -> dict[str, Any]:
        """One flat row of a results file."""
        lead = {"subject": self.subject, "group": self.group, "seen_in_training": self.seen}
        return {**lead, "averaged": self.averaged, **self.figures.as_row()}


@dataclass(frozen=True, slots=True)
class SegmentationEvaluation:
    """Every patient's figures and their summary.

    Args:
        method: Name and version of the model, or 'given' for label maps.
        cases: In the order of the cohort.
        summary: Of those that are averaged, as `summarise_segmentations` names them.
        failures: Who could not be judged, and why.
    """

    method: str
    cases: tuple[EvaluatedCase, ...]
    summary: Mapping[str, SummaryFigure]
    failures: tuple[Failure, ...] = ()

    @property
    def data(self) -> str:
        """Who was judged, and who of them counts, in words."""
        averaged = sum(c.averaged for c in self.cases)
        seen = sum(c.seen is True for c in self.cases)
        text = f"{self.method}: {len(self.cases)} patients, {averaged} averaged"
        if self.failures:
            text += f", {len(self.failures)} more could not be judged"
        if any(c.seen is None for c in self.cases):
            return f"{text}; whom it was trained on is not known"
        return f"{text}; {seen} were seen in training"


def evaluate_segmentation(
    cohort: Cohort,
    *,
    model: str | Path | None = None,
    predictions: Path | None = None,
    generation: str | None = None,
    sequences: Sequence[Modality] = (),
    quality: Quality = "standard",
    group_by: str = "collection",
    include_seen: bool = False,
    keep_going: bool = False,
    seed: int = 0,
    progress: Progress = silent,
) -> SegmentationEvaluation:
    """Judge a model, or label maps that are there already, patient by patient.

    Figures are taken on the grid of the images as they were read, for the regions that
    both label maps know. A patient that the model was trained on is marked and not
    averaged among the others.

    Args:
        cohort: Patients with expert label maps.
        model: Name or folder of a model; the shipped one by default.
        predictions: Instead of a model, a folder of label maps: `SUBJECT.nii.gz`, or
            `SUBJECT/segmentation.nii.gz` as `analyze` writes it.
        generation: What the labels of `predictions` mean, as in `read_label_map`.
        sequences: The model sees these alone; all that there are by default.
        quality: 'standard' or 'best', as in `segmentation.segment`.
        group_by: Column whose groups are summarised too.
        include_seen: Average patients that the model was trained on as well.
        keep_going: List a patient who can't be judged among the failures, and judge the others.
        seed: Of the bootstrap.
        progress: Told which patient begins, by number.

    Raises:
        UsageError: both a model and predictions, options that don't go together, no such
            column, or the model has seen every patient.
        StudyError: a patient lacks a label map or a prediction; lacks all sequences asked
            for or can't be read, unless `keep_going` and another one can be averaged.
    """
    _check_options(model, predictions, generation, sequences)
    cohort.check_column(group_by, purpose="grouped by")
    if predictions is not None:
        files = find_predictions(cohort, predictions)
        _check_labelled(cohort)
        seen: dict[str, bool | None] = {p.subject: None for p in cohort.patients}
        method = "given label maps"
        predict = _reader(files, generation)
    else:
        network = load_model(DEFAULT_MODEL if model is None else model)
        _check_labelled(cohort)
        seen = {p.subject: was_seen(p, network.card) for p in cohort.patients}
        method = network.title
        predict = _segmenter(network, tuple(sequences), quality)
    averaged = {name: include_seen or known is not True for name, known in seen.items()}
    _check_unseen(method, averaged)
    cases, failures = [], []
    for number, patient in enumerate(cohort.patients, start=1):
        progress(f"patient {number} of {len(cohort.patients)}")
        figures = _tried(patient, predict) if keep_going else _judge(patient, predict)
        if isinstance(figures, Failure):
            failures.append(figures)
            continue
        cases.append(
            EvaluatedCase(
                subject=patient.subject,
                group=patient.attributes.get(group_by, ""),
                seen=seen[patient.subject],
                averaged=averaged[patient.subject],
                figures=figures,
            )
        )
    counted = [c for c in cases if c.averaged]
    if not counted:
        raise StudyError(
            "a patient that is averaged can be judged",
            source=failures[0].name,
            found=f"{len(failures)} of {len(cohort.patients)} that can't; {failures[0].reason}",
        )
    summary = summarise_segmentations(
        [c.figures for c in counted], [c.group for c in counted], seed=seed
    )
    return SegmentationEvaluation(method, tuple(cases), summary, tuple(failures))


def was_seen(patient: Patient, card: ModelCard) -> bool | None:
    """Whether a model was trained on a patient, by any name that the two go by.

    None where the card doesn't say whom the model was trained on.
    """
    known = patient.attributes
    return card.has_seen((patient.subject, known.get("patient", "")), known.get("collection", ""))


def _check_options(
    model: str | Path | None,
    predictions: Path | None,
    generation: str | None,
    sequences: Sequence[Modality],
) -> None:
    if predictions is not None and (model is not None or sequences):
        raise UsageError(
            "label maps that are there already need no model and no sequences",
            source=predictions,
            way_out="Give --model, or --predictions, not both.",
        )
    if predictions is None and generation is not None:
        raise UsageError(
            "a generation says what the labels of given predictions mean",
            found="no predictions",
            way_out="Give --predictions too, or leave --generation out.",
        )


def _check_labelled(cohort: Cohort) -> None:
    without = [p.subject for p in cohort.patients if p.open_label_map is None]
    if without or not cohort.patients:
        raise StudyError(
            "every patient who is judged has an expert label map",
            source=cohort.root,
            found=f"{len(without)} without one, such as {without[0]}" if without else "no patient",
            way_out="Name the label map in the column 'seg', or take these rows out.",
        )


def _check_unseen(method: str, averaged: Mapping[str, bool]) -> None:
    if not any(averaged.values()):
        raise UsageError(
            "a model is judged on patients that it was not trained on",
            source=method,
            found=f"all {len(averaged)} patients of the cohort among those it was trained on",
            way_out="Give other patients; or include those seen, and call it no test.",
        )


Predict = Callable[[Patient, Study], LabelMap]
"""A label map of a patient's images, on their grid or one that lies voxel on voxel."""


def _reader(files: Mapping[str, Path], generation: str | None) -> Predict:
    def predict(patient: Patient, study: Study) -> LabelMap:
        grid = next(iter(study.volumes.values())).grid
        path = files[patient.subject]
        found = reoriented(read_label_map(path, generation=generation), grid)
        check_same_grid(found.grid, grid, source=path, against=f"the images of {study.subject}")
        return found

    return predict


def _segmenter(network: Model, sequences: tuple[Modality, ...], quality: Quality) -> Predict:
    def predict(patient: Patient, study: Study) -> LabelMap:
        kept = {m: v for m, v in study.volumes.items() if not sequences or m in sequences}
        if not kept:
            raise StudyError(
                f"a patient has at least one of {', '.join(sequences)}",
                source=patient.subject,
                found=", ".join(study.volumes),
            )
        prepared = prepare(replace(study, volumes=kept))
        return to_native(segment(prepared, network, quality=quality).label_map, prepared)

    return predict


def _tried(patient: Patient, predict: Predict) -> CaseFigures | Failure:
    try:
        return _judge(patient, predict)
    except OutputError:
        raise
    except Exception as error:  # as `batch` does: one patient doesn't cost the others' hours
        return Failure(patient.subject, type(error).__name__, str(error) or type(error).__name__)


def _judge(patient: Patient, predict: Predict) -> CaseFigures:
    assert patient.open_label_map is not None
    study = patient.open_study()
    image = next(iter(study.volumes.values()))
    expert = reoriented(patient.open_label_map(), image.grid)
    check_same_grid(
        expert.grid,
        image.grid,
        source=f"the label map of {patient.subject}",
        against=image.source,
    )
    found = predict(patient, study)
    regions = [name for name in expert.labels.regions if found.knows(name)]
    if not regions:
        raise StudyError(
            "expert and prediction share a region",
            source=patient.subject,
            found=f"'{expert.labels.name}' and '{found.labels.name}'",
        )
    return score_case(
        {name: expert.region(name) for name in regions},
        {name: found.region(name) for name in regions},
        image.grid.spacing_mm,
    )
