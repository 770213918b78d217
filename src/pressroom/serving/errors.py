"""What can be wrong with serving.

PressroomError
├── NotFound ──┬ UnknownEndpoint   nothing answers under this name
│              └ UnknownVersion    the endpoint has no such version that may answer
└── Refused ─┬─ PushRefused       a check of the push failed; what served before serves on
             ├─ NoNumber          the model answers no number to this row
             ├─ NotExplainable    nobody can say why the model answers as it does
             └─ Unanswered        nobody could answer a request that was right
                ├── ModelFailed      the model met an error
                ├── FeaturesStale    a feature is older than the endpoint promises
                ├── DeadlinePassed   the time that the request had is over
                └── Overloaded       more is asked than can be answered: try again after `retry_after_s`
"""

from pressroom.values import NotFound, Refused


class UnknownEndpoint(NotFound):
    """Nothing answers under this name."""


class UnknownVersion(NotFound):
    """The endpoint has no such version that may answer."""


class PushRefused(Refused):
    """A check of the push failed; what served before serves on."""


class NoNumber(Refused):
    """The model answers no number to this row, and no fallback could answer."""


class NotExplainable(Refused):
    """Nobody can say why the model answers as it does."""


class Unanswered(Refused):
    """Nobody could answer a request that was right."""


class ModelFailed(Unanswered):
    """The model met an error, and no fallback could answer."""


class FeaturesStale(Unanswered):
    """A feature is older than the endpoint promises, and no fallback could answer."""


class DeadlinePassed(Unanswered):
    """The time that the request had is over, and no fallback could answer."""


class Overloaded(Unanswered):
    """More is asked than can be answered."""

    def __init__(self, message: str, *, next_step: str = "", retry_after_s: float = 1.0) -> None:
        """Say when to try again."""
        super().__init__(message, next_step=next_step)
        self.retry_after_s = retry_after_s
