"""Sampled Shapley values of any model (Castro, Gómez and Tejada, Computers & Operations Research 2009).

An order of the inputs is drawn, and a background row; inputs are moved from that row to the asked one in that order,
and each is credited with the change of the answer that its move made. Orders come in pairs, one the other backwards.
The credits of one order add up to the difference of the two answers, so the means do too.
"""

import time

import numpy as np
import numpy.typing as npt

from pressroom.models.model import Contributions, Runnable
from pressroom.models.signature import Column, Floats, Inputs, Signature, count_rows, take_rows

SEED = 20130101
_FEWEST, _MOST = 8, 512


def sampled_shapley(
    runnable: Runnable, signature: Signature, inputs: Inputs, background: Inputs, *, within_s: float
) -> Contributions:
    """Contributions to the answer itself, with standard errors; the same rows give the same draws."""
    names, count = signature.names(), count_rows(inputs)
    draw = np.random.default_rng(SEED)
    until = time.monotonic() + within_s
    total = np.zeros((count, len(names)))
    squares, bases = np.zeros_like(total), 0.0
    pairs = 0
    while pairs < _FEWEST or (pairs < _MOST and time.monotonic() < until):
        order = draw.permutation(len(names))
        usual = take_rows(background, np.full(count, draw.integers(count_rows(background))))
        ways = [_credits(runnable, names, inputs, usual, one) for one in (order, order[::-1])]
        earned = (ways[0][0] + ways[1][0]) / 2
        total += earned
        squares += earned**2
        bases += ways[0][1]
        pairs += 1
    mean = total / pairs
    spread = np.sqrt(np.maximum(0.0, squares / pairs - mean**2) / max(1, pairs - 1))
    return Contributions(
        names=names,
        values=mean,
        base=np.asarray(bases / pairs, dtype=np.float64),
        error=spread,
        space="answer",
        method=f"Shapley values from {2 * pairs} sampled orders",
    )


def _moved(given: Column, usual: Column, moved: npt.NDArray[np.bool_]) -> Column:
    made: Column = usual[np.arange(len(moved)) % len(usual)]
    made[moved] = given[np.arange(len(moved)) % len(given)][moved]
    return made


def _credits(
    runnable: Runnable,
    names: tuple[str, ...],
    inputs: Inputs,
    usual: Inputs,
    order: "np.ndarray[tuple[int], np.dtype[np.int64]]",
) -> tuple[Floats, Floats]:
    """Each input's credit (n, inputs), and the answers to the background row. All steps are asked at once."""
    count = count_rows(inputs)
    steps = len(names) + 1
    rank = np.empty(len(names), dtype=np.int64)
    rank[order] = np.arange(len(names))
    asked: dict[str, Column] = {}
    for place, name in enumerate(names):
        moved = np.arange(steps * count) // count > rank[place]
        # A vector is one input, moved as a whole.
        asked[name] = _moved(inputs[name], usual[name], moved)
    answers = runnable.predict(asked).reshape(steps, count)
    found = np.empty((count, len(names)))
    found[:, order] = np.diff(answers, axis=0).T
    return found, answers[0]
