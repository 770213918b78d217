"""Tables: facts at rest, in an open format that others can read in place."""

from collections.abc import Sequence
from typing import Protocol

from pressroom.values import Columns


class Tables(Protocol):
    """Append-only tables of columns, each with versions 0, 1, 2 ..."""

    def append(self, name: str, columns: Columns, *, position: int) -> int:
        """Add rows in one atomic step and return the new version. `position` says up to where in the log the table now
        holds its topic; an append at or below the table's position is a repetition and changes nothing. A new column is
        null in the rows before; a column of another type is refused with InvalidInput. Raises NoSpace.
        """
        ...

    def scan(self, name: str, *, columns: Sequence[str] | None = None, version: int | None = None) -> Columns | None:
        """The rows of a table (some columns, at a version); None if there is no such table.

        Refuses a version (NotFound) or a column (InvalidInput) that is not there.
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
