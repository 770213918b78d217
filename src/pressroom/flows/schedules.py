"""The counter for schedules: seen to, told about, paused, and a tick run."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from pressroom.facts import did_you_mean
from pressroom.flows.backfill.work_period import PeriodTools, work_period
from pressroom.flows.errors import Cancelled, UnknownSchedule
from pressroom.flows.flow import as_flow
from pressroom.flows.load_flow import find_in, load_module
from pressroom.flows.scheduling.cursor import Pause
from pressroom.flows.scheduling.declared import Declared
from pressroom.flows.scheduling.process import this_process
from pressroom.flows.scheduling.ripe import waits_for
from pressroom.flows.scheduling.scheduler import Launched, Means, Scheduler
from pressroom.flows.scheduling.ticks import OPEN, Tick
from pressroom.flows.scheduling.told import failure_notice
from pressroom.ports import Notice
from pressroom.values import Instant, PressroomError, format_instant


@dataclass(frozen=True, slots=True, kw_only=True)
class ScheduleStatus:
    """A schedule as it stands. `why` says why its next tick has not been run yet; `last` is the newest that ended, and
    `late_us` how long after its instant that was begun.
    """

    name: str
    when: str
    owner: str
    file: str
    next: Instant | None
    why: str
    last: Tick | None
    late_us: int | None
    paused: Pause | None


class Schedules:
    """The schedules of one workspace."""

    def __init__(self, means: Means, periods: PeriodTools) -> None:
        """See to them by these means, and run what is due with these."""
        self._means = means
        self._periods = periods

    def scheduler(self, launch: Callable[[Tick], Launched] | None = None) -> Scheduler:
        """One who sees to them, if nobody else does; with `launch`, ticks are started otherwise than usual."""
        return Scheduler(self._means if launch is None else replace(self._means, launch=launch))

    def led(self) -> bool:
        """Whether somebody sees to them now."""
        return self._means.lease.held() is not None

    def wrong(self) -> dict[str, str]:
        """Files that can't be read, and why."""
        return dict(self._means.declarations().wrong)

    def statuses(self) -> list[ScheduleStatus]:
        """Every schedule as it stands."""
        return [self._status(each) for each in self._means.declarations().found]

    def next_due(self) -> Instant | None:
        """The earliest tick by the clock; None where there is none. What waits for facts has no instant."""
        found: list[Instant] = []
        for each in self._means.declarations().found:
            cursor = self._means.cursors.get(each.name)
            if cursor is not None and each.schedule.kind != "facts":
                found.append(each.schedule.next_tick(cursor.upto))
        return min(found, default=None)

    def undelivered(self) -> list[tuple[Notice, str]]:
        """Notices that nobody has taken yet, and why not."""
        return [(each.notice, each.wrong) for each in self._means.outbox.waiting()]

    def pause(self, name: str, why: str = "") -> bool:
        """Run a schedule no more until it is resumed; False when it is paused already. Raises UnknownSchedule."""
        self._declared(name)
        return self._means.cursors.stop(name, Pause(since=self._means.clock.now(), why=why))

    def resume(self, name: str, *, from_now: bool = False) -> bool:
        """Run a paused schedule again; ticks of the meantime were missed, and its rule for those decides; `from_now`
        leaves them out. False when it was not paused. Raises UnknownSchedule.
        """
        self._declared(name)
        if self._means.cursors.pause(name) is None:
            return False
        cursor = self._means.cursors.get(name)
        if from_now and cursor is not None:
            self._means.cursors.put(name, replace(cursor, upto=self._means.clock.now()))
        self._means.cursors.go_on(name)
        return True

    def run(self, name: str, at: Instant) -> Tick | None:
        """Run a tick that is due, in this process; None when it is not due, or somebody else has it."""
        means = self._means
        mine = means.ticks.claim(name, at, process=this_process(), now=means.clock.now())
        if mine is None:
            return None
        names: list[str] = []
        try:
            flow = as_flow(find_in(load_module(Path(mine.file)), name))
            done = work_period(flow, mine.period, self._periods, named=names.append)
        except Cancelled as error:
            return self._ended(mine, names, str(error), tell=False)
        except Exception as error:  # noqa: BLE001  (whatever a flow raises is what its owner is told)
            words = str(error) if isinstance(error, PressroomError) else f"{type(error).__name__}: {error}"
            return self._ended(mine, names, words, tell=True)
        means.ticks.end(mine, "done", now=means.clock.now(), run=done.run)
        return replace(mine, state="done", run=done.run)

    def _ended(self, mine: Tick, names: list[str], words: str, *, tell: bool) -> Tick:
        """A tick that failed. The notice is written before the end, and is one however often: a kill loses neither."""
        now = self._means.clock.now()
        failed = replace(mine, state="failed", run=names[0] if names else "", words=words, ended=now)
        if tell:
            self._means.outbox.post(failure_notice(failed, at=now))
        self._means.ticks.end(mine, "failed", now=now, run=failed.run, words=words)
        return failed

    def _declared(self, name: str) -> Declared:
        declarations = self._means.declarations()
        found = declarations.named(name)
        if found is None:
            names = [each.name for each in declarations.found]
            raise UnknownSchedule(f"No flow {name!r} has a schedule here.", next_step=did_you_mean(name, names))
        return found

    def _status(self, declared: Declared) -> ScheduleStatus:
        means = self._means
        ticks = means.ticks.of(declared.name)
        cursor, pause = means.cursors.get(declared.name), means.cursors.pause(declared.name)
        now = means.clock.now()
        ended = [tick for tick in ticks if tick.state not in OPEN]
        last = ended[-1] if ended else None
        after = now if cursor is None else min(cursor.upto, now)
        try:
            wait = waits_for(declared.schedule, after=after, now=now, arrivals=means.arrivals)
        except PressroomError as error:
            wait = str(error)
        busy = [tick for tick in ticks if tick.state in OPEN]
        return ScheduleStatus(
            name=declared.name,
            when=declared.schedule.words(),
            owner=declared.owner,
            file=declared.file,
            next=None if pause else declared.schedule.next_tick(after),
            why=_why(busy, pause, wait) + ("" if self.led() else "; nobody sees to it: run `pressroom schedule`"),
            last=last,
            late_us=None if last is None or last.begun is None else last.begun - last.at,
            paused=pause,
        )


def _why(busy: list[Tick], pause: Pause | None, wait: str) -> str:
    if pause is not None:
        return f"paused since {format_instant(pause.since)}" + (f": {pause.why}" if pause.why else "")
    if busy:
        first, more = busy[0], len(busy) - 1
        runs = f"{'runs' if first.state == 'running' else 'is about to run'} for {first.period.words()}"
        return runs + (f"; {more} more wait for it" if more else "")
    return wait
