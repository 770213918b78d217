"""Schedules: when a flow is to run by itself. Values and pure rules; who looks what is due lives elsewhere.

Every run is for a period: of a tick, that since the tick before it; of facts, the one that has become complete.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Literal, get_args
from zoneinfo import ZoneInfo

from cronsim import CronSim, CronSimError

from pressroom.flows.errors import BadFlow
from pressroom.values import (
    MICROSECONDS,
    Instant,
    InvalidInput,
    Period,
    check_zone,
    floor_edge,
    format_duration,
    next_edge,
    parse_duration,
    parse_stride,
)

Missed = Literal["all", "last", "none"]
Overlap = Literal["skip", "queue", "both"]
Kind = Literal["cron", "interval", "facts"]
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
_CRON_FIELDS = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Schedule:
    """When a flow runs. `cron` is an expression of five fields in `zone`; or it runs every `stride_us`; or whenever a
    period of `stride_us` of all of `facts` is complete: something was seen that happened `lag_us` after its end, or the
    clock shows `latest_us` after its end.

    `missed`: of ticks that nobody was there for, run "all", the "last" or "none". `overlap`: a tick that comes due
    while an earlier one runs is left out ("skip"), waits ("queue") or runs beside it ("both").
    """

    kind: Kind
    cron: str = ""
    zone: str = "UTC"
    stride_us: int = 0
    facts: tuple[str, ...] = ()
    lag_us: int = 0
    latest_us: int | None = None
    missed: Missed = "last"
    overlap: Overlap = "skip"

    def words(self) -> str:
        """The schedule as a phrase."""
        if self.kind == "cron":
            return f"{self.cron} in {self.zone}"
        every = format_duration(self.stride_us)
        if self.kind == "interval":
            return f"every {every}"
        zone = "" if self.zone == "UTC" else f" of {self.zone}"
        lag = f" and {format_duration(self.lag_us)} more" if self.lag_us else ""
        return f"when {', '.join(self.facts)} have {every}{zone}{lag}"

    def next_tick(self, after: Instant) -> Instant:
        """The first tick strictly later than `after`; of facts, the end of the first period that ends later."""
        if self.kind != "cron":
            return next_edge(after, self.stride_us, self.zone)
        return _next_cron(self.cron, self.zone, after)

    def newest_tick(self, upto: Instant, after: Instant) -> Instant | None:
        """The newest tick in `(after, upto]`."""
        if self.kind != "cron":
            edge = floor_edge(upto, self.stride_us, self.zone)
            return edge if edge > after else None
        tick = _last_cron(self.cron, self.zone, upto)
        return tick if tick > after else None

    def ticks(self, after: Instant, upto: Instant, most: int) -> list[Instant]:
        """The newest `most` ticks in `(after, upto]`, oldest first."""
        newest = self.newest_tick(upto, after)
        found: list[Instant] = []
        while newest is not None and len(found) < most:
            found.append(newest)
            newest = self.newest_tick(newest - 1, after)
        return found[::-1]

    def period(self, tick: Instant) -> Period:
        """What a run at a tick is for: the time since the tick before it."""
        before = _last_cron(self.cron, self.zone, tick - 1) if self.kind == "cron" else tick - 1
        start = before if self.kind == "cron" else floor_edge(before, self.stride_us, self.zone)
        return Period(start=start, end=tick)


def cron(expression: str, *, zone: str, missed: Missed = "last", overlap: Overlap = "skip") -> Schedule:
    """Run by a cron expression of five fields, read in a named time zone: `cron("0 6 * * 1-5", zone="Europe/Zurich")`.

    Where clocks are put forward, a tick at a time that does not exist runs when they have been; where they are put
    back, one at a fixed time runs once, at the first of the two, and one by the minute or hour runs in both. Raises
    BadFlow.
    """
    _check_rules(missed, overlap)
    if len(expression.split()) != _CRON_FIELDS:
        raise BadFlow(
            f"{expression!r} is no cron expression of five fields.",
            next_step='Write minute, hour, day, month and day of the week: "30 6 * * *".',
        )
    try:
        check_zone(zone)
        _next_cron(expression, zone, 0)
    except CronSimError as error:
        raise BadFlow(
            f"{expression!r} is no cron expression: {error}.", next_step='Write one like "30 6 * * 1-5".'
        ) from error
    except InvalidInput as error:
        raise BadFlow(error.message, next_step=error.next_step) from error
    return Schedule(kind="cron", cron=expression, zone=zone, missed=missed, overlap=overlap)


def interval(every: str, *, missed: Missed = "last", overlap: Overlap = "skip") -> Schedule:
    """Run every so often, at whole multiples since 1970 of UTC: `interval("15min")` is :00, :15, :30 and :45.

    Raises BadFlow.
    """
    _check_rules(missed, overlap)
    return Schedule(kind="interval", stride_us=_stride(every, "UTC"), missed=missed, overlap=overlap)


def when(
    *facts: str,
    through: str,
    lag: str = "",
    at_latest: str = "",
    zone: str = "UTC",
    missed: Missed = "all",
) -> Schedule:
    """Run once for each period whose facts have arrived: `when("landing", through="1d", lag="2h")`.

    A period of length `through` is complete when, of every one of these fact types, one has been seen that happened
    `lag` or more after its end (so that what comes up to `lag` too late is in it); or, with `at_latest`, when the clock
    shows so much after its end, complete or not. Periods are run one after another. Raises BadFlow.
    """
    _check_rules(missed, "queue")
    if not facts:
        raise BadFlow("It waits for no facts.", next_step='Name the fact types: when("landing", through="1d").')
    return Schedule(
        kind="facts",
        facts=tuple(facts),
        stride_us=_stride(through, zone),
        zone=zone,
        lag_us=_duration(lag) if lag else 0,
        latest_us=_duration(at_latest) if at_latest else None,
        missed=missed,
        overlap="queue",
    )


def _check_rules(missed: str, overlap: str) -> None:
    for name, given, kinds in (("missed", missed, Missed), ("overlap", overlap, Overlap)):
        if given not in get_args(kinds):
            raise BadFlow(f"{name} is {given!r}.", next_step=f"It is one of {', '.join(get_args(kinds))}.")


def _stride(text: str, zone: str) -> int:
    try:
        return parse_stride(text, check_zone(zone))
    except InvalidInput as error:
        raise BadFlow(error.message, next_step=error.next_step) from error


def _duration(text: str) -> int:
    try:
        return parse_duration(text)
    except InvalidInput as error:
        raise BadFlow(error.message, next_step=error.next_step) from error


def _next_cron(expression: str, zone: str, after: Instant) -> Instant:
    """Strictly later: times that clocks skip fall together, and those that they repeat come again."""
    found = CronSim(expression, _moment(after, zone))
    while True:
        tick = _next_of(found, expression)
        if tick > after:
            return tick


def _last_cron(expression: str, zone: str, upto: Instant) -> Instant:
    """The newest tick at or before `upto`, found from ever further back: reading cron backwards has other rules."""
    back = 2 * 3_600 * MICROSECONDS
    while True:
        ticks = _between(expression, zone, upto - back, upto)
        if ticks:
            return ticks[-1]
        back *= 8


def _between(expression: str, zone: str, after: Instant, upto: Instant) -> Sequence[Instant]:
    ticks: list[Instant] = []
    tick = _next_cron(expression, zone, after)
    while tick <= upto:
        ticks.append(tick)
        tick = _next_cron(expression, zone, tick)
    return ticks


def _next_of(found: CronSim, expression: str) -> Instant:
    try:
        moment = next(found)
    except StopIteration as error:
        raise BadFlow(f"{expression!r} never comes.", next_step="Look at its day and month.") from error
    return (moment.astimezone(UTC) - _EPOCH) // timedelta(microseconds=1)


def _moment(instant: Instant, zone: str) -> datetime:
    return (_EPOCH + timedelta(microseconds=instant)).astimezone(UTC if zone == "UTC" else ZoneInfo(zone))
