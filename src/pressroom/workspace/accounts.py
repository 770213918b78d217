"""Accounts: what was used and what that cost, under the price books of this workspace."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

from pressroom.costs import (
    WASTE,
    Charge,
    Dimension,
    Idle,
    PriceBook,
    PriceBooks,
    Statement,
    charges_of,
    default_price_book,
    idle_of,
    price_books,
    read_price_book,
    statement,
)
from pressroom.facts import Facts
from pressroom.features import View
from pressroom.values import MICROSECONDS, Instant, format_instant
from pressroom.workspace.assembly import Ports
from pressroom.workspace.board import Board, board
from pressroom.workspace.errors import BadSettings
from pressroom.workspace.feature_costs import Generation, feature_costs
from pressroom.workspace.settings import Settings

DAY_US = 86_400 * MICROSECONDS


@dataclass(frozen=True, slots=True, kw_only=True)
class Span:
    """From when on, and until before when; None: without end."""

    since: Instant | None = None
    until: Instant | None = None

    def has(self, at: Instant) -> bool:
        """Whether an instant lies in it."""
        return (self.since is None or at >= self.since) and (self.until is None or at < self.until)


ALWAYS = Span()


class Accounts:
    """The accounts of one workspace."""

    def __init__(self, settings: Settings, *, facts: Facts, ports: Ports) -> None:
        """Charges are facts; books are files that the settings name."""
        self._settings = settings
        self._facts = facts
        self._ports = ports
        self.generation = Generation(records=ports.records, clock=ports.clock)

    @cached_property
    def books(self) -> PriceBooks:
        """All price books, by their days. Raises BadSettings, InvalidPriceBook."""
        named = self._settings.costs.price_book
        if not named:
            return price_books([default_price_book()])
        place = self._settings.folder / named
        files = sorted(place.glob("*.toml")) if place.is_dir() else [place]
        return price_books([_read(file, named) for file in files])

    def book(self, at: Instant) -> PriceBook:
        """The book in force at an instant."""
        return self.books.at(at)

    def charges(self, *, run: str = "", span: Span = ALWAYS) -> tuple[Charge, ...]:
        """What was used, of one run or of all, in a span."""
        found = charges_of(self._facts)
        return tuple(charge for charge in found if (not run or charge.run == run) and span.has(charge.at))

    def statement(
        self, *, by: Dimension = "step", run: str = "", span: Span = ALWAYS, book: str = ""
    ) -> tuple[Statement, Idle | None]:
        """The bill, and what the machine had left meanwhile. Each charge is priced by the book of its day, or all by
        the one that is named. Raises InvalidPriceBook.
        """
        named = self.books.named(book) if book else None
        charges = self.charges(run=run, span=span)

        def book_of(at: Instant) -> PriceBook:
            return named or self.book(at)

        return statement(charges, book_of, by=by), idle_of(charges, book_of, self._settings.machine.rules.capacity)

    def by_day(self) -> tuple[tuple[str, float, float], ...]:
        """What was billed on each day from the first on, and what of it was waste; in UTC, days of nothing too."""
        billed, wasted = dict[int, float](), dict[int, float]()
        for charge in self.charges():
            if charge.kind != "cached":
                usd, day = self.book(charge.at).price(charge.usage, charge.asked).usd, charge.at // DAY_US
                billed[day] = billed.get(day, 0.0) + usd
                wasted[day] = wasted.get(day, 0.0) + (usd if charge.kind in WASTE else 0.0)
        days = range(min(billed), max(billed) + 1) if billed else range(0)
        return tuple((format_instant(day * DAY_US)[:10], billed.get(day, 0.0), wasted.get(day, 0.0)) for day in days)

    def board(self, views: Sequence[View]) -> Board:
        """What costs most, and what was spent for nothing, with the features of these views."""
        self.generation.flush()
        book = self.book(self._ports.clock.now())
        features = feature_costs(
            views, keys=self._ports.keys, facts=self._facts, cpu_s=self.generation.cpu_s(), book=book
        )
        return board(self.charges(), self.book, features)


def _read(file: Path, named: str) -> PriceBook:
    try:
        return read_price_book(file.read_text(encoding="utf-8"))
    except OSError as error:
        raise BadSettings(
            f"costs.price_book: {named} can't be read: {error.strerror}.", next_step="Name a file beside them."
        ) from error
