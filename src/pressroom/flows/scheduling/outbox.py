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
_CLAIM_US = parse_duration("30s")
"""For so long nobody else tells what somebody is about to tell; after that, whoever was has been killed."""


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
        """Tell what is due, the oldest first; what every way has taken by now is returned. What nobody took for a day
        is given up. A way that does not take one is not asked about the others before the next time.
        """
        now, down = self._clock.now(), dict[str, str]()
        found = [(from_document(record.document, Waiting), record) for record in self._records.query(_KIND)]
        found.sort(key=lambda each: each[0].notice.at)
        return [taken for waiting, record in found if (taken := self._deliver(waiting, record, now, down))]

    def next_due(self) -> Instant | None:
        """When something that waits is to be tried again; None when nothing is."""
        now = self._clock.now()
        return min((each.due for each in self.waiting() if now - each.notice.at <= _GIVE_UP_US), default=None)

    def waiting(self) -> list[Waiting]:
        """What is still to be told, or was given up."""
        return [from_document(record.document, Waiting) for record in self._records.query(_KIND)]

    def _deliver(self, waiting: Waiting, record: Record, now: Instant, down: dict[str, str]) -> Notice | None:
        # A due time further ahead than any wait was set before the clock was put back.
        if now < waiting.due <= now + _LONGEST_US or now - waiting.notice.at > _GIVE_UP_US:
            return None
        try:
            claimed = to_document(replace(waiting, due=now + _CLAIM_US))
            mine = self._records.put(_KIND, record.key, claimed, seen=record.version)
        except VersionConflict:
            return None
        told = list(waiting.told)
        for name in [each for each in self._ways if each not in told and each not in down]:
            try:
                self._ways[name].send(waiting.notice)
                told.append(name)
            except BackendError as error:
                down[name] = str(error)
        wrong = "; ".join(down[name] for name in self._ways if name not in told)
        if not wrong:
            self._records.delete(_KIND, record.key)
            return waiting.notice
        after_us = min(_FIRST_US << min(waiting.tries, 12), _LONGEST_US)
        again = replace(waiting, told=tuple(told), tries=waiting.tries + 1, due=now + after_us, wrong=wrong)
        with suppress(VersionConflict):
            self._records.put(_KIND, record.key, to_document(again), seen=mine.version)
        return None
