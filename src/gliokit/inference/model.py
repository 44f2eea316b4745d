"""Model folders: a card and the networks that it names."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from pydantic import ValidationError

from gliokit.inference.card import ModelCard, Stage
from gliokit.inference.network import Network
from gliokit.study import UsageError

__all__ = ["DEFAULT_MODEL", "Model", "list_models", "load_model", "shipped_models"]

DEFAULT_MODEL = "segmenter"


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A card and its networks, by name of the stage."""

    card: ModelCard
    networks: dict[str, Network]

    @property
    def title(self) -> str:
        """Name and version."""
        return f"{self.card.name} {self.card.version}"

    def stage(self, name: str) -> Stage:
        """What the card says of one of its networks."""
        return next(s for s in self.card.stages if s.name == name)


def shipped_models() -> Path:
    """The folder of the models that come with the package."""
    return Path(str(resources.files("gliokit"))) / "models"


def list_models() -> tuple[ModelCard, ...]:
    """The cards of the models that come with the package, by name."""
    return tuple(_read_card(p.parent) for p in sorted(shipped_models().glob("*/card.json")))


def load_model(name: str | Path = DEFAULT_MODEL) -> Model:
    """A shipped model by its name, or any model folder by its path.

    Raises:
        UsageError: there is no such model, its card is not one, or a network is not the
            file that the card names.
    """
    folder = shipped_models() / str(name)
    if not (folder / "card.json").is_file():
        folder = Path(name)
    if not (folder / "card.json").is_file():
        raise UsageError(
            "a model is a name from 'gliokit models' or a folder that holds card.json",
            source=name,
        )
    card = _read_card(folder)
    networks = {}
    for stage in card.stages:
        path = folder / stage.file
        found = hashlib.sha256(path.read_bytes()).hexdigest() if path.is_file() else "no file"
        if found != stage.sha256:
            raise UsageError(
                f"the network has the checksum of its card, {stage.sha256[:12]}...",
                source=path,
                found=found[:12],
                way_out="Install gliokit, or export the model, again.",
            )
        networks[stage.name] = Network(path, multiple=stage.multiple)
    return Model(card, networks)


def _read_card(folder: Path) -> ModelCard:
    path = folder / "card.json"
    try:
        return ModelCard.model_validate_json(path.read_text(encoding="utf-8"))
    except (ValidationError, UnicodeDecodeError) as error:
        raise UsageError(
            "the card is one of this version of gliokit",
            source=path,
            found=str(error).splitlines()[0],
        ) from error
