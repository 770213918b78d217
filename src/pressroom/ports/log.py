"""The log: durable, totally ordered appends. What was acknowledged is there after any crash."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Protocol


@dataclass(frozen=True, slots=True, kw_only=True)
class Entry:
    """A batch to append: `rows` rows of `topic`, as bytes that the log does not look into.

    `token` makes it exactly once: a log never keeps two entries of the same token, however long ago and by whatever
    process the first was appended, and takes none for known that was not kept; empty means no such promise. One that is
    `attached` is kept only if the entry before it in the same append is: it says something about that one.
    """

    topic: str
    rows: int
    payload: bytes
    token: str = ""
    attached: bool = field(default=False, compare=False)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stored:
    """An entry in the log. Its rows are numbered `first_seq`, `first_seq + 1`, ... across the whole log.

    `position` is where it starts and `next_position` where the next one does: opaque, growing numbers.
    """

    position: int
    next_position: int
    first_seq: int
    entry: Entry


class Log(Protocol):
    """One order of appends for all topics and all processes of a workspace."""

    def append(self, entries: Sequence[Entry]) -> list[Stored | None]:
        """Keep all of `entries` or none, durably, and say where; None for an entry whose token is in the log already
        and for those attached to it.

        Returns only after the bytes would survive a power cut. Raises NoSpace with nothing kept.
        """
        ...

    def read(self, position: int = 0) -> Iterator[Stored]:
        """Every whole entry from `position` on, in order. Positions below `first()` start at `first()`."""
        ...

    def first(self) -> int:
        """Where the oldest entry that is still kept starts."""
        ...

    def last(self) -> int:
        """Where the next entry will start: everything before it has been acknowledged."""
        ...

    def trim(self, position: int) -> None:
        """Entries before `position` may be dropped (they are kept elsewhere). Their tokens stay remembered.

        They are gone for certain once the log is trimmed again, at where it ended after the first time or beyond.
        """
        ...

    def close(self) -> None:
        """Give back files."""
        ...
