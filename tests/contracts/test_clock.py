from pathlib import Path

from pressroom.backends.local.clock import SystemClock
from pressroom.testing.clock import TurnedClock
from pressroom.testing.contracts.clock import ClockContract
from pressroom.values import parse_instant


class TestSystemClock(ClockContract):
    def make(self, tmp_path: Path) -> SystemClock:
        return SystemClock()


class TestTurnedClock(ClockContract):
    def make(self, tmp_path: Path) -> TurnedClock:
        return TurnedClock()

    def test_it_shows_what_it_is_turned_to(self) -> None:
        clock = TurnedClock("2020-01-01T00:00Z")
        assert clock.advance("5min") == clock.now() == parse_instant("2020-01-01T00:05Z")
        clock.set(7)
        assert clock.advance(3) == 10
