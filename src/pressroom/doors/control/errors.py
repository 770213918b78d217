"""What can be wrong with a request before it is a batch.

PressroomError
└── InvalidInput ── MalformedRequest   the path, the query or the headers can't be right
                 └─ UnknownForm        a content type or encoding that nobody reads here
"""

from pressroom.values import InvalidInput


class MalformedRequest(InvalidInput):
    """The path, the query or the headers can't be right. `field` is which part of them."""

    def __init__(self, message: str, *, field: str, next_step: str) -> None:
        """Keep the field with the sentences."""
        super().__init__(message, next_step=next_step)
        self.field = field


class UnknownForm(MalformedRequest):
    """A content type or encoding that nobody reads here."""
