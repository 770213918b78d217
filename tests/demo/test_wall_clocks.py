"""Clocks against the calendar of the standard library, minute by minute."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from pressroom.demo.wall_clocks import Zones, midnights, minutes_of_day, read_clock, read_wall

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
FIRST = (datetime(2013, 1, 1, tzinfo=UTC) - EPOCH) // timedelta(minutes=1)
CHANGES = [
    (datetime(2013, month, day, 7, tzinfo=UTC) - EPOCH) // timedelta(minutes=1) for month, day in ((3, 10), (11, 3))
]
NAMES = ("America/New_York", "America/Phoenix", "Pacific/Honolulu", "America/Los_Angeles", "America/Puerto_Rico")
MOMENTS = st.one_of(
    st.integers(FIRST, FIRST + 365 * 1440),
    st.builds(int.__add__, st.sampled_from(CHANGES), st.integers(-600, 600)),
)


def wall_of(instant: int, zone: str) -> int:
    local = (EPOCH + timedelta(minutes=instant)).astimezone(ZoneInfo(zone))
    return (local.replace(tzinfo=UTC) - EPOCH) // timedelta(minutes=1)


def column(*values: int) -> np.ndarray:
    return np.array(values, dtype=np.int64)


@given(rows=st.lists(st.tuples(MOMENTS, st.integers(0, 4), st.integers(-29, 29)), min_size=1, max_size=20))
def test_what_a_clock_showed_is_read_back_to_the_minute(rows: list[tuple[int, int, int]]) -> None:
    instants = [instant for instant, _, _ in rows]
    wall = column(*(wall_of(instant, NAMES[zone]) for instant, zone, _ in rows))
    near = column(*(instant + error for instant, _, error in rows))
    zones = Zones(names=NAMES, codes=column(*(zone for _, zone, _ in rows)))
    assert read_wall(wall, near, zones).instant.tolist() == instants
    assert read_clock(wall % 1440, near, zones).instant.tolist() == instants
    assert read_clock(wall % 1440, near, zones).offset.tolist() == (wall - instants).tolist()


@given(instant=MOMENTS, zone=st.sampled_from(NAMES), error=st.integers(-600, 600))
def test_a_clock_without_a_date_is_read_on_the_day_next_to_the_guess(instant: int, zone: str, error: int) -> None:
    wall = wall_of(instant, zone)
    (read,) = read_clock(column(wall % 1440), column(instant + error), Zones.one(zone, 1)).instant.tolist()
    assert wall_of(read, zone) == wall
    assert abs(read - instant) in (0, 60)


def test_an_hour_that_never_was_is_read_as_if_the_clock_had_not_been_put_forward() -> None:
    night, _ = midnights(column(2013), column(3), column(10))
    read = read_wall(night + 2 * 60 + 3, column(0), Zones.one(NAMES[0], 1))
    assert read.instant.tolist() == [CHANGES[0] + 3]


def test_times_of_day_end_at_2400() -> None:
    minutes, clock = minutes_of_day(column(0, 517, 2359, 2400, 2401, 1260, -1, 10**12))
    assert minutes.tolist() == [0, 317, 1439, 1440, 0, 0, 0, 0]
    assert clock.tolist() == [True] * 4 + [False] * 4


def test_dates_outside_the_calendar_are_told() -> None:
    days, calendar = midnights(
        column(1970, 2012, 2013, 2013, 2013, 1), *(column(1, 2, 2, 13, 4, 1), column(2, 29, 29, 1, 0, 1))
    )
    assert calendar.tolist() == [True, True, False, False, False, False]
    assert days[0] == 1440
