"""A synthetic trace: heavy-tailed work of several teams in all tiers, the same for the same seed."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from random import Random

from pressroom.tiers.rules import Rules
from pressroom.tiers.share import Share
from pressroom.tiers.simulate import Traced
from pressroom.tiers.tier import Tier

_HOUR = 3600.0
_GIB = 1 << 30


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Work of one tier: its part of the load, its median seconds and their spread (of a log-normal), the shortest and
    longest, its cores to choose from, and how often it puts its state away (0: never).
    """

    tier: Tier
    load: float
    median_s: float
    spread: float
    shortest_s: float
    longest_s: float
    cores: tuple[int, ...]
    saves_s: float = 0.0


KINDS = (
    Kind(tier="serving", load=0.05, median_s=4 * _HOUR, spread=0.5, shortest_s=_HOUR, longest_s=12 * _HOUR, cores=(2,)),
    Kind(tier="production", load=0.25, median_s=_HOUR, spread=1.0, shortest_s=600, longest_s=12 * _HOUR,
         cores=(1, 2, 4, 8), saves_s=600),
    Kind(tier="interactive", load=0.08, median_s=600, spread=1.2, shortest_s=30, longest_s=4 * _HOUR, cores=(1, 2)),
    Kind(tier="batch", load=0.30, median_s=_HOUR, spread=1.4, shortest_s=120, longest_s=24 * _HOUR, cores=(1, 2, 4, 8),
         saves_s=600),
    Kind(tier="backfill", load=0.27, median_s=1.5 * _HOUR, spread=0.8, shortest_s=1200, longest_s=12 * _HOUR,
         cores=(1, 2), saves_s=300),
)  # fmt: skip
"""Jobs of minutes to a day, as published traces of training clusters show them; 95 % of the machine all together."""


def synthetic_trace(rules: Rules, *, jobs: int, seed: int = 7, teams: int = 5) -> tuple[Traced, ...]:
    """About `jobs` pieces of work that come one by one, more of production by day than by night.

    What admission is told about how long each takes is off by a factor, a quarter more or less as a rule.
    """
    draw = Random(seed)
    weights = [kind.load / (_mean_s(kind) * _mean(kind.cores)) for kind in KINDS]
    rate = sum(weights) * rules.capacity.cpu
    span_s = jobs / rate
    found = [
        traced
        for kind, weight in zip(KINDS, weights, strict=True)
        for traced in _of_kind(draw, kind, weight * rules.capacity.cpu, span_s, rules, teams)
    ]
    return tuple(sorted(found, key=lambda each: (each.comes_s, each.name)))


def _of_kind(draw: Random, kind: Kind, rate: float, span_s: float, rules: Rules, teams: int) -> Iterator[Traced]:
    at, number = 0.0, 0
    while (at := at - math.log(1.0 - draw.random()) / (1.3 * rate)) < span_s:
        day = math.sin(2 * math.pi * at / (24 * _HOUR))
        if draw.random() * 1.3 > (1.0 + 0.3 * day if kind.tier != "backfill" else 1.0 - 0.3 * day):
            continue
        number += 1
        work_s = _seconds(draw, kind)
        cores = kind.cores[int(draw.random() * len(kind.cores))]
        yield Traced(
            name=f"{kind.tier}-{number:05}",
            tier=kind.tier,
            team=f"team-{int(draw.random() * teams) + 1}",
            ask=Share(cpu=float(cores), memory_bytes=min(cores * 2 * _GIB, rules.capacity.memory_bytes)),
            comes_s=at,
            work_s=work_s,
            expected_s=work_s * math.exp(0.25 * _normal(draw)),
            saves_s=kind.saves_s,
        )


def _seconds(draw: Random, kind: Kind) -> float:
    drawn = kind.median_s * math.exp(kind.spread * _normal(draw))
    return min(max(drawn, kind.shortest_s), kind.longest_s)


def _mean_s(kind: Kind) -> float:
    draw = Random(1)
    return _mean([_seconds(draw, kind) for _ in range(2_000)])


def _mean(of: tuple[int, ...] | list[float]) -> float:
    return sum(of) / len(of)


def _normal(draw: Random) -> float:
    return math.sqrt(-2.0 * math.log(1.0 - draw.random())) * math.cos(2.0 * math.pi * draw.random())
