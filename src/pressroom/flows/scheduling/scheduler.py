"""The scheduler: looks what is due, starts it, and notices what became of it. All it knows is written down, so that a
successor goes on where it was killed.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Protocol

from pressroom.flows.scheduling.arrivals import Arrivals
from pressroom.flows.scheduling.cursor import Cursor, Cursors
from pressroom.flows.scheduling.declared import Declarations, Declared
from pressroom.flows.scheduling.lease import Lease
from pressroom.flows.scheduling.outbox import Outbox
from pressroom.flows.scheduling.process import is_alive
from pressroom.flows.scheduling.ripe import first_cursor, ripe
from pressroom.flows.scheduling.ticks import OPEN, Tick, Ticks, TickState
from pressroom.flows.scheduling.told import failure_notice
from pressroom.ports import BackendError, Clock, Notice
from pressroom.values import Instant, PressroomError


class Launched(Protocol):
    """A process that was started for a tick."""

    def poll(self) -> int | None:
        """Its exit code, or None while it lives."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Look:
    """What one look did. `leads` is False where somebody else sees to it. `wrong` says, by file or schedule, what can't
    be read.
    """

    leads: bool
    made: tuple[Tick, ...] = ()
    started: tuple[Tick, ...] = ()
    told: tuple[Notice, ...] = ()
    wrong: Mapping[str, str] = field(default_factory=dict)
    open: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Means:
    """What a scheduler works with. `launch` starts a process that claims a tick, runs it, and writes down its end; it
    raises BackendError where it can't.
    """

    declarations: Callable[[], Declarations]
    launch: Callable[[Tick], Launched]
    ticks: Ticks
    cursors: Cursors
    arrivals: Arrivals
    outbox: Outbox
    lease: Lease
    clock: Clock
    at_once: int = 4
    look_after: Callable[[], object] = lambda: None
    """Sees to runs that were lost with their process, by schedule or not."""


class Scheduler:
    """One of those who may see to the schedules of a workspace."""

    def __init__(self, means: Means) -> None:
        """Nothing is looked at yet."""
        self._means = means
        self._launched: dict[tuple[str, Instant], Launched] = {}

    def turn(self) -> Look:
        """Look once, and do what is due."""
        means = self._means
        if not means.lease.take():
            return Look(leads=False)
        means.look_after()
        declared = means.declarations()
        wrong = dict(declared.wrong)
        made: list[Tick] = []
        for each in declared.found:
            try:
                made += self._make(each)
            except PressroomError as error:
                wrong[each.name] = str(error)
        ticks = {each.name: self._settle(means.ticks.of(each.name)) for each in declared.found}
        waiting = {(tick.name, tick.at) for each in ticks.values() for tick in each}
        self._launched = {key: child for key, child in self._launched.items() if key in waiting or child.poll() is None}
        started = self._start(declared.found, ticks, wrong)
        told = means.outbox.deliver()
        left = sum(tick.state in OPEN for name in ticks for tick in means.ticks.of(name))
        return Look(
            leads=True, made=tuple(made), started=tuple(started), told=tuple(told), wrong=wrong,
            open=left,
        )  # fmt: skip

    def leave(self) -> None:
        """Let somebody else see to it. What was started goes on."""
        self._means.lease.leave()

    def _make(self, declared: Declared) -> list[Tick]:
        """Write down the ticks that have come: first they, then how far was looked, so that a kill makes none twice."""
        means, now = self._means, self._means.clock.now()
        schedule = declared.schedule
        cursor = means.cursors.get(declared.name)
        if cursor is None:
            means.cursors.put(declared.name, Cursor(upto=first_cursor(schedule, now, means.arrivals)))
            return []
        if means.cursors.pause(declared.name) is not None:
            return []
        # A cursor from the future was written before the clock was put back; the ticks that it passed are written down.
        after = max(min(cursor.upto, now), cursor.pruned)
        come = ripe(schedule, after=after, now=now, arrivals=means.arrivals)
        busy = [tick for tick in means.ticks.of(declared.name) if tick.state in OPEN]
        skip = schedule.overlap == "skip" and bool(busy)
        made = [_tick(declared, at, state="missed", words="nobody was there for it") for at in come.missed]
        made += [
            _tick(declared, at, state="skipped", words=f"the one of {busy[0].period.words()} still ran")
            if skip
            else _tick(declared, at, state="due")
            for at in come.run
        ]
        added = [tick for tick in made if means.ticks.add(tick if tick.state == "due" else replace(tick, ended=now))]
        if come.upto != cursor.upto:
            pruned = means.ticks.prune(declared.name, means.ticks.of(declared.name)) or cursor.pruned
            means.cursors.put(declared.name, Cursor(upto=come.upto, pruned=max(pruned, cursor.pruned)))
        return added

    def _settle(self, ticks: Sequence[Tick]) -> list[Tick]:
        """Those that are open, and really so: what a dead process left is due again, or failed."""
        found: list[Tick] = []
        for tick in ticks:
            if tick.state not in OPEN:
                continue
            key = (tick.name, tick.at)
            child = self._launched.get(key)
            over = child is not None and child.poll() is not None
            if over:
                del self._launched[key]
            died = tick.process is not None and not is_alive(tick.process) if tick.state == "running" else over
            now = self._lost(tick) if died else tick
            if now is not None and now.state in OPEN:
                found.append(now)
        return found

    def _lost(self, tick: Tick) -> Tick | None:
        lost = self._means.ticks.lose(tick, now=self._means.clock.now())
        if lost is not None and lost.state == "failed":
            self._means.outbox.post(failure_notice(lost, at=self._means.clock.now()))
        return lost

    def _start(
        self, declared: Sequence[Declared], ticks: Mapping[str, Sequence[Tick]], wrong: dict[str, str]
    ) -> list[Tick]:
        """Start what may be started: the oldest first, no more than may run at once. What can't be started now is told
        in `wrong`, and tried again in the next turn.
        """
        busy = sum(self._is_busy(tick) for each in ticks.values() for tick in each)
        started: list[Tick] = []
        for each in declared:
            runs = sum(self._is_busy(tick) for tick in ticks[each.name])
            for tick in ticks[each.name]:
                if self._is_busy(tick) or busy >= self._means.at_once:
                    continue
                if runs and each.schedule.overlap != "both":
                    break
                try:
                    self._launched[tick.name, tick.at] = self._means.launch(tick)
                except BackendError as error:
                    wrong[tick.name] = str(error)
                    break
                started.append(tick)
                busy, runs = busy + 1, runs + 1
        return started

    def _is_busy(self, tick: Tick) -> bool:
        return tick.state == "running" or (tick.name, tick.at) in self._launched


def _tick(declared: Declared, at: Instant, *, state: TickState, words: str = "") -> Tick:
    return Tick(
        name=declared.name, file=declared.file, owner=declared.owner, at=at, period=declared.schedule.period(at),
        state=state, words=words,
    )  # fmt: skip
