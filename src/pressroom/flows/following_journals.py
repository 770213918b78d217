"""Following the journals of attempts that run: what they tell becomes facts while they go on, what their owner should
know is told, and so is that nothing is told any more.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

from pressroom.flows.attempt_facts import ProgressNote
from pressroom.flows.calls import Call
from pressroom.flows.cause import Cause
from pressroom.flows.journal import JournalLine, read_journal, stacks_of
from pressroom.flows.owner_news import OwnerNews
from pressroom.flows.runner import JOURNAL
from pressroom.flows.work_news import Work, gave_up, goes_on, is_done, is_silent, line_news
from pressroom.ports import Clock
from pressroom.values import to_document

_LOOK_S = 1.0
_SLACK_S = 2.0
"""The process itself writes down where it is, if it can; only then it is told."""
_LONG_S = 1_800.0
"""Work of which nothing was told is worth a word when it is done, if it took so long."""


@dataclass(slots=True, kw_only=True)
class _Heard:
    """What was last heard of an attempt, and when, by a clock that never jumps."""

    line: JournalLine
    at_s: float = field(default_factory=time.monotonic)
    silent: bool = False


class FollowingJournals:
    """Reads on in each journal, at most once a second. It needs nothing of the process that writes it."""

    def __init__(
        self, *, run: str, folder: Path, tell: Callable[[ProgressNote], None], news: OwnerNews, clock: Clock
    ) -> None:
        """Journals lie in the attempts' folders in `folder`."""
        self._run, self._folder, self._tell, self._news, self._clock = run, folder, tell, news, clock
        self._read: dict[str, int] = {}
        self._heard: dict[str, _Heard] = {}
        self._since: dict[int, float] = {}
        self._looked = 0.0

    def look(self, running: dict[str, Call]) -> None:
        """Read on in those of attempts that run, if it is time; tell of those that are not heard of any more."""
        now = time.monotonic()
        if now - self._looked >= _LOOK_S:
            self._looked = now
            for attempt, call in running.items():
                self.read(attempt, call)
                self._mind_silence(attempt, call)
            self._news.deliver()

    def read(self, attempt: str, call: Call) -> None:
        """Read on in one; a call whose attempt saved something new has moved on, whatever becomes of the attempt."""
        lines, self._read[attempt] = read_journal(self._folder / attempt / JOURNAL, self._read.get(attempt, 0))
        for line in lines:
            if line.kind == "saved" and line.tick > call.saved:
                call.saved, call.moved_at = line.tick, len(call.failures)
            self._note(attempt, call, line)
            news = line_news(self._work(attempt, call), line, call.failures[-1] if call.failures else None)
            if news is not None:
                self._news.tell(news)
            before = self._heard.get(attempt)
            if before is not None and before.silent:
                self._news.tell(goes_on(self._work(attempt, call), line, time.monotonic() - before.at_s))
            self._heard[attempt] = _Heard(line=line)
            self._since.setdefault(call.number, time.monotonic())

    def over(self, call: Call, cause: Cause | None) -> None:
        """A call has ended: what becomes of work that told how it goes is told, if it was not over at once."""
        if call.number not in self._since:
            return
        work, now = self._work(call.attempt(), call), self._clock.now()
        took_s = time.monotonic() - self._since[call.number]
        if call.state == "done" and (took_s >= _LONG_S or self._news.has_told(call.number)):
            self._news.tell(is_done(work, at=now, took_s=took_s, starts=1 + len(call.failures) + call.preempted))
        elif call.state in ("failed", "cancelled") and cause is not None:
            self._news.tell(gave_up(work, at=now, cause=cause))

    def _mind_silence(self, attempt: str, call: Call) -> None:
        heard = self._heard.get(attempt)
        if heard is None or heard.silent or heard.line.next_within_s is None:
            return
        silent_s = time.monotonic() - heard.at_s
        if silent_s < heard.line.next_within_s + _SLACK_S:
            return
        heard.silent = True
        stacks = stacks_of(self._folder / attempt / JOURNAL)
        news = is_silent(self._work(attempt, call), heard.line, at=self._clock.now(), silent_s=silent_s, stacks=stacks)
        self._news.tell(news)
        told = JournalLine(at=news.at, kind="trouble", tick=heard.line.tick, epoch=heard.line.epoch, words=news.text)
        self._note(attempt, call, told)

    def _work(self, attempt: str, call: Call) -> Work:
        return Work(run=self._run, attempt=attempt, step=call.step.name, call=call.number)

    def _note(self, attempt: str, call: Call, line: JournalLine) -> None:
        self._tell(
            ProgressNote(
                run=self._run,
                attempt=attempt,
                step=call.step.name,
                at=line.at,
                kind=line.kind,
                tick=line.tick,
                epoch=line.epoch,
                figures=to_document(line.figures).decode(),
                words=line.words,
            )
        )
