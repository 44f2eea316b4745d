"""Values of lifelines and scikit-survival, in an environment of their own.

    python -m venv ORACLE; ORACLE/bin/pip install lifelines scikit-survival
    ORACLE/bin/python tests/evaluation/make_oracle_values.py

Writes oracle_values.json and rossi.csv beside itself. scikit-survival is under the GPL and is
no part of this project's environments; the tests read its values alone.
"""

from __future__ import annotations

import json
from importlib.metadata import version
from pathlib import Path

import numpy as np
from lifelines import CoxPHFitter, KaplanMeierFitter
from lifelines.datasets import load_rossi
from lifelines.statistics import multivariate_logrank_test, proportional_hazard_test
from lifelines.utils import median_survival_times
from sksurv.metrics import (
    brier_score,
    concordance_index_censored,
    concordance_index_ipcw,
    cumulative_dynamic_auc,
    integrated_brier_score,
)
from sksurv.util import Surv

HERE = Path(__file__).resolve().parent
COLUMNS = ["fin", "age", "race", "wexp", "mar", "paro", "prio"]
AT = [10, 20, 30, 40, 50]


def cox_values(table) -> dict:
    fitter = CoxPHFitter().fit(table, "week", "arrest")
    tests = {
        name: proportional_hazard_test(fitter, table, time_transform=name).test_statistic.tolist()
        for name in ("identity", "log")
    }
    return {
        "coefficients": fitter.params_.tolist(),
        "standard_errors": fitter.standard_errors_.tolist(),
        "p": fitter.summary["p"].tolist(),
        "proportionality_chi2": tests,
    }


def curve_values(table) -> dict:
    curve = KaplanMeierFitter().fit(table["week"], table["arrest"])
    interval = curve.confidence_interval_.to_numpy()
    rank = multivariate_logrank_test(table["week"], table["prio"].clip(upper=3), table["arrest"])
    return {
        "at_20_and_52": [curve.predict(20), curve.predict(52)],
        "last_interval": interval[-1].tolist(),
        "log_rank_prio": [rank.test_statistic, rank.p_value],
    }


def score_values(table) -> dict:
    """Of a fixed rule, so that only the scores are compared."""
    truth = Surv.from_arrays(table["arrest"].astype(bool), table["week"])
    risk = (4 * table["prio"] - table["age"]).to_numpy()
    survival = np.exp(-0.005 * np.exp(risk / 20)[:, None] * np.array(AT))
    times, events = simulated()
    halves = Surv.from_arrays(np.array(events, bool), times)
    rule = np.array([(23 * k) % 17 - t for k, t in enumerate(times)])
    dynamic, mean = cumulative_dynamic_auc(halves, halves, rule, [5, 12, 20, 28])
    return {
        "harrell": concordance_index_censored(truth["event"], truth["time"], risk)[0],
        "uno": [concordance_index_ipcw(truth, truth, risk, tau=t)[0] for t in (26, 40, 51)],
        "brier": brier_score(truth, truth, survival, AT)[1].tolist(),
        "integrated_brier": integrated_brier_score(truth, truth, survival, AT),
        "dynamic_auc": dynamic.tolist(),
        "mean_dynamic_auc": mean,
    }


def main() -> None:
    table = load_rossi()[["week", "arrest", *COLUMNS]]
    table.to_csv(HERE / "rossi.csv", index=False)
    halves = KaplanMeierFitter(alpha=0.05).fit(*simulated())
    content = {
        "made_with": {name: version(name) for name in ("lifelines", "scikit-survival")},
        "command": "python tests/evaluation/make_oracle_values.py",
        "cox": cox_values(table),
        "curve": curve_values(table),
        "scores": score_values(table),
        "median": [
            halves.median_survival_time_,
            *median_survival_times(halves.confidence_interval_).to_numpy()[0].tolist(),
        ],
    }
    path = HERE / "oracle_values.json"
    path.write_text(json.dumps(content, indent=1, default=float) + "\n", encoding="utf-8")


def simulated() -> tuple[list[float], list[int]]:
    """Sixty times, a third censored, the last an event; no censoring at the time of an event."""
    times = [(37 * k) % 61 // 2 + 1 for k in range(60)]
    events = [int(k % 3 > 0 or t == max(times)) for k, t in enumerate(times)]
    return [t + 0.5 * (not e) for t, e in zip(times, events, strict=True)], events


if __name__ == "__main__":
    main()
