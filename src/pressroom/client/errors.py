"""What can be wrong with asking.

PressroomError
├── InvalidInput ── Rejected      the server refused the request: which field, what was expected
└── Refused ─────── Unreachable   no answer came in time, after all tries
"""

from pressroom.values import InvalidInput, Refused


class Rejected(InvalidInput):
    """The server refused the request; asking the same again is of no use."""

    def __init__(self, message: str, *, next_step: str = "", status: int, field: str = "", expected: str = "") -> None:
        """Keep the HTTP status, and the field where the server names one."""
        super().__init__(message, next_step=next_step)
        self.status = status
        self.field = field
        self.expected = expected


class Unreachable(Refused):
    """No answer came in time, after all tries."""
