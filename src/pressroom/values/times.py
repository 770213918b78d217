"""Instants and windows. An instant is a whole number of microseconds since 1970-01-01T00:00Z; naive times are refused.

Plain integers, not datetime objects: they sort, subtract and store without a time zone to get wrong.
"""

import re
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

import numpy as np
import numpy.typing as npt

from pressroom.values.errors import InvalidInput

Instant = int
MICROSECONDS = 1_000_000
"""In a second."""

_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_UNITS = {"us": 1, "ms": 1_000, "s": MICROSECONDS, "min": 60 * MICROSECONDS, "h": 3_600 * MICROSECONDS,
          "d": 86_400 * MICROSECONDS}  # fmt: skip
_DURATION = re.compile(r"(\d+)\s*(us|ms|s|min|h|d)\Z")
_LONGEST_US = 36_500_000 * _UNITS["d"]


def parse_duration(text: str) -> int:
    """`24h`, `5min`, `7d`, `30s` in microseconds. A day is 24 hours; 0, unknown units and 100,000 years are refused."""
    match = _DURATION.match(text.strip())
    duration_us = 0 if match is None else int(match[1]) * _UNITS[match[2]]
    if not 0 < duration_us <= _LONGEST_US:
        raise InvalidInput(
            f"{text!r} is no duration.", next_step="Write a whole number and us, ms, s, min, h or d: 24h."
        )
    return duration_us


def format_duration(microseconds: int) -> str:
    """The shortest exact spelling that `parse_duration` reads back."""
    for unit in ("d", "h", "min", "s", "ms"):
        if microseconds % _UNITS[unit] == 0:
            return f"{microseconds // _UNITS[unit]}{unit}"
    return f"{microseconds}us"


def parse_instant(text: str) -> Instant:
    """ISO 8601 with a zone (`2013-10-01T05:00Z`, `2013-10-01T01:00-04:00`); a naive time is refused."""
    try:
        moment = datetime.fromisoformat(text.strip())
    except ValueError as error:
        raise InvalidInput(
            f"{text!r} is no instant.", next_step="Write ISO 8601 with a zone: 2013-10-01T05:00Z."
        ) from error
    if moment.tzinfo is None:
        raise InvalidInput(f"{text!r} has no zone.", next_step="Add Z or an offset, or name the zone it is local to.")
    return (moment - _EPOCH) // timedelta(microseconds=1)


def format_instant(instant: Instant) -> str:
    """ISO 8601 in UTC, with as many decimals as are needed."""
    return (_EPOCH + timedelta(microseconds=instant)).isoformat().replace("+00:00", "Z")


def local_to_utc(local_us: npt.NDArray[np.int64], zone: str) -> npt.NDArray[np.int64]:
    """Instants of wall-clock times in `zone`, both as microseconds since 1970.

    A time that happens twice (autumn) is taken as the first of the two; one that never happens (spring) as if the
    clock had not yet been put forward. Offsets are looked up once per wall-clock minute, so large columns cost little.
    """
    try:
        rules = ZoneInfo(zone)
    except (ZoneInfoNotFoundError, ValueError, OSError) as error:
        raise InvalidInput(f"{zone!r} is no time zone.", next_step="Use a name like America/New_York.") from error
    minute = 60 * MICROSECONDS
    minutes, places = np.unique(local_us // minute, return_inverse=True)
    offsets = np.fromiter((_offset_us(int(m) * minute, rules) for m in minutes), dtype=np.int64, count=len(minutes))
    return local_us - offsets[places]


def _offset_us(local_us: int, rules: ZoneInfo) -> int:
    wall = (_EPOCH + timedelta(microseconds=local_us)).replace(tzinfo=rules)
    offset = wall.utcoffset()
    return 0 if offset is None else offset // timedelta(microseconds=1)
