"""What can be wrong with features.

PressroomError
├── InvalidInput ── BadView       a view, question or label that can't mean anything
│                ├─ BadSpine      rows that can't ask: which row or column, what was expected
│                └─ BadRequest    a row to answer that lacks something: which row, which field, what was expected
├── NotFound ────── NotOnline     a view that was never materialised
└── Refused ─────── TooOld        an instant that lies before what the online store still holds
                 ├─ TooLarge      an entity whose texts, bytes or vectors are more than is kept online
                 ├─ OfflineOnly   a feature that can't be kept online
                 ├─ NotShared     a view that its owner has not promoted, asked for by another
                 └─ NoOracle      a kind of feature that the check can't work out by itself
"""

from pressroom.values import InvalidInput, NotFound, Refused


class BadView(InvalidInput):
    """A view, question or label that can't mean anything."""


class BadSpine(InvalidInput):
    """Rows that can't ask."""


class BadRequest(InvalidInput):
    """A row to answer that lacks something, or has it wrong."""

    def __init__(self, *, row: int, field: str, expected: str, found: str) -> None:
        """Name the row (from 0), the field, what was expected and what was found."""
        where = f"rows[{row}].{field}".rstrip(".")
        super().__init__(
            f"{where}: expected {expected}, found {found}.",
            next_step="The endpoint's description lists what a row has.",
        )
        self.row = row
        self.field = field
        self.expected = expected
        self.found = found


class NotOnline(NotFound):
    """A view that was never materialised."""


class TooOld(Refused):
    """An instant that lies before what the online store still holds."""


class TooLarge(Refused):
    """An entity whose texts, bytes or vectors are more than is kept online."""


class OfflineOnly(Refused):
    """A feature that can't be kept online."""


class NotShared(Refused):
    """A view that its owner has not promoted, asked for by another."""


class NoOracle(Refused):
    """A kind of feature that the check can't work out by itself."""
