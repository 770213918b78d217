"""News: what the owner of a run is told of it without asking, once, by the means that schedules use."""

import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass

from pressroom.flows.scheduling.outbox import Outbox
from pressroom.ports import BackendError, Clock, Notice, Records, VersionConflict
from pressroom.values import Instant, from_document, parse_duration, to_document

_KIND = "told"
_AGAIN_US = parse_duration("6h")


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """Something of a call of a step that its owner should know. `about` is one word: news of one word are one trouble,
    told at once when it first comes, and then once in six hours at most.
    """

    call: int
    about: str
    at: Instant
    subject: str
    text: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NewsMeans:
    """What news are told with."""

    outbox: Outbox
    records: Records
    clock: Clock


@dataclass(frozen=True, slots=True, kw_only=True)
class _Told:
    """How often it was told and when last; how often it came since without being told; and how far was looked."""

    times: int = 0
    at: Instant = 0
    since: int = 0
    upto: Instant = 0


class OwnerNews:
    """The news of one run. What is to be told is written down before it is told, and what was told after: whoever is
    killed in between leaves it to the next one, who tells the same notice.
    """

    def __init__(self, means: NewsMeans, *, run: str, owner: str, shown: Callable[[str], None]) -> None:
        """Tell `owner`; `shown` hears it too, at once."""
        self._means = means
        self._run = run
        self._owner = owner
        self._shown = shown
        self._telling: threading.Thread | None = None
        self._due: Instant | None = None

    def tell(self, news: News) -> bool:
        """Tell, unless it was told; False when it was. News of before what was told last are no news."""
        means, key = self._means, f"{self._run}/{news.call:04d}/{news.about}"
        record = means.records.get(_KIND, key)
        before = _Told() if record is None else from_document(record.document, _Told)
        if record is not None and news.at <= before.upto:
            return False
        now = means.clock.now()
        again = record is None or not 0 <= now - before.at < _AGAIN_US
        told = _Told(times=before.times, at=before.at, since=before.since + 1, upto=news.at)
        if again:
            more = f" It came {before.since} times more since it was told last." if before.since else ""
            told = _Told(times=before.times + 1, at=now, upto=news.at)
            notice = Notice(
                id=f"{key}/{told.times}", at=now, owner=self._owner, subject=news.subject, text=f"{news.text}{more}"
            )
            means.outbox.post(notice)
            self._due = now
            self._shown(notice.text)
        # Somebody else who looks after a run that was lost may have told the same.
        with suppress(VersionConflict):
            means.records.put(_KIND, key, to_document(told), seen=record.version if record else 0)
        return again

    def has_told(self, call: int) -> bool:
        """Whether anything of a call was told."""
        return bool(self._means.records.query(_KIND, prefix=f"{self._run}/{call:04d}/"))

    def deliver(self) -> None:
        """Have what waits told, beside the run: who takes notices may be slow."""
        busy = self._telling is not None and self._telling.is_alive()
        if not busy and self._due is not None and self._due <= self._means.clock.now():
            self._due = None
            self._telling = threading.Thread(target=self._deliver, name="pressroom notices")
            self._telling.start()

    def close(self) -> None:
        """Tell what is left to tell, as far as it is taken now; the rest stays written down for whoever comes next."""
        self._wait()
        self.deliver()
        self._wait()
        for record in self._means.records.query(_KIND, prefix=f"{self._run}/"):
            self._means.records.delete(_KIND, record.key)

    def _wait(self) -> None:
        if self._telling is not None:
            self._telling.join()

    def _deliver(self) -> None:
        # What was not taken is written down, and tried again by whoever delivers next.
        with suppress(BackendError):
            self._means.outbox.deliver()
            self._due = self._means.outbox.next_due()
