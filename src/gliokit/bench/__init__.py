"""Systems against each other and against the baselines, on one cohort under one protocol.

In: a `BenchCohort`, names of systems and a `Protocol`. Out: a `Run` of predictions for patients
that no system has seen, `Judgement`s, and a page that compares.
"""

from gliokit.bench.automatic import Automatic, automatic, check_unseen
from gliokit.bench.cohort import BenchCohort, joined, with_identities
from gliokit.bench.content import content_of
from gliokit.bench.identity import read_identities
from gliokit.bench.judging import Judgement, Pair, judge
from gliokit.bench.leaks import check_aliases, check_apart, check_resolved
from gliokit.bench.pictures import images_of, need_images, with_images
from gliokit.bench.places import with_places
from gliokit.bench.protocol import Fold, Protocol, split
from gliokit.bench.reading import Columns, read_bench_cohort, read_table
from gliokit.bench.running import Prediction, Run, run_systems
from gliokit.bench.subgroups import JudgedSubgroup, Subgroup, judge_subgroups
from gliokit.study import Identities, written_alike

__all__ = [
    "Automatic",
    "BenchCohort",
    "Columns",
    "Fold",
    "Identities",
    "JudgedSubgroup",
    "Judgement",
    "Pair",
    "Prediction",
    "Protocol",
    "Run",
    "Subgroup",
    "automatic",
    "check_aliases",
    "check_apart",
    "check_resolved",
    "check_unseen",
    "content_of",
    "images_of",
    "joined",
    "judge",
    "judge_subgroups",
    "need_images",
    "read_bench_cohort",
    "read_identities",
    "read_table",
    "run_systems",
    "split",
    "with_identities",
    "with_images",
    "with_places",
    "written_alike",
]
