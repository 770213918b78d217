"""What can be wrong with training.

PressroomError
├── InvalidInput ──┬─ NoRows          nothing to learn from
│                  ├─ BadTraining     a training that can't go on as it is written: its parts, its rows, its settings
│                  └─ NotFinite       rows of a batch that no model can learn from: NaN or infinite
└── Refused ──┬────── NoBaseline      a model without a baseline measured beside it
              ├────── Diverged        a loss that is no number, or that left all bounds
              ├────── Preempted       a training that was asked to stop, and saved where it is
              └────── WorkerFailed    code of a training that raised in one of the workers it was spread over
"""

import signal

from pressroom.values import InvalidInput, Refused

_EXIT = 128 + signal.SIGTERM


class NoRows(InvalidInput):
    """Nothing to learn from."""


class BadTraining(InvalidInput):
    """A training that can't go on as it is written."""


class NotFinite(InvalidInput):
    """Rows of a batch that no model can learn from."""


class NoBaseline(Refused):
    """A model without a baseline measured beside it."""


class Diverged(Refused):
    """A loss that is no number, or that left all bounds."""


class Preempted(Refused, SystemExit):
    """A training that was asked to stop, and saved where it is.

    A program that does not catch it exits with 143 (128 and the number of SIGTERM), without a traceback: supervisors
    read that as "ended because it was asked to", and not as a failure.
    """

    def __init__(self, message: str, *, next_step: str = "") -> None:
        """Say what happened, and what to do."""
        super().__init__(message, next_step=next_step)
        self.code = _EXIT


class WorkerFailed(Refused):
    """Code of a training that raised in one of the workers it was spread over."""
