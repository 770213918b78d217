"""Durations, instants and wall clocks."""

from datetime import UTC, datetime, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.values import (
    MICROSECONDS,
    InvalidInput,
    format_duration,
    format_instant,
    local_to_utc,
    parse_duration,
    parse_instant,
)

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
HOUR = 3_600 * MICROSECONDS


@pytest.mark.parametrize(
    ("text", "microseconds"),
    [("1us", 1), ("5ms", 5_000), ("30s", 30_000_000), ("5min", 300_000_000), ("24h", 86_400_000_000),
     ("7d", 604_800_000_000), (" 2 h ", 7_200_000_000)],
)  # fmt: skip
def test_durations_are_read(text, microseconds):
    assert parse_duration(text) == microseconds


@pytest.mark.parametrize("text", ["", "h", "5", "0s", "-1h", "1.5h", "1w", "1 month", "1h30min", "36500001d", "1H"])
def test_what_is_no_duration_is_refused(text):
    with pytest.raises(InvalidInput) as refused:
        parse_duration(text)
    assert str(refused.value) == f"{text!r} is no duration. Write a whole number and us, ms, s, min, h or d: 24h."


@given(st.integers(1, 36_500_000 * 24 * HOUR))
def test_a_duration_is_spelled_so_that_it_is_read_back(microseconds):
    text = format_duration(microseconds)
    assert parse_duration(text) == microseconds


@pytest.mark.parametrize(
    ("microseconds", "text"), [(1, "1us"), (1_500, "1500us"), (90 * 60 * MICROSECONDS, "90min"), (48 * HOUR, "2d")]
)
def test_a_duration_is_spelled_in_the_largest_unit_that_is_exact(microseconds, text):
    assert format_duration(microseconds) == text


@given(st.datetimes(), st.timedeltas(timedelta(hours=-23, minutes=-59), timedelta(hours=23, minutes=59)))
def test_an_instant_is_what_datetime_says(wall, offset):
    offset -= timedelta(microseconds=offset.microseconds)
    aware = wall.replace(tzinfo=timezone(offset))
    assert parse_instant(aware.isoformat()) == (aware - EPOCH) // timedelta(microseconds=1)


@given(st.datetimes(timezones=st.just(UTC)))
def test_an_instant_is_spelled_so_that_it_is_read_back(moment):
    instant = (moment - EPOCH) // timedelta(microseconds=1)
    text = format_instant(instant)
    assert text.endswith("Z")
    assert parse_instant(text) == instant


def test_an_instant_before_1970_is_negative():
    assert parse_instant("1969-12-31T23:59:59.999999Z") == -1
    assert format_instant(-1) == "1969-12-31T23:59:59.999999Z"


@pytest.mark.parametrize("text", ["2013-10-01T05:00", "2013-10-01", "2013-10-01 05:00:00.5"])
def test_a_naive_time_is_refused(text):
    with pytest.raises(InvalidInput) as refused:
        parse_instant(text)
    assert str(refused.value) == f"{text!r} has no zone. Add Z or an offset, or name the zone it is local to."


@pytest.mark.parametrize("text", ["", "now", "2013-02-30T00:00Z", "1357000000", "2013-10-01T05:00 America/New_York"])
def test_what_is_no_instant_is_refused(text):
    with pytest.raises(InvalidInput) as refused:
        parse_instant(text)
    assert str(refused.value) == f"{text!r} is no instant. Write ISO 8601 with a zone: 2013-10-01T05:00Z."


def by_zoneinfo(local_us, zone):
    """One wall-clock time the slow way."""
    wall = datetime(1970, 1, 1) + timedelta(microseconds=local_us)  # noqa: DTZ001
    return (wall.replace(tzinfo=ZoneInfo(zone)).astimezone(UTC) - EPOCH) // timedelta(microseconds=1)


def wall_clock(text):
    return parse_instant(f"{text}Z")


CHANGES = [
    ("America/New_York", "2013-03-10T02:00"), ("America/New_York", "2013-11-03T01:00"),
    ("Europe/Berlin", "2013-03-31T02:00"), ("Europe/Berlin", "2013-10-27T02:00"),
    ("Australia/Lord_Howe", "2013-04-07T01:30"), ("Australia/Lord_Howe", "2013-10-06T02:00"),
]  # fmt: skip


@pytest.mark.parametrize(("zone", "change"), CHANGES)
def test_every_minute_around_a_change_of_clocks_is_what_zoneinfo_says(zone, change):
    local = wall_clock(change) + np.arange(-180, 181) * 60 * MICROSECONDS + 17
    assert local_to_utc(local, zone).tolist() == [by_zoneinfo(int(time), zone) for time in local]


def test_a_time_that_happens_twice_is_the_first_and_one_that_never_happens_is_by_the_old_clock():
    twice, never = wall_clock("2013-11-03T01:30"), wall_clock("2013-03-10T02:30")
    first, moved = local_to_utc(np.array([twice, never]), "America/New_York").tolist()
    assert format_instant(first) == "2013-11-03T05:30:00Z"
    assert format_instant(moved) == "2013-03-10T07:30:00Z"


@given(
    times=st.lists(st.integers(100_000_000 * MICROSECONDS, 2_500_000_000 * MICROSECONDS), max_size=30),
    zone=st.sampled_from(["America/New_York", "Europe/Berlin", "Asia/Kathmandu", "Pacific/Apia", "UTC", "EST5EDT"]),
)
def test_any_time_since_1973_is_what_zoneinfo_says(times, zone):
    local = np.array(times, dtype=np.int64)
    assert local_to_utc(local, zone).tolist() == [by_zoneinfo(time, zone) for time in times]


@pytest.mark.parametrize("zone", ["Nowhere", "America", "", "../UTC", "/etc/localtime", "a\0b"])
def test_what_is_no_zone_is_refused(zone):
    with pytest.raises(InvalidInput) as refused:
        local_to_utc(np.array([0]), zone)
    assert str(refused.value) == f"{zone!r} is no time zone. Use a name like America/New_York."
