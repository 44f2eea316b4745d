"""Values of neuroCombat, in an environment of its own.

    python -m venv ORACLE; ORACLE/bin/pip install neuroCombat 'numpy<2' 'pandas<2.3'
    ORACLE/bin/python tests/systems/make_combat_values.py

Writes combat_values.json beside itself: rows of three sites, the harmonised rows, and rows of the
same sites that were not learnt from. neuroCombat (MIT licence) stops its rounds at a change of
1e-4; it is made to go on to 1e-12 here, so that its solution and not its stopping is compared.
"""

from __future__ import annotations

import json
from importlib import import_module
from importlib.metadata import version
from pathlib import Path

import numpy as np
import pandas as pd

HERE = Path(__file__).resolve().parent
SITES = ["a"] * 7 + ["b"] * 5 + ["c"] * 4
UNSEEN = ["c", "a", "b", "a"]
SHIFTS, SCALES = {"a": 0.0, "b": 2.0, "c": -1.0}, {"a": 1.0, "b": 2.0, "c": 0.5}


def made(sites: list[str], generator: np.random.Generator) -> np.ndarray:
    columns = np.arange(1, 7)
    rows = [
        columns + SHIFTS[s] * (1 + 0.2 * columns) + SCALES[s] * generator.normal(size=6)
        for s in sites
    ]
    return np.round(rows, 3)


def main() -> None:
    generator = np.random.default_rng(0)
    values, unseen = made(SITES, generator), made(UNSEEN, generator)
    # The package has a function of the module's name in the module's place.
    combat = import_module("neuroCombat.neuroCombat")
    combat.it_sol.__defaults__ = (1e-12,)
    found = combat.neuroCombat(values.T, pd.DataFrame({"site": SITES}), "site", eb=True)
    asked = combat.neuroCombatFromTraining(
        unseen.T, np.array(UNSEEN), {**found["estimates"], "batches": np.array(["a", "b", "c"])}
    )
    content = {
        "made_by": f"neuroCombat {version('neuroCombat')}",
        "sites": SITES,
        "values": values.tolist(),
        "harmonised": found["data"].T.tolist(),
        "unseen_sites": UNSEEN,
        "unseen": unseen.tolist(),
        "unseen_harmonised": asked["data"].T.tolist(),
    }
    (HERE / "combat_values.json").write_text(json.dumps(content) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
