"""Price books by date: each is in force from its day until the next one's, so that an old bill can be written again."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from pressroom.costs.errors import InvalidPriceBook
from pressroom.costs.price_book import PriceBook
from pressroom.values import Instant, format_instant


@dataclass(frozen=True, slots=True, kw_only=True)
class PriceBooks:
    """Books in the order of their days, each with a version and a day of its own. Raises InvalidPriceBook."""

    books: tuple[PriceBook, ...]

    def __post_init__(self) -> None:
        """Refuse books of which nobody could say which is in force."""
        if not self.books:
            raise InvalidPriceBook("There is no price book.", next_step="Put one into the folder, or name none.")
        for one, other in zip(self.books, self.books[1:], strict=False):
            if one.valid_from >= other.valid_from:
                raise InvalidPriceBook(
                    f"{one.version} and {other.version} are both valid from {format_instant(other.valid_from)}.",
                    next_step="Give each book a day of its own.",
                )
        versions = [book.version for book in self.books]
        for version in versions:
            if versions.count(version) > 1:
                raise InvalidPriceBook(
                    f"Two price books have the version {version!r}.", next_step="Give each its own version."
                )

    def at(self, instant: Instant) -> PriceBook:
        """The book in force; before the first one's day, the first one."""
        place = bisect_right(self.books, instant, key=lambda book: book.valid_from)
        return self.books[max(0, place - 1)]

    def named(self, version: str) -> PriceBook:
        """The book of a version. Raises InvalidPriceBook."""
        for book in self.books:
            if book.version == version:
                return book
        known = ", ".join(book.version for book in self.books)
        raise InvalidPriceBook(f"There is no price book {version!r}.", next_step=f"There are {known}.")


def price_books(books: Sequence[PriceBook]) -> PriceBooks:
    """Books in any order, put into that of their days."""
    return PriceBooks(books=tuple(sorted(books, key=lambda book: book.valid_from)))
