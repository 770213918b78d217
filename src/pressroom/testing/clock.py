"""A clock that tests turn by hand."""

from pressroom.values import Instant, parse_duration, parse_instant


class TurnedClock:
    """Stands still until it is set or advanced."""

    def __init__(self, start: Instant | str = "2013-01-01T00:00Z") -> None:
        """Show `start`: microseconds, or ISO 8601 with a zone."""
        self._now = _instant(start)

    def now(self) -> Instant:
        """What it was last turned to."""
        return self._now

    def set(self, instant: Instant | str) -> None:
        """Turn it to `instant`, forward or back."""
        self._now = _instant(instant)

    def advance(self, by: int | str) -> Instant:
        """Turn it on by microseconds or a duration (`5min`), and return what it then shows."""
        self._now += parse_duration(by) if isinstance(by, str) else by
        return self._now


def _instant(when: Instant | str) -> Instant:
    return parse_instant(when) if isinstance(when, str) else when
