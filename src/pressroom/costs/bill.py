"""Bills: what each step used and cost, and what all of it cost."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pressroom.costs.price_book import PriceBook
from pressroom.costs.usage import Usage


@dataclass(frozen=True, slots=True, kw_only=True)
class Line:
    """One step on a bill. Bytes are None where nobody counted any."""

    step: str
    cpu_s: float
    wall_s: float
    read_bytes: int | None
    written_bytes: int | None
    usd: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Bill:
    """Lines in the order in which their steps first came; `total_usd` is their exact sum, rounded once."""

    lines: tuple[Line, ...]
    total_usd: float
    book_version: str


def bill(usages: Sequence[tuple[str, Usage]], book: PriceBook) -> Bill:
    """The bill for (step, usage) pairs under `book`; usages of the same step become one line.

    Each usage is priced by itself and the prices are added, so how often a step was tried changes no price.
    """
    by_step: dict[str, list[Usage]] = {}
    for step, usage in usages:
        by_step.setdefault(step, []).append(usage)
    lines = tuple(_line(step, used, book) for step, used in by_step.items())
    return Bill(lines=lines, total_usd=math.fsum(line.usd for line in lines), book_version=book.version)


def _line(step: str, used: Sequence[Usage], book: PriceBook) -> Line:
    together = sum(used, Usage())
    return Line(
        step=step,
        cpu_s=math.fsum(usage.cpu_s for usage in used),
        wall_s=math.fsum(usage.wall_s for usage in used),
        read_bytes=together.read_bytes,
        written_bytes=together.written_bytes,
        usd=math.fsum(book.price(usage).usd for usage in used),
    )
