"""The guard: says when a loss is none any more. It decides; what is done about it is the run's business."""

import math
from collections import deque
from dataclasses import dataclass
from typing import Literal

import numpy as np

Verdict = Literal["fine", "not finite", "diverged"]
_LOOK_EVERY = 16
_FEW = 64


@dataclass(frozen=True, slots=True, kw_only=True)
class Guard:
    """A loss has diverged when `patience` in a row lie more than `spread` interquartile ranges above the median of the
    last `window` losses that did not. Wide on purpose: a false alarm stops a training of weeks.
    """

    window: int = 512
    spread: float = 50.0
    patience: int = 20


class Watch:
    """Losses as they come, judged by a guard."""

    def __init__(self, guard: Guard) -> None:
        """Know none yet."""
        self._guard = guard
        self._seen: deque[float] = deque(maxlen=guard.window)
        self._bound = math.inf
        self._above = 0
        self._since = 0

    def judge(self, loss: float) -> Verdict:
        """Judge the next loss."""
        if not math.isfinite(loss):
            return "not finite"
        if loss > self._bound:
            self._above += 1
            return "diverged" if self._above >= self._guard.patience else "fine"
        self._above = 0
        self._seen.append(loss)
        self._since += 1
        if self._since >= _LOOK_EVERY and len(self._seen) >= _FEW:
            self._since = 0
            low, middle, high = np.quantile(np.fromiter(self._seen, dtype=np.float64), (0.25, 0.5, 0.75))
            # A loss that stands still has no spread: then a change by its own size is the measure.
            self._bound = float(middle + self._guard.spread * max(high - low, 0.02 * abs(middle), 1e-9))
        return "fine"

    def forget(self) -> None:
        """Start over, as after going back to a checkpoint."""
        self._seen.clear()
        self._bound, self._above, self._since = math.inf, 0, 0
