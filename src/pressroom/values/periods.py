"""Periods: a stretch of time that work is done for, `[start, end)`, and how a longer stretch is cut into them."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from pressroom.values.errors import InvalidInput
from pressroom.values.times import (
    MICROSECONDS,
    Instant,
    format_duration,
    format_instant,
    local_to_utc,
    parse_duration,
    parse_instant,
)

DAY_US = 86_400 * MICROSECONDS
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True, kw_only=True)
class Period:
    """From `start` on, up to but not at `end`.

    `facts` identifies the facts in it that whoever works on it declared to read: two periods with other facts are
    not equal, so what was made from the older ones is not used again. Empty: nobody declared any.
    """

    start: Instant
    end: Instant
    facts: str = ""

    def words(self) -> str:
        """`2013-10-01` for a day of UTC, else both instants with a slash between, as ISO 8601 has it."""
        if self.start % DAY_US == 0 and self.end == self.start + DAY_US:
            return format_instant(self.start)[:10]
        return f"{format_instant(self.start)}/{format_instant(self.end)}"


def parse_period(text: str) -> Period:
    """`2013-10-01` (a day of UTC), or two days or instants with a slash between. Raises InvalidInput."""
    first, slash, second = text.strip().partition("/")
    start = parse_day_or_instant(first)
    end = parse_day_or_instant(second) if slash else start + DAY_US
    if not slash and len(first) != len("2013-10-01"):
        raise InvalidInput(f"{text!r} is an instant, not a period.", next_step="Write START/END, or a day.")
    if start >= end:
        raise InvalidInput(f"{text!r} ends before it starts.", next_step="Write START/END, the earlier one first.")
    return Period(start=start, end=end)


def parse_day_or_instant(text: str) -> Instant:
    """An instant, or the start of a day of UTC. Raises InvalidInput."""
    plain = text.strip()
    return parse_instant(f"{plain}T00:00Z" if len(plain) == len("2013-10-01") else plain)


def check_zone(zone: str) -> str:
    """The name of a time zone, if it is one. Raises InvalidInput."""
    local_to_utc(np.zeros(1, np.int64), zone)
    return zone


def parse_stride(text: str, zone: str = "UTC") -> int:
    """How long each period is, in microseconds. Outside of UTC only whole days have edges that all agree on."""
    stride_us = parse_duration(text)
    if zone != "UTC" and stride_us % DAY_US:
        raise InvalidInput(
            f"Periods of {text} have no edges of their own in {check_zone(zone)}.",
            next_step="Take whole days there, or leave the zone out.",
        )
    return stride_us


def floor_edge(instant: Instant, stride_us: int, zone: str = "UTC") -> Instant:
    """The newest edge at or before an instant.

    Edges lie whole strides after 1970-01-01T00:00 in `zone`. A day is as long there as its clocks make it.
    """
    return _edge(_number(instant, stride_us, zone), stride_us, zone)


def next_edge(instant: Instant, stride_us: int, zone: str = "UTC") -> Instant:
    """The first edge after an instant."""
    return _edge(_number(instant, stride_us, zone) + 1, stride_us, zone)


def periods_between(start: Instant, end: Instant, stride_us: int, zone: str = "UTC") -> Iterator[Period]:
    """The periods of a stretch, oldest first. Raises InvalidInput where it does not start and end at edges."""
    for name, instant in (("start", start), ("end", end)):
        if floor_edge(instant, stride_us, zone) != instant:
            every = format_duration(stride_us)
            raise InvalidInput(
                f"The {name}, {format_instant(instant)}, is no edge of periods of {every} ({zone}).",
                next_step=f"The nearest before it is {format_instant(floor_edge(instant, stride_us, zone))}.",
            )
    while start < end:
        after = next_edge(start, stride_us, zone)
        yield Period(start=start, end=after)
        start = after


def local_instant(text: str, zone: str) -> Instant:
    """A day, as its start in `zone`; an instant as it is. Raises InvalidInput."""
    plain = text.strip()
    if zone == "UTC" or len(plain) != len("2013-10-01"):
        return parse_day_or_instant(plain)
    return int(local_to_utc(np.array([parse_day_or_instant(plain)], np.int64), zone)[0])


def _number(instant: Instant, stride_us: int, zone: str) -> int:
    """The number of the period in which an instant lies."""
    if zone == "UTC":
        return instant // stride_us
    local = (_EPOCH + timedelta(microseconds=instant)).astimezone(ZoneInfo(zone)).replace(tzinfo=UTC)
    number = (local - _EPOCH) // timedelta(microseconds=stride_us)
    # Where clocks are put back over midnight, a day's last minutes come after its end.
    while _edge(number + 1, stride_us, zone) <= instant:
        number += 1
    return number


def _edge(number: int, stride_us: int, zone: str) -> Instant:
    local_us = number * stride_us
    return local_us if zone == "UTC" else int(local_to_utc(np.array([local_us], np.int64), zone)[0])
