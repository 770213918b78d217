"""Charges: what was used once, on whose account, and what came of it."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import pyarrow as pa

from pressroom.costs.usage import Usage
from pressroom.costs.usage_fact import NO_SOURCES, USAGE, Sources, sources_in, usage_in
from pressroom.facts import Facts
from pressroom.tiers import Share
from pressroom.values import Instant

Kind = Literal["useful", "repeated", "lost", "preempted", "cached"]
KINDS: tuple[Kind, ...] = get_args(Kind)
"""`repeated`: it made what had been made before. `lost`: it failed, or was stopped by somebody. `preempted`: it was
stopped to make room for others. `cached`: what using a kept result saved; it is counted, and on no bill.
"""
WASTE: tuple[Kind, ...] = ("repeated", "lost", "preempted")

_MADE = "done"
_KEPT = "kept"


@dataclass(frozen=True, slots=True, kw_only=True)
class Charge:
    """One attempt's use, or an endpoint's of a minute; `sources` say who counted what. `usage` of a cached one is what
    was saved.
    """

    at: Instant
    run: str
    step: str
    team: str
    flow: str
    tier: str
    model: str
    kind: Kind
    usage: Usage
    asked: Share
    sources: Sources = field(default_factory=lambda: NO_SOURCES, hash=False)

    def of(self, dimension: str) -> str:
        """Its value of a dimension of bills; what nobody said is "-"."""
        return str(getattr(self, dimension)) or "-"


def charges_of(facts: Facts) -> tuple[Charge, ...]:
    """All charges, in the order of writing."""
    table, _ = facts.read(USAGE)
    table = table.sort_by("seq")
    times = table.column("event").cast(pa.int64()).to_pylist()
    return tuple(charges_in(zip(times, table.to_pylist(), strict=True)))


def charges_in(rows: Iterable[tuple[Instant, Mapping[str, Any]]]) -> Iterable[Charge]:
    """The charges that rows of usage facts are, which come in the order of writing."""
    made: dict[str, tuple[Usage, Share]] = {}
    for at, row in rows:
        key, outcome = row["key"] or "", row["outcome"]
        usage = usage_in(row)
        asked = Share(cpu=row["asked_cpu"] or 0.0, memory_bytes=row["asked_bytes"] or 0, gpu=row["asked_gpu"] or 0.0)
        if outcome == _KEPT:
            if key not in made:
                continue
            usage, asked = made[key]
        yield Charge(
            at=at,
            run=row["run"],
            step=row["step"],
            team=row["team"] or "",
            flow=row["flow"] or row["run"].rpartition("-")[0] or row["run"],
            tier=row["tier"] or "",
            model=row["model"] or "",
            kind=_kind(outcome, repeated=key in made),
            usage=usage,
            asked=asked,
            sources=sources_in(row),
        )
        if outcome == _MADE and key:
            made.setdefault(key, (usage, asked))


def _kind(outcome: str, *, repeated: bool) -> Kind:
    if outcome == _KEPT:
        return "cached"
    if outcome == _MADE:
        return "repeated" if repeated else "useful"
    return "preempted" if outcome == "preempted" else "lost"
