"""Periods: how stretches of time are cut, also where days are not 24 hours long."""

from datetime import UTC, date, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.values import (
    DAY_US,
    InvalidInput,
    Period,
    floor_edge,
    format_instant,
    local_instant,
    next_edge,
    parse_instant,
    parse_period,
    parse_stride,
    periods_between,
)

ZONES = ("UTC", "Europe/Zurich", "America/New_York", "Australia/Lord_Howe", "America/Santiago", "Africa/Cairo")
EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


def midnight(day: date, zone: str) -> int:
    """The first instant of a day, by trying every minute around it."""
    start = datetime(day.year, day.month, day.day, tzinfo=UTC) - timedelta(hours=15)
    moment = next(
        moment
        for minutes in range(0, 30 * 60, 30)
        if (moment := start + timedelta(minutes=minutes)).astimezone(ZoneInfo(zone)).date() >= day
    )
    return (moment - EPOCH) // timedelta(microseconds=1)


@given(zone=st.sampled_from(ZONES), day=st.dates(date(2020, 1, 2), date(2026, 12, 30)), part=st.floats(0, 0.999))
def test_the_day_in_which_an_instant_lies_starts_and_ends_at_its_midnights(zone, day, part):
    start, end = midnight(day, zone), midnight(day + timedelta(days=1), zone)
    instant = start + int((end - start) * part)
    assert floor_edge(instant, DAY_US, zone) == start
    assert next_edge(instant, DAY_US, zone) == end


@given(stride=st.sampled_from(["15min", "1h", "1d", "7d"]), start=st.integers(0, 2000), count=st.integers(0, 40))
def test_a_stretch_is_cut_into_periods_that_leave_nothing_out(stride, start, count):
    stride_us = parse_stride(stride)
    cut = list(periods_between(start * stride_us, (start + count) * stride_us, stride_us))
    assert [each.start for each in cut] == [(start + number) * stride_us for number in range(count)]
    assert [each.end for each in cut] == [(start + number + 1) * stride_us for number in range(count)]


def test_days_of_a_zone_are_as_long_as_its_clocks_make_them():
    start, end = (local_instant(day, "Europe/Zurich") for day in ("2025-03-29", "2025-04-01"))
    hours = [(each.end - each.start) / 3_600_000_000 for each in periods_between(start, end, DAY_US, "Europe/Zurich")]
    assert hours == [24, 23, 24]


def test_a_stretch_that_starts_within_a_period_is_refused_with_the_edge_before_it():
    with pytest.raises(InvalidInput, match="2013-10-01T00:00:00Z"):
        list(periods_between(parse_instant("2013-10-01T05:00Z"), parse_instant("2013-10-03T00:00Z"), DAY_US))


def test_hours_have_no_edges_of_their_own_in_a_zone():
    with pytest.raises(InvalidInput, match="whole days"):
        parse_stride("6h", "Europe/Zurich")


@pytest.mark.parametrize("text", ["2013-10-01", "2013-10-01/2013-10-05", "2013-10-01T00:00:00Z/2013-10-01T06:00:00Z"])
def test_a_period_reads_what_it_says(text):
    assert parse_period(parse_period(text).words()) == parse_period(text)


def test_a_day_alone_is_that_day():
    day = parse_period("2013-10-01")
    assert day == Period(start=parse_instant("2013-10-01T00:00Z"), end=parse_instant("2013-10-02T00:00Z"))
    assert format_instant(day.start) == "2013-10-01T00:00:00Z"


@pytest.mark.parametrize("text", ["", "2013-10-02/2013-10-01", "2013-10-01T00:00Z", "soon", "2013-10-01/2013-10-01"])
def test_what_is_no_period_is_refused(text):
    with pytest.raises(InvalidInput):
        parse_period(text)
