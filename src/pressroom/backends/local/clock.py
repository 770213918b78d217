"""The system's clock."""

import time

from pressroom.values import Instant


class SystemClock:
    """Tells the time as the machine knows it."""

    def now(self) -> Instant:
        """Microseconds since 1970-01-01T00:00Z."""
        return time.time_ns() // 1_000
