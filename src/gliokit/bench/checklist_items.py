"""What TRIPOD+AI and CLAIM ask for, in our words, and which fact of a run answers it."""

from __future__ import annotations

from dataclasses import dataclass

from gliokit.reporting.language import mark

__all__ = ["CHECKLISTS", "Item"]


@dataclass(frozen=True, slots=True)
class Item:
    """One item.

    Args:
        number: In the checklist.
        about: What it asks for, a message id.
        answer: Which answer of `checklist.answers` it takes; '' for what no run knows.
    """

    number: str
    about: str
    answer: str = ""


TRIPOD_AI = (
    Item("1", mark("title: kind of model, population and outcome"), "title"),
    Item("2", mark("abstract")),
    Item("3a", mark("clinical setting and existing models"), "published"),
    Item("3b", mark("whom it is for and who would use it")),
    Item("3c", mark("known inequalities between groups of people")),
    Item("4", mark("aims: development, evaluation or both"), "aim"),
    Item("5a", mark("sources of data and how far they represent the population"), "cohort"),
    Item("5b", mark("dates of the data")),
    Item("6a", mark("setting and centres"), "sites"),
    Item("6b", mark("who was eligible")),
    Item("6c", mark("treatments received")),
    Item("7", mark("preparation of data and checks of quality"), "guards"),
    Item("8a", mark("the outcome, and when it is determined"), "outcome"),
    Item("8b", mark("who judged the outcome")),
    Item("8c", mark("blinding of who judged the outcome")),
    Item("9a", mark("how predictors were chosen"), "predictors"),
    Item("9b", mark("predictors and how they are measured")),
    Item("9c", mark("who judged the predictors")),
    Item("10", mark("sample size and its reason"), "size"),
    Item("11", mark("missing data"), "missing"),
    Item("12a", mark("how the data were divided"), "division"),
    Item("12b", mark("handling of predictors"), "inside"),
    Item("12c", mark("type of model, building and internal validation"), "models"),
    Item("12d", mark("differences between centres"), "site_figures"),
    Item("12e", mark("measures of performance"), "measures"),
    Item("12f", mark("updating of models"), "updating"),
    Item("12g", mark("how predictions are computed"), "software"),
    Item("13", mark("imbalance of classes"), "balance"),
    Item("14", mark("fairness"), "fairness"),
    Item("15", mark("output of the models and thresholds"), "output"),
    Item("16", mark("differences between training and evaluation data"), "external"),
    Item("17", mark("ethical approval and consent")),
    Item("18a", mark("funding")),
    Item("18b", mark("conflicts of interest")),
    Item("18c", mark("protocol of the study")),
    Item("18d", mark("registration")),
    Item("18e", mark("availability of data")),
    Item("18f", mark("availability of code"), "software"),
    Item("19", mark("involvement of patients and public")),
    Item("20a", mark("flow of participants"), "flow"),
    Item("20b", mark("characteristics of participants"), "people"),
    Item("20c", mark("comparison of training and evaluation patients"), "folds"),
    Item("21", mark("participants and events in each analysis"), "size"),
    Item("22", mark("the models in full"), "findings"),
    Item("23a", mark("performance with intervals, in subgroups too"), "performance"),
    Item("23b", mark("how performance differs between centres"), "site_figures"),
    Item("24", mark("results of updating"), "updating"),
    Item("25", mark("interpretation"), "reading"),
    Item("26", mark("limitations"), "reading"),
    Item("27a", mark("poor or missing input data in use")),
    Item("27b", mark("skills and interaction that users need")),
    Item("27c", mark("next steps")),
)
"""Collins et al., BMJ 385 (2024) e078378."""

CLAIM = (
    Item("1", mark("title names the technology"), "title"),
    Item("2", mark("structured summary")),
    Item("3", mark("background and intended use")),
    Item("4", mark("aims and hypotheses"), "aim"),
    Item("5", mark("prospective or retrospective")),
    Item("6", mark("goal of the study"), "aim"),
    Item("7", mark("sources of data"), "cohort"),
    Item("8", mark("inclusion and exclusion")),
    Item("9", mark("preprocessing of data"), "inside"),
    Item("10", mark("selection of parts of the data"), "flow"),
    Item("11", mark("removal of identities")),
    Item("12", mark("missing data"), "missing"),
    Item("13", mark("how images were acquired")),
    Item("14", mark("how the reference standard was obtained"), "outcome"),
    Item("15", mark("why this reference standard")),
    Item("16", mark("who annotated, and their training")),
    Item("17", mark("how the test set was annotated")),
    Item("18", mark("agreement between annotators")),
    Item("19", mark("how data were assigned to partitions"), "division"),
    Item("20", mark("level at which partitions are disjoint"), "disjoint"),
    Item("21", mark("sample size and its reason"), "size"),
    Item("22", mark("the models in detail"), "models"),
    Item("23", mark("software"), "software"),
    Item("24", mark("how parameters start"), "seed"),
    Item("25", mark("training"), "inside"),
    Item("26", mark("how the final model is chosen"), "selection"),
    Item("27", mark("ensembles")),
    Item("28", mark("measures of performance"), "measures"),
    Item("29", mark("significance and uncertainty"), "uncertainty"),
    Item("30", mark("robustness and sensitivity"), "subgroups"),
    Item("31", mark("explanation of answers")),
    Item("32", mark("evaluation on internal data"), "internal"),
    Item("33", mark("testing on external data"), "external"),
    Item("34", mark("registration of a trial")),
    Item("35", mark("flow of participants"), "flow"),
    Item("36", mark("characteristics of participants, by partition"), "people"),
    Item("37", mark("performance with its uncertainty"), "performance"),
    Item("38", mark("diagnostic performance and precision"), "rates"),
    Item("39", mark("analysis of failures"), "wrong"),
    Item("40", mark("limitations"), "reading"),
    Item("41", mark("implications for practice")),
    Item("42", mark("the full protocol"), "division"),
    Item("43", mark("availability of software, models and data"), "software"),
    Item("44", mark("funding")),
)
"""Tejani et al., Radiol Artif Intell 6 (2024) e240300."""

CHECKLISTS = {"TRIPOD+AI": TRIPOD_AI, "CLAIM": CLAIM}
