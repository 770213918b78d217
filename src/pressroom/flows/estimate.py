"""Estimates: what a run would take and cost, by what earlier attempts at the same steps took."""

import heapq
import random
import statistics
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from pressroom.costs import PriceBook, Usage
from pressroom.flows.planning import FlowPlan, Planned

_DRAWS = 200
_MOST_CALLS = 20_000
"""Calls that are drawn in all: of a large plan fewer runs are drawn."""
_MOST = 0.9


@dataclass(frozen=True, slots=True, kw_only=True)
class Estimate:
    """Of the steps that would run: seconds of work, one after another; seconds until the run is over, side by side on
    so many processes; and US dollars. Each the median, and what nine runs of ten stay within. `never_ran` calls are of
    steps of which nothing is known: they count as nothing.
    """

    work_s: float
    work_most_s: float
    wall_s: float
    wall_most_s: float
    usd: float
    usd_most: float
    never_ran: int


def estimate(plan: FlowPlan, prices: PriceBook, *, slots: int = 1) -> Estimate:
    """Runs of the plan are drawn: each call takes what one of the earlier attempts at its step took, and is begun as
    soon as what it needs is there and one of `slots` processes is free. The same plan gives the same estimate.
    """
    runs = [call for call in plan.calls if call.runs]
    draws = max(20, min(_DRAWS, _MOST_CALLS // max(1, len(runs))))
    chance = random.Random(len(runs))
    drawn = [_draw(plan, runs, chance, prices, slots) for _ in range(draws)] if runs else [(0.0, 0.0, 0.0)]
    work, wall, usd = (sorted(column) for column in zip(*drawn, strict=True))
    return Estimate(
        work_s=statistics.median(work),
        work_most_s=_within(work),
        wall_s=statistics.median(wall),
        wall_most_s=_within(wall),
        usd=statistics.median(usd),
        usd_most=_within(usd),
        never_ran=sum(not plan.took.get(call.step) for call in runs),
    )


def _draw(
    plan: FlowPlan, runs: Sequence[Planned], chance: random.Random, prices: PriceBook, slots: int
) -> tuple[float, float, float]:
    drawn = {call.number: chance.choice(plan.took.get(call.step) or (Usage(),)) for call in runs}
    used = list(drawn.values())
    return (
        sum(usage.wall_s for usage in used),
        _side_by_side(runs, lambda call: drawn[call.number].wall_s, slots),
        sum(prices.price(usage).usd for usage in used),
    )


def _side_by_side(runs: Sequence[Planned], seconds: Callable[[Planned], float], slots: int) -> float:
    """When the last of them is done, begun in the order of the flow."""
    free = [0.0] * max(1, slots)
    done: dict[int, float] = {}
    for call in runs:
        ready = max((done.get(number, 0.0) for number in call.needs), default=0.0)
        begun = max(heapq.heappop(free), ready)
        done[call.number] = begun + seconds(call)
        heapq.heappush(free, done[call.number])
    return max(done.values(), default=0.0)


def _within(ordered: Sequence[float]) -> float:
    """What nine of ten stay within, of figures in order."""
    return ordered[min(len(ordered) - 1, int(_MOST * len(ordered)))]
