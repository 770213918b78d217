"""Tables: facts at rest, in an open format that others can read in place."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from pressroom.values import Columns

Turned = Callable[[Columns], Columns | None]
"""What becomes of some rows: others in their place, or None, which leaves them as they are."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rewritten:
    """What rewriting did: the newest version after it, the parts taken out and put in, and the rows in both."""

    version: int
    taken_parts: int = 0
    taken_rows: int = 0
    put_parts: int = 0
    put_rows: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Vacuumed:
    """What was removed for good; a backend whose versions share no storage counts each of them as one file."""

    files: int = 0
    size_bytes: int = 0


class Tables(Protocol):
    """Append-only tables of columns, each with versions 0, 1, 2 ... and made of parts, one for each append at first.

    The two verbs that change what is there, `rewrite` and `vacuum`, serve upkeep and the forgetting of a subject.
    """

    def append(self, name: str, columns: Columns, *, position: int) -> int:
        """Add rows in one atomic step and return the new version. `position` says up to where in the log the table now
        holds its topic; an append at or below the table's position is a repetition and changes nothing. A new column is
        null in the rows before; a column of another type is refused with InvalidInput. Columns hold plain values or
        lists of them; of how many values a list has, a table knows nothing. Raises NoSpace.
        """
        ...

    def scan(self, name: str, *, columns: Sequence[str] | None = None, version: int | None = None) -> Columns | None:
        """The rows of a table (some columns, at a version); None if there is no such table.

        Refuses a version (NotFound) or a column (InvalidInput) that is not there, or no longer.
        """
        ...

    def version(self, name: str) -> int | None:
        """The newest version of a table; None if there is no such table."""
        ...

    def position(self, name: str) -> int:
        """Up to where in the log the table holds its topic; 0 for a new one."""
        ...

    def names(self) -> list[str]:
        """Every table, sorted."""
        ...

    def rewrite(self, name: str, turned: Turned, *, below_rows: int = 0, least: int = 2) -> Rewritten | None:
        """Write parts of a table anew, as one new version or none; None if there is no such table.

        Each part is handed to `turned`, and what that returns takes the part's place; no rows at all are no part. With
        `below_rows`, only parts of fewer rows are, several at once until they come to so many together, and only when
        there are `least` of them. `turned` may be asked again when others change the table meanwhile. The position
        stays, and so do older versions: who reads one goes on. Raises NoSpace.
        """
        ...

    def vacuum(self, name: str, *, keep_us: int) -> Vacuumed:
        """Remove for good what only versions need that were last the newest `keep_us` ago; 0 keeps the newest alone.

        Scanning a version whose rows are gone is refused with NotFound. What a crash left behind is removed, too, so
        that nobody but Pressroom should be writing meanwhile. A table that is not there is no error.
        """
        ...
