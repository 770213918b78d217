"""What every Clock must do."""

from pathlib import Path

from pressroom.ports import Clock
from pressroom.values import parse_instant


class ClockContract:
    """Subclass it and override `make`."""

    def make(self, tmp_path: Path) -> Clock:
        """A clock."""
        raise NotImplementedError

    def test_it_tells_whole_microseconds_since_1970(self, tmp_path: Path) -> None:
        now = self.make(tmp_path).now()
        assert type(now) is int
        assert parse_instant("2000-01-01T00:00Z") < now < parse_instant("2300-01-01T00:00Z")
