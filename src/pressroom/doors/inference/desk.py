"""The desk: requests wait here for their predictor, the highest tier first, and what waits together goes together.

An idle worker answers at once; nobody waits for a batch to fill up. Work that is known to be short is done on the event
loop itself. Work that is known to be long goes to a thread, so that nothing else waits for it; when the time of a
request runs out there, a fallback answers. A worker looks at the length of the work that waits before it lets more in.
"""

import asyncio
import time
from collections import deque
from collections.abc import Sequence
from concurrent.futures import Executor
from dataclasses import dataclass, field
from typing import Protocol
from weakref import WeakKeyDictionary

import msgspec

from pressroom.serving import (
    TIERS,
    Answers,
    Ask,
    Cost,
    Overloaded,
    Piece,
    Predictor,
    Shadowed,
    Tier,
    admit,
    batch_rows,
)
from pressroom.values import PressroomError

LONG_US = 5_000.0
"""Work that takes longer than this goes to a thread."""

BATCH_US = 2_000.0
"""A batch on the event loop takes no more requests than fit into this, if it has a choice."""

Told = asyncio.Future[Piece]


class Writer(Protocol):
    """Where answers are written down."""

    def add(self, answers: Answers, shadowed: Sequence[Shadowed] = ()) -> None:
        """Take answers over."""
        ...


class _Waiting(msgspec.Struct, frozen=True):
    ask: Ask
    told: Told
    rows: int
    cost_us: float


@dataclass(eq=False, slots=True)
class _Lane:
    """One predictor's requests."""

    predictor: Predictor
    cost: Cost
    waiting: dict[Tier, deque[_Waiting]]
    count: int = 0
    is_away: bool = False
    away: list[_Waiting] = field(default_factory=list)


class Desk:
    """Brings requests and predictors together, on one event loop."""

    def __init__(self, *, log: Writer, threads: Executor, longest_wait_us: float) -> None:
        """Answers go to `log` before they are told; work that is long goes to `threads`."""
        self._log = log
        self._threads = threads
        self._longest_us = longest_wait_us
        self._lanes: WeakKeyDictionary[Predictor, _Lane] = WeakKeyDictionary()
        self._ready: dict[Tier, deque[_Lane]] = {tier: deque() for tier in TIERS}
        self._queued_us: dict[Tier, float] = dict.fromkeys(TIERS, 0.0)
        self._costs: dict[str, Cost] = {}
        self._is_due = False
        self.shed: dict[Tier, int] = dict.fromkeys(TIERS, 0)
        self.batches = 0

    def waiting(self) -> int:
        """How many requests wait or are being answered in a thread."""
        return sum(lane.count + len(lane.away) for lane in [*self._lanes.values()])

    def check_room(self, predictor: Predictor, tier: Tier) -> None:
        """Raise Overloaded where a request should not even be read."""
        lane, promise = self._lanes.get(predictor), predictor.endpoint.promise
        if lane is not None and lane.count >= promise.most_waiting:
            self.shed[tier] += 1
            raise Overloaded(
                f"{lane.count} requests wait for {predictor.endpoint.name} already.",
                next_step="Try again later, or let more wait with most_waiting.",
            )
        shed = admit(tier, self._queued_us, longest_us=self._longest_us)
        if shed is not None:
            self.shed[tier] += 1
            raise Overloaded(
                f"This worker has {shed.wait_us / 1e3:.0f} ms of work before a request of tier {tier}.",
                next_step="Try again later, or add workers.",
                retry_after_s=shed.retry_after_s,
            )

    def ask(self, predictor: Predictor, ask: Ask, tier: Tier, *, alone: bool = False) -> Told:
        """Let a request wait for its answer; one that is `alone` has nobody to go with, and is not kept waiting."""
        loop = asyncio.get_running_loop()
        lane = self._lanes.get(predictor)
        if lane is None:
            lane = self._open(predictor)
        rows = len(ask.given)
        entry = _Waiting(ask, loop.create_future(), rows, lane.cost.more(rows, longest_us=BATCH_US))
        queue = lane.waiting[tier]
        if not queue:
            self._ready[tier].append(lane)
        queue.append(entry)
        lane.count += 1
        self._queued_us[tier] += entry.cost_us
        if not self._is_due and alone:
            self._serve()
        elif not self._is_due:
            self._is_due = True
            loop.call_soon(self._serve)
        return entry.told

    def _open(self, predictor: Predictor) -> _Lane:
        # What an endpoint costs is remembered over pushes: the new version is seldom much dearer.
        cost = self._costs.setdefault(predictor.endpoint.name, Cost())
        lane = _Lane(predictor, cost, {tier: deque() for tier in TIERS})
        self._lanes[predictor] = lane
        return lane

    def _serve(self) -> None:
        """Answer one batch, and come again while there is more."""
        self._is_due = False
        found = self._next()
        if found is None:
            return
        lane, tier = found
        batch = self._take(lane, tier)
        rows = sum(entry.rows for entry in batch)
        if lane.cost.of(rows) > LONG_US:
            self._send_away(lane, batch, rows)
        else:
            self._answer(lane, batch, rows)
        self._come_again()

    def _come_again(self) -> None:
        if not self._is_due and any(self._ready.values()):
            self._is_due = True
            asyncio.get_running_loop().call_soon(self._serve)

    def _next(self) -> tuple[_Lane, Tier] | None:
        for tier in TIERS:
            lanes = self._ready[tier]
            for _ in range(len(lanes)):
                lane = lanes.popleft()
                if not lane.waiting[tier]:
                    continue
                if not lane.is_away:
                    return lane, tier
        return None

    def _take(self, lane: _Lane, tier: Tier) -> list[_Waiting]:
        """What goes together: requests of one tier, as many as a batch may take."""
        queue, most, rows = lane.waiting[tier], batch_rows(lane.cost, longest_us=BATCH_US), 0
        batch: list[_Waiting] = []
        while queue and (not batch or rows + queue[0].rows <= most):
            entry = queue.popleft()
            rows += entry.rows
            self._queued_us[tier] -= entry.cost_us
            if not entry.told.done():
                batch.append(entry)
            lane.count -= 1
        if queue:
            self._ready[tier].append(lane)
        elif not any(self._ready.values()):
            # Sums of floats drift: an empty queue is where they are known again.
            self._queued_us = dict.fromkeys(TIERS, 0.0)
        return batch

    def _answer(self, lane: _Lane, batch: list[_Waiting], rows: int) -> None:
        started = time.perf_counter_ns()
        found = lane.predictor.answer([entry.ask for entry in batch]) if batch else []
        lane.cost.learn(rows, (time.perf_counter_ns() - started) / 1e3)
        self._tell(lane, batch, found)

    def _send_away(self, lane: _Lane, batch: list[_Waiting], rows: int) -> None:
        """Let a thread answer; this predictor's other requests wait until it is back."""
        loop = asyncio.get_running_loop()
        lane.is_away, lane.away = True, batch
        started = time.perf_counter_ns()
        work = loop.run_in_executor(self._threads, lane.predictor.answer, [entry.ask for entry in batch])
        watch = loop.call_later(_until_next(batch), self._watch, lane)

        def back(done: asyncio.Future[list[Piece | PressroomError]]) -> None:
            watch.cancel()
            lane.is_away, lane.away = False, []
            lane.cost.learn(rows, (time.perf_counter_ns() - started) / 1e3)
            for tier in TIERS:
                if lane.waiting[tier]:
                    self._ready[tier].appendleft(lane)
            error = done.exception()
            if error is not None:
                for entry in batch:
                    _refuse(entry.told, error)
            else:
                self._tell(lane, batch, done.result())
            self._come_again()

        work.add_done_callback(back)

    def _watch(self, lane: _Lane) -> None:
        """While a thread works: those whose time runs out get a fallback's answer."""
        if not lane.is_away:
            return
        now = time.perf_counter_ns()
        queued = [entry for queue in lane.waiting.values() for entry in queue]
        for entry in (*lane.away, *queued):
            if not entry.told.done() and entry.ask.until_ns is not None and entry.ask.until_ns <= now:
                try:
                    self._tell(lane, [entry], [lane.predictor.instead(entry.ask, "deadline")])
                except PressroomError as error:
                    _refuse(entry.told, error)
        asyncio.get_running_loop().call_later(_until_next([*lane.away, *queued]), self._watch, lane)

    def _tell(self, lane: _Lane, batch: Sequence[_Waiting], found: Sequence[Piece | PressroomError]) -> None:
        self.batches += 1
        written: Answers | None = None
        for entry, piece in zip(batch, found, strict=True):
            if isinstance(piece, PressroomError):
                _refuse(entry.told, piece)
                continue
            if piece.answers is not written:
                written = piece.answers
                try:
                    self._write(lane.predictor, written)
                except PressroomError as error:
                    _refuse(entry.told, error)
                    continue
            if not entry.told.done():
                entry.told.set_result(piece)

    def _write(self, predictor: Predictor, answers: Answers) -> None:
        if predictor.has_shadows:
            asyncio.get_running_loop().call_soon(lambda: self._log.add(answers, predictor.shadow(answers)))
        else:
            self._log.add(answers)


def _until_next(batch: Sequence[_Waiting]) -> float:
    """Seconds until the next request's time is over, and a little."""
    now = time.perf_counter_ns()
    open_ns = [entry.ask.until_ns for entry in batch if entry.ask.until_ns is not None and not entry.told.done()]
    return min(max(0.001, (until - now) / 1e9) for until in open_ns) if open_ns else 0.05


def _refuse(told: Told, error: BaseException) -> None:
    if not told.done():
        told.set_exception(error)
