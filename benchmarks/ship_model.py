"""Put a trained model into the package, with the held-out figures of a stored run.

    python benchmarks/ship_model.py RUN/model

The figures are those of results/segmentation/cross_validation.json: of networks that saw
none of the patients whom they were judged on. Where the shipped one has seen them, its
card says so.
"""

from __future__ import annotations

import argparse
import json
import shutil
from pathlib import Path

from record import RESULTS

from gliokit.inference import DEFAULT_MODEL, load_model, shipped_models

HOUSE_LIMITS = (
    "Research use only; not a medical device.",
    "Trained on brains without a skull, before any treatment, at 1 mm.",
    "No post-operative image, no child and no metastasis was seen.",
)
SOURCE = "segmentation/cross_validation.json"
BY_FOLDS = (
    "The held-out figures are of networks that learnt by the same recipe, each without the "
    "patients whom it was judged on; this one has seen them."
)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("model", type=Path)
    arguments = parser.parse_args()
    stored = json.loads((RESULTS / SOURCE).read_text(encoding="utf-8"))
    trained = load_model(arguments.model).card
    judged = {row["subject"] for row in stored["rows"]}
    seen = judged & {p.subject for p in trained.trained_on}
    limits = (*HOUSE_LIMITS, *([BY_FOLDS] if seen else []))
    card = trained.model_copy(
        update={"name": DEFAULT_MODEL, "held_out": stored["figures"], "limits": limits}
    )
    target = shipped_models() / card.name
    shutil.rmtree(target, ignore_errors=True)
    target.mkdir(parents=True)
    for stage in card.stages:
        shutil.copy(arguments.model / stage.file, target)
    (target / "card.json").write_text(card.model_dump_json(indent=1) + "\n", encoding="utf-8")
    print(f"{card.name} {card.version}: {len(card.trained_on)} patients, in {target}")


if __name__ == "__main__":
    main()
