"""Curves of a ranking: which share of the positives is found at which price. For plots; the figures are in `scores`."""

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


def ranking_curves(labels: Floats, predictions: Floats, most: int = 200) -> tuple[Floats, Floats, Floats]:
    """False positive rate, true positive rate (recall) and precision, (points,) each, from the strictest cut to the
    loosest; rows that are ranked equal are cut together. At most `most` points. Needs rows of both kinds.
    """
    order = np.argsort(-predictions, kind="stable")
    came, ranked = labels[order], predictions[order]
    ends = np.flatnonzero(np.append(np.diff(ranked) != 0, True))
    found = np.cumsum(came)[ends]
    taken = ends + 1.0
    if len(ends) > most:
        places = np.unique(np.linspace(0, len(ends) - 1, most).round().astype(np.int64))
        found, taken = found[places], taken[places]
    positives, negatives = float(came.sum()), float(len(came) - came.sum())
    return (taken - found) / negatives, found / positives, found / taken
