"""Statements: charges put together by who or what they were for, each priced by the book of its day."""

import math
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal, get_args

from pressroom.costs.charge import KINDS, WASTE, Charge, Kind
from pressroom.costs.price_book import PriceBook
from pressroom.costs.usage import Usage
from pressroom.tiers import Share
from pressroom.values import MICROSECONDS, Instant

Dimension = Literal["step", "team", "flow", "model", "tier", "run", "kind"]
DIMENSIONS: tuple[Dimension, ...] = get_args(Dimension)

BookOf = Callable[[Instant], PriceBook]


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A line: what a name used and cost. `usd` is what it is billed; `usd_of` splits that by kind, and says under
    `cached` what was saved, which is not billed. `asked_cpu_s` is what was kept for it; `sources` say who
    counted each figure.
    """

    name: str
    usage: Usage
    asked_cpu_s: float
    usd: float
    usd_of: tuple[tuple[Kind, float], ...]
    attempts: int
    sources: tuple[tuple[str, tuple[str, ...]], ...] = ()

    def of(self, kind: Kind) -> float:
        """Dollars of one kind."""
        return dict(self.usd_of).get(kind, 0.0)

    def waste_usd(self) -> float:
        """What was repeated, lost or preempted."""
        return math.fsum(self.of(kind) for kind in WASTE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Idle:
    """What of a machine nobody used between the first and the last charge, and what that cost; `share` of all of it."""

    cpu_s: float
    share: float
    usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Statement:
    """Lines by their names' first coming; the total is the exact sum of all charges, rounded once."""

    by: Dimension
    entries: tuple[Entry, ...]
    total_usd: float
    saved_usd: float
    books: tuple[str, ...]
    idle: Idle | None = None

    def waste_usd(self) -> float:
        """What was repeated, lost or preempted."""
        return math.fsum(entry.waste_usd() for entry in self.entries)


def statement(charges: Iterable[Charge], book_of: BookOf, *, by: Dimension = "step") -> Statement:
    """Put charges together by a dimension; each is priced by itself, under the book that was in force."""
    groups: dict[str, list[tuple[Charge, float]]] = {}
    books: dict[str, None] = {}
    for charge in charges:
        book = book_of(charge.at)
        books.setdefault(book.version)
        groups.setdefault(charge.of(by), []).append((charge, book.price(charge.usage, charge.asked).usd))
    priced = [pair for group in groups.values() for pair in group]
    return Statement(
        by=by,
        entries=tuple(_entry(name, group) for name, group in groups.items()),
        total_usd=math.fsum(usd for charge, usd in priced if charge.kind != "cached"),
        saved_usd=math.fsum(usd for charge, usd in priced if charge.kind == "cached"),
        books=tuple(books),
    )


def idle_of(charges: Iterable[Charge], book_of: BookOf, capacity: Share) -> Idle | None:
    """What a machine of that size had left between the beginning of the first charge and the end of the last.

    None without charges. Priced as its cores, by the book of the end: they were bought whether used or not.
    """
    spans = [(charge.at - charge.usage.wall_s * MICROSECONDS, charge) for charge in charges if charge.kind != "cached"]
    if not spans:
        return None
    begun, end = min(at for at, _ in spans), max(charge.at for _, charge in spans)
    whole_s = capacity.cpu * (end - begun) / MICROSECONDS
    book = book_of(end)
    billed = math.fsum(book.formula.billed(charge.usage, charge.asked).cpu_s for _, charge in spans)
    left_s = max(0.0, whole_s - billed)
    return Idle(cpu_s=left_s, share=left_s / whole_s if whole_s else 0.0, usd=left_s * book.usd_per_cpu_s)


def _entry(name: str, group: list[tuple[Charge, float]]) -> Entry:
    billed = [(charge, usd) for charge, usd in group if charge.kind != "cached"]
    usage = sum((charge.usage for charge, _ in billed), Usage())
    return Entry(
        name=name,
        usage=usage,
        asked_cpu_s=math.fsum(charge.asked.cpu * charge.usage.wall_s for charge, _ in billed),
        usd=math.fsum(usd for _, usd in billed),
        usd_of=tuple((kind, math.fsum(usd for charge, usd in group if charge.kind == kind)) for kind in KINDS),
        attempts=len(billed),
        sources=_sources(charge for charge, _ in billed),
    )


def _sources(charges: Iterable[Charge]) -> tuple[tuple[str, tuple[str, ...]], ...]:
    """Of each figure all who counted it."""
    found: dict[str, set[str]] = {}
    for charge in charges:
        for figure, source in charge.sources.items():
            found.setdefault(figure, set()).add(source)
    return tuple((figure, tuple(sorted(found[figure]))) for figure in sorted(found))
