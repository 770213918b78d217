"""Backfilling: periods are handed out to processes until all are done. What it knows is what periods have written down,
so that one that was killed is taken up by asking for the same again.
"""

import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from pressroom.flows.backfill.hands import Hand, PeriodTold
from pressroom.ports import BackendError
from pressroom.values import Period

MOST_LOSSES = 3
_LOOK_S = 0.05
_TELL_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodEnd:
    """How a period came to its end."""

    period: Period
    state: Literal["done", "failed", "cancelled"]
    run: str
    words: str = ""


@dataclass(slots=True, kw_only=True, eq=False)
class _Place:
    hand: Hand | None = None
    period: Period | None = None


class Backfilling:
    """One backfill, in the process that was asked for it. Set `stopping` to end it: what runs then is cancelled."""

    def __init__(
        self, periods: Sequence[Period], *, at_once: int, hire: Callable[[], Hand], goes_on: Callable[[], object]
    ) -> None:
        """Work on `periods` in their order, `at_once` of them at the same time; `hire` starts a process for it, and
        `goes_on` is called every second or so.
        """
        self._goes_on = goes_on
        self._left = deque(periods)
        self._places = [_Place() for _ in range(max(1, min(at_once, len(periods))))]
        self._hire = hire
        self._losses: dict[Period, int] = {}
        self.stopping = threading.Event()

    def go(self, ended: Callable[[PeriodEnd], None]) -> list[PeriodEnd]:
        """Work until all is done; `ended` is told of each. One that fails does not stop the others."""
        ends: list[PeriodEnd] = []
        told = time.monotonic()

        def note(end: PeriodEnd) -> None:
            ends.append(end)
            ended(end)

        try:
            while not self.stopping.is_set() and (self._left or any(place.period for place in self._places)):
                if time.monotonic() - told > _TELL_S:
                    self._goes_on()
                    told = time.monotonic()
                for place in self._places:
                    self._attend(place, note)
        finally:
            self._close(note)
        return ends

    def _attend(self, place: _Place, note: Callable[[PeriodEnd], None]) -> None:
        try:
            if place.period is None:
                self._begin(place)
                return
            told = None if place.hand is None else place.hand.poll(_LOOK_S)
        except BackendError as error:
            self._lost(place, str(error), note)
            return
        if told is not None:
            note(_end(place.period, told))
            place.period = None

    def _begin(self, place: _Place) -> None:
        if self._left:
            place.period = self._left.popleft()
            place.hand = place.hand or self._hire()
            place.hand.begin(place.period)

    def _lost(self, place: _Place, words: str, note: Callable[[PeriodEnd], None]) -> None:
        """Its process is gone: the period is begun again with another, but not for ever."""
        period = place.period
        if place.hand is not None:
            place.hand.close()
        place.hand, place.period = None, None
        if period is None:
            return
        self._losses[period] = self._losses.get(period, 0) + 1
        if self._losses[period] < MOST_LOSSES:
            self._left.appendleft(period)
        else:
            note(PeriodEnd(period=period, state="failed", run="", words=words))

    def _close(self, note: Callable[[PeriodEnd], None]) -> None:
        for place in self._places:
            if place.hand is not None:
                place.hand.close()
            if place.period is not None:
                note(PeriodEnd(period=place.period, state="cancelled", run=""))


def _end(period: Period, told: PeriodTold) -> PeriodEnd:
    return PeriodEnd(period=period, state="failed" if told.wrong else "done", run=told.run, words=told.wrong)
