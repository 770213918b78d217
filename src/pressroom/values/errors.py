"""The root of every error that a user may see.

PressroomError
├── InvalidInput   the caller gave something that can't be right: which part, what was expected
├── NotFound       a name that nothing answers to
├── Conflict       somebody else changed the same thing first
└── Refused        understood, and not done: a rule, a promise or a limit stands against it

A message is one sentence on what is wrong; `next_step` is one sentence on what to do about it. Doors print both and no
traceback. Every room derives its own errors from one of the four, so that a door can choose an exit code or an HTTP
status without knowing the room.
"""


class PressroomError(Exception):
    """Anything that Pressroom itself reports; never raised bare."""

    def __init__(self, message: str, *, next_step: str = "") -> None:
        """Keep the sentence on what is wrong, and the one on what to do next."""
        super().__init__(message)
        self.message = message
        self.next_step = next_step

    def __str__(self) -> str:
        """Both sentences, as a log line shows them."""
        return f"{self.message} {self.next_step}".strip()


class InvalidInput(PressroomError):
    """The caller gave something that can't be right."""


class NotFound(PressroomError):
    """Nothing answers to this name."""


class Conflict(PressroomError):
    """Somebody else changed the same thing first."""


class Refused(PressroomError):
    """Understood, and not done: a rule, a promise or a limit stands against it."""
