"""How much memory, time and money a run will take, from what a few steps took. Decisions only."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pressroom.training.preflight.finding import Finding, said
from pressroom.values import InvalidInput, format_size

_WARNED, _REFUSED = 0.80, 0.95
"""Shares of the memory limit: what grows later in a run is not in these few steps."""


@dataclass(frozen=True, slots=True, kw_only=True)
class MemoryLine:
    """Peak memory as a line over the rows of a batch: `base_bytes`, and `row_bytes` more for each row."""

    base_bytes: float
    row_bytes: float

    def at(self, rows: int) -> int:
        """The peak at a batch of so many rows."""
        return int(self.base_bytes + self.row_bytes * rows)

    def most_rows(self, limit_bytes: int) -> int | None:
        """The largest batch that stays under four fifths of a limit; None where rows cost nothing."""
        if self.row_bytes <= 0:
            return None
        return max(0, int(round((_WARNED * limit_bytes - self.base_bytes) / self.row_bytes, 3)))


def memory_line(peaks: Sequence[tuple[int, int]]) -> MemoryLine:
    """The line through (rows, peak bytes) of two batch sizes or more, by least squares; it never falls."""
    rows, used = np.array(peaks, dtype=float).T
    if len(np.unique(rows)) < 2:
        raise InvalidInput("One size of batch makes no line.", next_step="Try two.")
    slope, base = np.polyfit(rows, used, 1)
    return (
        MemoryLine(base_bytes=float(base), row_bytes=float(slope))
        if slope > 0
        else MemoryLine(base_bytes=float(used.max()), row_bytes=0.0)
    )


def check_memory(line: MemoryLine, *, rows: int, limit_bytes: int) -> tuple[Finding, ...]:
    """Whether a batch of `rows` fits."""
    peak = line.at(rows)
    if peak <= _WARNED * limit_bytes:
        return ()
    most = line.most_rows(limit_bytes)
    weight = "refused" if peak > _REFUSED * limit_bytes else "warned"
    message = f"A batch of {rows:,} rows will take {format_size(peak)} of {format_size(limit_bytes)}."
    next_step = f"Take {most:,} rows at most, or ask for more memory." if most else "Ask for more memory."
    return (said("memory", "out_of_memory", weight, message, next_step, "batch size"),)


@dataclass(frozen=True, slots=True, kw_only=True)
class Forecast:
    """How long a run will last and what it will cost: the middle, and the range in which it lies nine times in ten."""

    seconds: float
    least_s: float
    most_s: float
    cost: float


def forecast(step_s: Sequence[float], *, steps: int, cost_per_s: float, once_s: float = 0.0) -> Forecast:
    """From the seconds of a few steps. The first is warming up and left out where there are others.

    The range is that of the steps seen: a run's mean step lies in it unless the machine changes.
    """
    if not step_s or steps < 1:
        raise InvalidInput("There is no step to go by.", next_step="Let it do one step at least.")
    seen = np.array(step_s[1:] or step_s, dtype=float)
    low, middle, high = np.quantile(seen, (0.05, 0.5, 0.95))
    seconds = once_s + steps * float(middle)
    return Forecast(
        seconds=seconds,
        least_s=once_s + steps * float(low),
        most_s=once_s + steps * float(high),
        cost=seconds * cost_per_s,
    )


def check_forecast(
    found: Forecast, *, most_s: float | None, budget: float | None, currency: str
) -> tuple[Finding, ...]:
    """Whether it ends in time, within its budget. What may or may not is warned of."""
    findings: list[Finding] = []
    if most_s is not None and found.most_s > most_s:
        message = f"It will take {_span(found.least_s)} to {_span(found.most_s)}, and may take {_span(most_s)}."
        weight = "refused" if found.least_s > most_s else "warned"
        next_step = "Do fewer steps, make a step cheaper, or give it more time."
        findings.append(said("forecast", "too_long", weight, message, next_step))
    if budget is not None and found.cost > budget:
        message = f"It will cost {found.cost:,.2f} {currency}, and the budget is {budget:,.2f}."
        findings.append(said("forecast", "too_dear", "refused", message, "Do fewer steps, or raise the budget."))
    return tuple(findings)


def _span(seconds: float) -> str:
    for unit, size in (("days", 86_400), ("h", 3_600), ("min", 60)):
        if seconds >= 2 * size:
            return f"{seconds / size:.1f} {unit}"
    return f"{seconds:.0f} s"
