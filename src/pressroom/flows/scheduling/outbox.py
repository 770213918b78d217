"""The outbox: notices that are still to be told. Written down first, told after, tried again until they are taken."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass, replace

from pressroom.ports import BackendError, Clock, Notice, Notices, Record, Records, VersionConflict
from pressroom.values import Instant, from_document, parse_duration, to_document

_KIND = "notice"
_FIRST_US = parse_duration("1s")
_LONGEST_US = parse_duration("1h")
_GIVE_UP_US = parse_duration("1d")


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """A notice, which ways have taken it, how often it was tried, when it is tried again, and what went wrong last."""

    notice: Notice
    told: tuple[str, ...] = ()
    tries: int = 0
    due: Instant = 0
    wrong: str = ""


class Outbox:
    """The notices of one workspace. A notice may be told twice, when a kill comes in between; never not at all."""

    def __init__(self, ways: Mapping[str, Notices], *, records: Records, clock: Clock) -> None:
        """Tell in all of these `ways`."""
        self._ways = ways
        self._records = records
        self._clock = clock

    def post(self, notice: Notice) -> None:
        """Write a notice down, to be told. One of the same id changes nothing."""
        with suppress(VersionConflict):
            self._records.put(_KIND, notice.id, to_document(Waiting(notice=notice)), seen=0)

    def deliver(self) -> list[Notice]:
        """Tell what is due; what every way has taken by now is returned. What nobody took for a day is given up."""
        now = self._clock.now()
        return [taken for record in self._records.query(_KIND) if (taken := self._deliver(record, now))]

    def waiting(self) -> list[Waiting]:
        """What is still to be told, or was given up."""
        return [from_document(record.document, Waiting) for record in self._records.query(_KIND)]

    def _deliver(self, record: Record, now: Instant) -> Notice | None:
        waiting = from_document(record.document, Waiting)
        # A due time further ahead than any wait was set before the clock was put back.
        if now < waiting.due <= now + _LONGEST_US or now - waiting.notice.at > _GIVE_UP_US:
            return None
        told, wrong = list(waiting.told), ""
        for name, way in self._ways.items():
            if name not in told:
                try:
                    way.send(waiting.notice)
                    told.append(name)
                except BackendError as error:
                    wrong = str(error)
        if not wrong:
            self._records.delete(_KIND, record.key)
            return waiting.notice
        after_us = min(_FIRST_US << min(waiting.tries, 12), _LONGEST_US)
        again = replace(waiting, told=tuple(told), tries=waiting.tries + 1, due=now + after_us, wrong=wrong)
        with suppress(VersionConflict):
            self._records.put(_KIND, record.key, to_document(again), seen=record.version)
        return None
