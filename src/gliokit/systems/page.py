"""The page of the systems, from their cards; figures come from stored runs."""

from __future__ import annotations

from collections.abc import Mapping

from gliokit.systems.card import FIDELITY, PaperFigure, SystemCard
from gliokit.systems.registry import BASELINES, SYSTEMS, find_association, find_system

__all__ = ["systems_page"]

HEAD = """# Systems

This page is made from the systems' cards by `python benchmarks/systems_page.py`; its figures are
of stored runs. Every system stands behind one interface (`gliokit.systems`): `needs` is checked
before anything runs and what is missing is listed by patient; `fit` is handed a training fold
that holds no test patient; `answer` is asked of patients without a target; `save` writes JSON
and, where scikit-learn's estimators are in it, a skops file: no pickle. `gliokit systems` lists
them, `gliokit systems ID` shows one, `gliokit systems new NAME` writes a file for your own,
`gliokit bench` compares them, or a FILE.py, and `gliokit power` says how many patients a study
needs.

```
gliokit bench --cohort COHORT --target idh_mutant --systems age_sex,signs --out RESULTS
gliokit bench --cohort TABLE.csv --target mgmt --positive methylated --inputs 'T1_*' \\
    --systems qian2019:lasso-svm --folds 5 --repeats 3 --out RESULTS
```

Systems that look at images find them by the cohort's table (`study`, `t1`, `t1c`, `t2`,
`flair`), series of perfusion, diffusion and BOLD in its columns `dsc`, `dwi` and `bold` or in a
folder `series` beside a patient's images, as `gliokit phantom cohort` writes it.

A package of somebody else's adds a system by an entry point of the group `gliokit.systems`: a
function without arguments that gives an object with `card`, `needs`, `fit` and `load`.

## What the bench refuses

- A target among the inputs, by its name, by its role in the data dictionary, or by its values:
  a column that tells the target by itself (AUC of .995 or more, or known for one class alone).
- A patient on both sides of a split, by any spelling of the name, and by any other name where
  `--identities` has tables that unite them; collections that share patients under names which no
  table unites (CBICA cases of BraTS with UPENN-GBM, BraTS 2020 with what it repeats).
- Treatment (role `treatment` in the data dictionary) among the inputs, unless survival is asked
  for: what was done follows the diagnosis and gives it away. `--inputs '*'` passes over it.
- A patient whom the model that made the masks or features has learnt from (`--masks-by`).
- Cohorts of one name, which would become one site; a site that is to be harmonised (`--harmonise`)
  and of which nothing is learnt.
- A cohort that lacks what a system needs.

It can't see a choice that was made on all patients before the table was written.

## What its figures are

The headline is the mean of the AUCs (or Harrell's C) within folds with an interval by bootstrap
over patients, widened since the folds learn from each other's patients
([statistics](statistics.md)). "Not better than baseline" is said where the lower bound of the
gain over the best baseline is not above 0. Baselines always run where their columns are there, or
can be measured from the images. `majority` ranks nobody: its AUC or C is one half by definition and
has no interval. Processor seconds are those to fit and answer on all folds, where a run has them.
"""

RUNS: Mapping[str, tuple[str, str]] = {
    "metastasis": (
        "Glioblastoma or metastasis",
        "The table is near the training cohort of Bae 2020 in size and place: compare "
        "cross-validations, not its external figure.",
    ),
    "mgmt": (
        "MGMT",
        "A negative control: MGMT from MRI has not beaten chance on held-out patients of any "
        "large open cohort.",
    ),
    "liang2018_idh": (
        "IDH of lower-grade gliomas from images",
        "Three of the paper's four sequences, and of its training a small part; IDH is asked "
        "within grades 2 and 3, where the paper's own figures hold glioblastomas too.",
    ),
    "volumes": (
        "Ratios of compartments and survival",
        "BraTS has necrosis and non-enhancing core as one label: in TCGA the ratios sum to 1 and "
        "the second is left out.",
    ),
    "margin": (
        "Shape and genomic clusters",
        "Shapes of the experts' masks; p values are after Bonferroni, hazard ratios are per "
        "standard deviation with unadjusted intervals.",
    ),
    "masks": ("Features from automatic and corrected masks", ""),
    "diagnosis": (
        "Diagnoses from automatic and corrected masks",
        "The two tables of UCSF are scaled differently, so that its difference with intensities is "
        "not of the masks alone.",
    ),
    "digital": (
        "Digital patients with and without a link",
        "Excludes chance: the lower end of the 95 % interval of the mean of AUCs within folds is "
        "above one half.",
    ),
    "null_signal": (
        "Twenty digital cohorts without a link and with one",
        "How many of twenty exclude chance: at no effect and with permuted labels 3 at most are "
        "right, at the published effect 16 at least. Age tells IDH so well at the published "
        "effect that `age_sex` alone stands beside or above the systems: what excludes chance "
        "there need not have found anything in the images, and a system must beat a strong "
        "baseline. `bae2020`, and `liang2018` on images, are asked by `python "
        "benchmarks/bench_null_signal.py --keep FOLDER --systems bae2020`, and with `--systems "
        "liang2018 --images COHORTS --idh-patients 60`; what is stored stays.",
    ),
    "power": (
        "How many patients a study needs",
        "What `gliokit power` answers. The features are known without error: a study with real "
        "measurements needs more. Studies with too few of a class to learn from are not run and "
        "not counted; 'N or fewer' says that no smaller size was run.",
    ),
    "cost": (
        "What ten times the patients cost",
        "With images: `python benchmarks/bench_cost.py --images COHORT --small 20 --large 200` on "
        "a folder of `gliokit phantom cohort --n 200 --spacing 4`.",
    ),
}
"""Stored runs under results/bench, in the order of the page."""


def systems_page() -> str:
    """The page, with empty blocks for the figures."""
    cards: dict[str, SystemCard] = {}
    for name in SYSTEMS:
        card = find_system(name).card
        cards.setdefault(card.id, card)
    for name in ("mazurowski2017", "park2021"):
        cards[name] = find_association(name).card
    parts = [HEAD, "## Measured\n"]
    for run, (title, remark) in RUNS.items():
        parts.append(f"### {title}\n")
        if remark:
            parts.append(f"{remark}\n")
        parts.append(f"<!-- results: bench/{run}.json -->\n<!-- /results -->\n")
    parts.append("## Baselines\n")
    parts.append("\n".join(f"- `{n}`: {cards[n].title.lower()}" for n in BASELINES) + "\n")
    parts.append("## Published systems\n")
    parts += [_card(c) for c in cards.values() if c.state == "working"]
    return "\n".join(parts)


def _card(card: SystemCard) -> str:
    variants = [n for n in SYSTEMS if n.startswith(f"{card.id}:")]
    lines = [
        f"### {card.id}\n",
        f"{card.title}. {card.citation}.\n",
        f"Task: {card.task}, {card.target}. Fidelity {card.fidelity}: {FIDELITY[card.fidelity]}.",
    ]
    if variants:
        lines.append(f"Variants: {', '.join(f'`{v}`' for v in variants)}.")
    if card.small:
        lines.append(f"Budget `small`: {card.small}.")
    printable = [f for f in card.figures if f.printable]
    for title, items in (
        ("Published", [_figure(f) for f in printable]),
        ("Chosen, since the paper leaves it open", card.chosen),
        ("Doubts", card.doubts),
        ("Errors of the review", card.review),
    ):
        if items:
            lines += [f"\n{title}:\n", *(f"- {item}" for item in items)]
    return "\n".join(lines) + "\n"


def _figure(figure: PaperFigure) -> str:
    ends = "" if figure.low is None else f" ({figure.low:g} to {figure.high:g})"
    size = "" if figure.n is None else f", n = {figure.n}"
    mark = "" if figure.mark == "paper" else f" ({figure.mark})"
    return f"{figure.what}: {figure.value:g}{ends}{size}{mark}"
