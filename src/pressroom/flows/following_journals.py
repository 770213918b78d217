"""Following the journals of attempts that run: what they tell becomes facts while they go on."""

import time
from collections.abc import Callable
from pathlib import Path

from pressroom.flows.attempt_facts import ProgressNote
from pressroom.flows.calls import Call
from pressroom.flows.journal import read_journal
from pressroom.flows.runner import JOURNAL
from pressroom.values import to_document

_LOOK_S = 1.0


class FollowingJournals:
    """Reads on in each journal, at most once a second."""

    def __init__(self, run: str, folder: Path, tell: Callable[[ProgressNote], None]) -> None:
        """Journals lie in the attempts' folders in `folder`."""
        self._run, self._folder, self._tell = run, folder, tell
        self._read: dict[str, int] = {}
        self._looked = 0.0

    def look(self, running: dict[str, Call]) -> None:
        """Read on in those of attempts that run, if it is time."""
        now = time.monotonic()
        if now - self._looked >= _LOOK_S:
            self._looked = now
            for attempt, call in running.items():
                self.read(attempt, call)

    def read(self, attempt: str, call: Call) -> None:
        """Read on in one; a call whose attempt saved something new has moved on, whatever becomes of the attempt."""
        lines, self._read[attempt] = read_journal(self._folder / attempt / JOURNAL, self._read.get(attempt, 0))
        for line in lines:
            if line.kind == "saved" and line.tick > call.saved:
                call.saved, call.moved_at = line.tick, len(call.failures)
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
