"""Integrated gradients (Sundararajan, Taly and Yan, ICML 2017) for anything that torch can differentiate.

The contribution of input i is `(x_i - start_i)` times the mean of the gradient on the straight way from `start` to x.
The mean is taken at midpoints, twice as many each time, until contributions add up to the score or time is over.
"""

import time
from collections.abc import Callable
from typing import Any

import numpy as np

from pressroom.models.framework import framework
from pressroom.models.model import Contributions
from pressroom.models.outputs import not_explained
from pressroom.models.signature import Floats

_CLOSE = 1e-4
_FIRST, _MOST = 16, 4096


def integrated_gradients(
    score: Callable[[Any], Any], rows: Floats, start: Floats, *, names: tuple[str, ...], within_s: float
) -> Contributions:
    """Contributions (n, inputs) to `score`, in the space of answers. What is left of the gap between their sum and the
    score is spread in proportion to their sizes, and stated as their error.
    """
    torch = framework("torch")
    until = time.monotonic() + within_s
    begin = torch.from_numpy(start.astype(np.float32))[None, :]
    ends = torch.from_numpy(rows.astype(np.float32))
    with torch.no_grad():
        base, scores = score(begin).double().numpy().reshape(-1), score(ends).double().numpy()
    if scores.size != len(rows):
        not_explained("it gives a vector")
    gap_was, values, steps = scores.reshape(-1) - base[0], np.zeros(rows.shape), _FIRST
    while True:
        values = _mean_gradients(score, begin, ends, steps) * (rows - start)
        gap = gap_was - values.sum(axis=1)
        if np.abs(gap).max(initial=0.0) <= _CLOSE or steps >= _MOST or time.monotonic() > until:
            break
        steps *= 2
    sizes = np.abs(values) + 1e-12
    share = gap[:, None] * sizes / sizes.sum(axis=1, keepdims=True)
    return Contributions(
        names=names,
        values=values + share,
        base=np.full(len(rows), base[0]),
        error=np.abs(share),
        space="answer",
        method=f"integrated gradients in {steps} steps from the mean of the golden rows",
    )


def _mean_gradients(score: Callable[[Any], Any], begin: Any, ends: Any, steps: int) -> Floats:
    torch = framework("torch")
    total = torch.zeros(ends.shape, dtype=torch.float64)
    for step in range(steps):
        at = (begin + (ends - begin) * ((step + 0.5) / steps)).detach().requires_grad_()
        (gradient,) = torch.autograd.grad(score(at).sum(), at)
        total += gradient.double()
    return (total / steps).numpy()
