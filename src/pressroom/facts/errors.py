"""What can be wrong with facts.

PressroomError
├── InvalidInput ── BadDefinition    a fact class, field or aggregate that can't mean anything
│                └─ BadBatch         a batch that can't be read as this fact at all; nothing of it was kept
│                └─ BadRows          single rows are wrong and the caller did not ask to set them aside
├── NotFound ────┬─ UnknownFact      no such fact type
│                └─ UnknownBatch     nothing is set aside of a batch of this name
└── Conflict ────── Moved            facts moved while they were read a piece at a time
"""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches

from pressroom.facts.set_aside import SetAside
from pressroom.values import Conflict, InvalidInput, NotFound


class BadDefinition(InvalidInput):
    """A fact class, field or aggregate that can't mean anything."""


class BadBatch(InvalidInput):
    """A batch that can't be read as this fact at all; nothing of it was kept."""


class BadRows(InvalidInput):
    """Single rows are wrong and the caller did not ask to set them aside; nothing was kept. `rows` are all of them."""

    def __init__(self, message: str, *, rows: Sequence[SetAside] = (), next_step: str = "") -> None:
        """Keep the rows with the sentences."""
        super().__init__(message, next_step=next_step)
        self.rows = tuple(rows)


class UnknownFact(NotFound):
    """No such fact type."""


class UnknownBatch(NotFound):
    """Nothing is set aside of a batch of this name."""


class Moved(Conflict):
    """Facts moved while they were read a piece at a time; nothing is wrong with them."""


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A sentence that lists what there is, the nearest first."""
    there = sorted(known)
    near = get_close_matches(name, there, n=1)
    if near:
        return f"Did you mean {near[0]!r}?"
    return f"There are: {', '.join(there)}." if there else "There are none yet."
