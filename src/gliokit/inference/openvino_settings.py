"""How OpenVINO is asked to run a network."""

from __future__ import annotations

import os

__all__ = ["openvino_settings"]


def openvino_settings() -> dict[str, str]:
    """32-bit floats on every machine; as many threads as OMP_NUM_THREADS allows, if it is set.

    OpenVINO itself doesn't heed that variable, by which batch workers run on one thread each.
    """
    settings = {"INFERENCE_PRECISION_HINT": "f32", "PERFORMANCE_HINT": "LATENCY"}
    threads = os.environ.get("OMP_NUM_THREADS", "")
    if threads.isdigit() and int(threads) > 0:
        settings["INFERENCE_NUM_THREADS"] = threads
    return settings
