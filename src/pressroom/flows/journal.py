"""The journal: how a long piece of work goes, a line of JSON at a time, for whoever watches and for the record.

Workers write it and open no database; who runs them reads on in it.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Literal

from pressroom.ports import left_in
from pressroom.values import Instant, InvalidInput, from_document, to_document

JournalKind = Literal["began", "measured", "saved", "taken up", "trouble", "ended"]


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLine:
    """At this instant, after `tick` steps of the work: figures that were measured, or what happened, in words. `about`
    is one word for a trouble, the same whenever it comes again. The next line is due in `next_within_s` (None: ever).
    """

    at: Instant
    kind: JournalKind
    tick: int
    epoch: int = 0
    figures: Mapping[str, float | None] = field(default_factory=dict)
    words: str = ""
    about: str = ""
    next_within_s: float | None = None


class Journal:
    """Adds lines to a file, each in one write, so that a kill leaves whole lines."""

    def __init__(self, path: Path) -> None:
        """The file is made with its first line."""
        self._path = path

    @property
    def stacks(self) -> Path:
        """The file beside it that says where the work is, when it is not heard of for too long."""
        return stacks_of(self._path)

    def tell(self, line: JournalLine) -> None:
        """Add a line. Raises OSError."""
        with open(self._path, "ab", buffering=0) as file:
            file.write(to_document(line) + b"\n")


def stacks_of(journal: Path) -> Path:
    """Where the process that writes a journal leaves its stacks."""
    return journal.with_name(f"{journal.name}.stacks")


def read_journal(path: Path, start: int = 0) -> tuple[list[JournalLine], int]:
    """The lines from byte `start` on, and where to read on. A line that is not whole yet is left for the next time."""
    try:
        content = left_in(path.parent, path.name, start)
    except FileNotFoundError:
        return [], start
    whole = content[: content.rfind(b"\n") + 1]
    lines: list[JournalLine] = []
    for line in whole.splitlines():
        try:
            lines.append(from_document(line, JournalLine))
        except InvalidInput:
            # A full disk may cut a line; what comes after it still counts.
            continue
    return lines, start + len(whole)
