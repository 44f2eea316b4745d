"""Every system by name: ours in a literal list, others by entry point."""

from __future__ import annotations

import importlib
from collections.abc import Callable, Mapping
from importlib.metadata import entry_points
from pathlib import Path
from types import MappingProxyType
from typing import cast

from gliokit.study import UsageError
from gliokit.systems.card import SystemCard
from gliokit.systems.own_file import is_file_name, system_of_file
from gliokit.systems.storing import read_fitted
from gliokit.systems.system import AssociationSystem, Fitted, System

__all__ = [
    "ASSOCIATIONS",
    "BASELINES",
    "GROUP",
    "SKELETONS",
    "SYSTEMS",
    "find_association",
    "find_system",
    "list_cards",
    "list_systems",
    "load_fitted",
]

GROUP = "gliokit.systems"

SYSTEMS: Mapping[str, str] = MappingProxyType(
    {
        "majority": "baselines:majority",
        "age_sex": "baselines:age_sex",
        "volume": "baselines:volume",
        "signs": "baselines:signs",
        "place_prior": "place_prior:place_prior",
        "place_prior_map": "place_prior:place_prior_map",
        "place_prior_peak": "place_prior:place_prior_peak",
        "bae2020": "bae2020:bae2020",
        "bae2020:classical": "bae2020:bae2020_classical",
        "buda2019": "buda2019:buda2019",
        "liang2018": "liang2018:liang2018",
        "liang2018:transfer": "liang2018:liang2018_transfer",
        "qian2019": "qian2019:qian2019",
        "qian2019:lasso-svm": "qian2019:qian2019_lasso_svm",
        "wan2020": "wan2020:wan2020",
        "wan2020:discrete-time": "wan2020:wan2020_discrete_time",
        "zeineldin2020": "zeineldin2020:zeineldin2020",
        "zeineldin2020:unet": "zeineldin2020:zeineldin2020_unet",
    }
)
"""Name, and the function of this room that makes it; 'ID:VARIANT' is a system with one thing
changed, of the same card."""

ASSOCIATIONS: Mapping[str, str] = MappingProxyType(
    {"mazurowski2017": "mazurowski2017:mazurowski2017", "park2021": "park2021:park2021"}
)
"""Systems whose answer is of a whole cohort: they are not fitted and not benched."""

ANALYSED_BY: Mapping[str, str] = MappingProxyType(
    {
        "mazurowski2017": "benchmarks/bench_associations.py",
        "park2021": "benchmarks/bench_associations.py and bench_masks.py",
    }
)
"""The benchmarks of the source that run each."""

SKELETONS: Mapping[str, str] = MappingProxyType(
    {
        name: f"{name}:{name}"
        for name in (
            "choiks2019",
            "ge2020",
            "lee2020",
            "matsui2020",
            "metz2020",
            "nie2019",
            "yogananda2020",
            "zhouz2020",
        )
    }
)
"""Systems that show that the interface carries them and claim nothing: they are not listed among
the working ones, and the bench refuses them."""

BASELINES = (
    "majority",
    "age_sex",
    "volume",
    "signs",
    "place_prior",
    "place_prior_map",
    "place_prior_peak",
)
"""Of classes and survival those whose card says 'classification', of places those of the task."""


def list_systems() -> tuple[str, ...]:
    """Names of all working systems, ours first, then those of other packages."""
    return (*SYSTEMS, *sorted(_foreign()))


def find_system(name: str) -> System:
    """The system of a name, a skeleton too; or of a file, such as './author2026.py'.

    Raises:
        UsageError: there is none, or another package's or the file's can't be made.
    """
    if is_file_name(name):
        return system_of_file(name)
    ours = {**SKELETONS, **SYSTEMS}
    if name in ours:
        return cast(System, _made(ours[name]))
    if name in ASSOCIATIONS:
        raise UsageError(
            "the bench compares systems that are fitted and asked about other patients",
            source=name,
            found="an analysis of a whole cohort",
            way_out=f"`gliokit.systems.find_association` gives it; {ANALYSED_BY[name]} run it.",
        )
    foreign = _foreign()
    if name not in foreign:
        raise UsageError(
            "a system is one of those that 'gliokit systems' lists", found=name,
            way_out=f"There are {', '.join(list_systems())}.",
        )  # fmt: skip
    try:
        made = foreign[name]()
    except Exception as error:
        raise UsageError(
            "a system of another package can be made", source=name, found=error
        ) from error
    if not isinstance(made, System):
        raise UsageError(
            "a system has card, needs, fit and load", source=name, found=type(made).__name__
        )
    return made


def find_association(name: str) -> AssociationSystem:
    """The association system of a name.

    Raises:
        UsageError: there is none.
    """
    if name not in ASSOCIATIONS:
        raise UsageError(f"an association system is one of {', '.join(ASSOCIATIONS)}", found=name)
    return cast(AssociationSystem, _made(ASSOCIATIONS[name]))


def list_cards() -> dict[str, SystemCard]:
    """The card of every system, by name; a skeleton's says that it is one."""
    cards = {name: find_system(name).card for name in (*list_systems(), *SKELETONS)}
    return cards | {name: find_association(name).card for name in ASSOCIATIONS}


def _made(place: str) -> object:
    module, _, maker = place.partition(":")
    return getattr(importlib.import_module(f"gliokit.systems.{module}"), maker)()


def load_fitted(folder: str | Path) -> Fitted:
    """A fitted system that was saved to a folder.

    Raises:
        StudyError: the folder holds none.
        UsageError: its system is not installed.
    """
    folder = Path(folder)
    return find_system(str(read_fitted(folder)["system"])).load(folder)


def _foreign() -> dict[str, Callable[[], object]]:
    def maker(entry: object) -> Callable[[], object]:
        return lambda: entry.load()()  # type: ignore[attr-defined]

    return {entry.name: maker(entry) for entry in entry_points(group=GROUP)
            if entry.name not in (*SYSTEMS, *SKELETONS)}  # fmt: skip
