"""Schedules as values: when their ticks are, where clocks are put forward or back."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.flows import BadFlow, cron, interval, when
from pressroom.values import format_instant, parse_instant

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MINUTE = 60_000_000
HOUR = 60 * MINUTE
# The nights in which clocks are put, in zones that put them at different hours.
NIGHTS = [
    ("America/New_York", "2025-03-09T07:00Z"), ("America/New_York", "2025-11-02T06:00Z"),
    ("Europe/Zurich", "2025-03-30T01:00Z"), ("Europe/Zurich", "2025-10-26T01:00Z"),
    ("Africa/Cairo", "2025-04-24T22:00Z"), ("Africa/Cairo", "2025-10-30T21:00Z"), ("UTC", "2025-03-30T01:00Z"),
]  # fmt: skip


def wall(instant: int, zone: str) -> datetime:
    return (EPOCH + timedelta(microseconds=instant)).astimezone(ZoneInfo(zone))


def ticks(schedule, after: int, upto: int) -> list[int]:
    found: list[int] = []
    while (tick := schedule.next_tick(found[-1] if found else after)) <= upto:
        found.append(tick)
    return found


@pytest.mark.parametrize(("zone", "night"), NIGHTS)
@given(minute=st.sampled_from(["*", "*/15", "*/20", "*/7"]), hour=st.sampled_from(["*", "*/2", "1-3"]))
def test_a_tick_by_the_minute_is_every_minute_whose_wall_clock_fits(zone, night, minute, hour):
    start, end = parse_instant(night) - 4 * HOUR, parse_instant(night) + 4 * HOUR
    step = int(minute[2:] or 1)
    hours = {"*": range(24), "*/2": range(0, 24, 2), "1-3": range(1, 4)}[hour]
    expected = [
        at
        for at in range(start + MINUTE, end + 1, MINUTE)
        if wall(at, zone).minute % step == 0 and wall(at, zone).hour in hours
    ]
    assert ticks(cron(f"{minute} {hour} * * *", zone=zone), start, end) == expected


@pytest.mark.parametrize(("zone", "night"), NIGHTS)
@given(minute=st.integers(0, 59), hour=st.integers(0, 23))
def test_a_tick_at_a_fixed_time_is_once_a_day_whatever_clocks_do(zone, night, minute, hour):
    start = parse_instant(night) - 60 * HOUR
    found = ticks(cron(f"{minute} {hour} * * *", zone=zone), start, start + 120 * HOUR)
    days = [wall(at, zone).date() for at in found]
    assert days == [days[0] + timedelta(days=number) for number in range(len(days))]
    assert len(days) in (5, 6) or (len(days) == 4 and zone != "UTC")
    for at in found:
        shown = wall(at, zone)
        if (shown.hour, shown.minute) != (hour, minute):
            # That time does not exist there: the first instant after the gap is taken.
            assert wall(at, zone).utcoffset() != wall(at - MINUTE, zone).utcoffset()


def test_a_time_that_is_skipped_runs_when_clocks_have_been_put_and_one_that_repeats_runs_once():
    schedule = cron("30 2 * * *", zone="Europe/Zurich")
    spring = ticks(schedule, parse_instant("2025-03-29T12:00Z"), parse_instant("2025-03-31T12:00Z"))
    autumn = ticks(schedule, parse_instant("2025-10-25T12:00Z"), parse_instant("2025-10-27T12:00Z"))
    assert list(map(format_instant, spring)) == ["2025-03-30T01:00:00Z", "2025-03-31T00:30:00Z"]
    assert list(map(format_instant, autumn)) == ["2025-10-26T00:30:00Z", "2025-10-27T01:30:00Z"]


def test_two_times_that_are_skipped_together_are_one_tick():
    schedule = cron("0,30 2 * * *", zone="Europe/Zurich")
    found = ticks(schedule, parse_instant("2025-03-29T12:00Z"), parse_instant("2025-03-30T12:00Z"))
    assert list(map(format_instant, found)) == ["2025-03-30T01:00:00Z"]


@given(
    schedule=st.sampled_from(
        [cron("*/10 * * * *", zone="Europe/Zurich"), cron("5 4 * * 1-5", zone="America/New_York"), interval("15min"),
         interval("7d"), when("landing", through="1d", zone="Europe/Zurich")]
    ),
    at=st.integers(parse_instant("2025-03-01T00:00Z"), parse_instant("2025-12-01T00:00Z")),
)  # fmt: skip
def test_the_newest_tick_and_the_next_one_have_none_between_them_and_periods_meet(schedule, at):
    after = schedule.next_tick(at)
    newest = schedule.newest_tick(after - 1, 0)
    assert newest is not None
    assert newest <= at < after
    assert schedule.next_tick(newest) == after
    assert (schedule.period(after).start, schedule.period(after).end) == (newest, after)
    assert schedule.ticks(newest - 1, after, 10) == [newest, after]


@pytest.mark.parametrize(
    "expression", ["", "every day", "60 * * * *", "* * * *", "0 0 31 2 *", "* * * * * *", "0 0 30 2 *", "@daily"]
)
def test_what_is_no_cron_expression_or_never_comes_is_refused(expression):
    with pytest.raises(BadFlow):
        cron(expression, zone="UTC")


@pytest.mark.parametrize(
    ("make", "said"),
    [
        (lambda: cron("0 6 * * *", zone="Mars/North"), "no time zone"),
        (lambda: interval("soon"), "no duration"),
        (lambda: interval("15min", missed="some"), "missed is 'some'"),
        (lambda: interval("15min", overlap="never"), "overlap is 'never'"),
        (lambda: when(through="1d"), "waits for no facts"),
        (lambda: when("landing", through="6h", zone="Europe/Zurich"), "whole days"),
    ],
)
def test_a_schedule_that_can_mean_nothing_is_refused(make, said):
    with pytest.raises(BadFlow, match=said):
        make()
