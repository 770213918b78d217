"""What can go wrong in a training run.

PressroomError
├── InvalidInput ── BadState        something that can't be kept in a checkpoint, or put back
├── Refused ─┬───── LossNotFinite   training went where no number is
│            └───── RunTaken        another process trains under this name
└── NotFound ────── NoCheckpoint    nothing whole to go on from
"""

from pressroom.values import InvalidInput, NotFound, Refused


class BadState(InvalidInput):
    """Something that can't be kept in a checkpoint, or that does not fit the one to go on from."""


class LossNotFinite(Refused):
    """The loss became NaN or infinite, and nothing was said about what to do then."""


class RunTaken(Refused):
    """Another process trains under this name."""


class NoCheckpoint(NotFound):
    """There is no checkpoint, or none that is whole."""
