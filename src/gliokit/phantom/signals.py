"""Signal equations in closed form: from relaxation times to brightness.

All take times in milliseconds and arrays of any (one) shape; none adds noise.
"""

from __future__ import annotations

import math
from collections.abc import Mapping
from types import MappingProxyType

import numpy as np
from numpy.typing import NDArray

__all__ = [
    "RELAXIVITY",
    "inversion_recovery",
    "mprage",
    "null_time_ms",
    "spin_echo",
    "with_gadolinium",
]

RELAXIVITY: Mapping[float, tuple[float, float]] = MappingProxyType(
    {1.5: (4.6, 4.6), 3.0: (4.5, 5.2)}
)
"""r1 and r2 in L/(mmol s) by field strength, tesla. r1 is that of gadobutrol in whole blood (Shen
2015). r2 is that of gadopentetate in plasma, recalled from Rohrer 2005; of gadobutrol, 6.1
and 7.1 are recalled: at an echo of 12 ms and 0.5 mmol/L the signal is 1 % less with these.
"""

Times = NDArray[np.float32]


def spin_echo(
    t1_ms: Times, t2_ms: Times, density: float, *, tr_ms: float, te_ms: float
) -> NDArray[np.float32]:
    """Spin echo: density * (1 - exp(-TR/T1)) * exp(-TE/T2).

    The form for TE much shorter than TR. A train of echoes (TSE) is taken as one echo at
    the effective TE.

    References:
        Bernstein MA, King KF, Zhou XJ. Handbook of MRI Pulse Sequences. 2004, ch. 14.3.
    """
    return np.asarray(density * -np.expm1(-tr_ms / t1_ms) * np.exp(-te_ms / t2_ms), np.float32)


def inversion_recovery(
    t1_ms: Times, t2_ms: Times, density: float, *, tr_ms: float, te_ms: float, ti_ms: float
) -> NDArray[np.float32]:
    """Inversion-recovery spin echo, magnitude; FLAIR where TI nulls CSF.

    |density * (1 - 2 exp(-TI/T1) + exp(-TR/T1))| * exp(-TE/T2).

    References:
        Hajnal JV et al. J Comput Assist Tomogr 1992;16:841. Bernstein 2004, ch. 14.2.
    """
    recovered = 1 - 2 * np.exp(-ti_ms / t1_ms) + np.exp(-tr_ms / t1_ms)
    return np.asarray(density * np.abs(recovered) * np.exp(-te_ms / t2_ms), np.float32)


def null_time_ms(t1_ms: float, *, tr_ms: float) -> float:
    """Inversion time at which a tissue gives no signal: T1 (ln 2 - ln(1 + exp(-TR/T1)))."""
    return t1_ms * (math.log(2) - math.log1p(math.exp(-tr_ms / t1_ms)))


def mprage(
    t1_ms: Times,
    density: float,
    *,
    tr_ms: float,
    ti_ms: float,
    flip_deg: float,
    echo_spacing_ms: float,
    echoes: int,
) -> NDArray[np.float32]:
    """Magnetisation-prepared rapid gradient echo, magnitude, at the centre of k-space.

    Steady state of: perfect inversion, free recovery, a train of `echoes` small flips with
    spoiling, free recovery to TR. Between flips the magnetisation runs to
    M* = (1 - e) / (1 - e cos a) with e = exp(-echo_spacing/T1) and falls by e cos a a flip;
    the middle flip lies at TI. T2* is left out (the echo time is a few milliseconds).

    Args:
        tr_ms: From one inversion to the next.
        ti_ms: From the inversion to the middle of the train; at least half the train.

    References:
        Deichmann R et al. NeuroImage 2000;12:112, doi:10.1006/nimg.2000.0601.
    """
    angle = math.radians(flip_deg)
    train_ms = echoes * echo_spacing_ms
    before_ms = ti_ms - train_ms / 2
    after_ms = tr_ms - ti_ms - train_ms / 2
    if min(before_ms, after_ms) < 0:
        raise ValueError("the train of echoes fits between the inversions")
    e_train = np.exp(-echo_spacing_ms / t1_ms)
    e_before, e_after = np.exp(-before_ms / t1_ms), np.exp(-after_ms / t1_ms)
    fall = e_train * math.cos(angle)
    driven = (1 - e_train) / (1 - fall)
    whole, half = fall**echoes, fall ** (echoes // 2)
    # With m before the inversion: start = 1 - (1 + m) e_before; end = driven + (start -
    # driven) whole; m = 1 - (1 - end) e_after. Solved for m:
    steady = (1 - e_after * (1 - driven * (1 - whole) - (1 - e_before) * whole)) / (
        1 + e_after * e_before * whole
    )
    start = 1 - (1 + steady) * e_before
    middle = driven + (start - driven) * half
    return np.asarray(density * math.sin(angle) * np.abs(middle), np.float32)


def with_gadolinium(
    time_ms: Times, concentration_mm: NDArray[np.float32] | float, *, relaxivity: float
) -> NDArray[np.float32]:
    """A relaxation time shortened by contrast agent: 1/T = 1/T0 + r C.

    Args:
        time_ms: T1 or T2 without contrast agent.
        concentration_mm: In the tissue, mmol/L.
        relaxivity: r1 or r2 in L/(mmol s), as in `RELAXIVITY`.

    References:
        Shen Y et al. Invest Radiol 2015;50:330 (r1). Rohrer M et al. Invest Radiol 2005;40:715
        (r2).
    """
    rate = 1 / np.asarray(time_ms) + relaxivity * np.asarray(concentration_mm) / 1000
    return np.asarray(1 / rate, np.float32)
