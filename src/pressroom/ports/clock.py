"""The clock: the only way to learn what time it is, so that tests can turn it."""

from typing import Protocol

from pressroom.values import Instant


class Clock(Protocol):
    """Tells the time."""

    def now(self) -> Instant:
        """Microseconds since 1970-01-01T00:00Z. May jump: measure durations with a timer."""
        ...
