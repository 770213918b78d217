"""The simulator: the same admission over a trace of work, with a clock that jumps from one event to the next."""

import heapq
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from pressroom.tiers.admit import admit
from pressroom.tiers.machine import Machine
from pressroom.tiers.queue import Queue
from pressroom.tiers.rules import Rules
from pressroom.tiers.share import NOTHING, Share
from pressroom.tiers.tier import Tier
from pressroom.tiers.work import Waiting, Working

_LOOK_EVERY_S = 30.0
_END, _COME, _LOOK = 0, 1, 2


@dataclass(frozen=True, slots=True, kw_only=True)
class Traced:
    """Work of a trace: what it asks, when it comes, and the seconds it takes. Every `saves_s` it puts its state away
    (0: never); `expected_s` is what admission believes that it takes.
    """

    name: str
    tier: Tier
    team: str
    ask: Share
    comes_s: float
    work_s: float
    expected_s: float
    saves_s: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What became of a piece of work: when it ended, and the seconds that it worked in vain and how often it was
    stopped on the way.
    """

    traced: Traced
    ended_s: float
    lost_s: float
    stops: int

    def took_s(self) -> float:
        """From its coming to its end."""
        return self.ended_s - self.traced.comes_s

    def waited_s(self) -> float:
        """What of that was not its own work."""
        return max(0.0, self.took_s() - self.traced.work_s)

    def stretch(self) -> float:
        """How many times longer it took than on an empty machine."""
        return self.took_s() / self.traced.work_s


@dataclass(frozen=True, slots=True, kw_only=True)
class Replay:
    """A trace that was replayed. Core seconds: `used` of all work, `lost` of that in vain, `possible` what a machine
    that can cut work to any size would have used by the last coming. `decisions` is how often admission was asked.
    """

    done: tuple[Done, ...]
    used_cpu_s: float
    lost_cpu_s: float
    possible_cpu_s: float
    used_in_time_cpu_s: float
    decisions: int

    offered_cpu_s: float = 0.0
    capacity_cpu_s: float = 0.0

    def offered(self) -> float:
        """The work that came, as a part of what the machine could do until the last of it came. Beyond 1 what waits
        grows as long as it lasts, and so does the stretch of the lowest tier, whatever the order.
        """
        return self.offered_cpu_s / self.capacity_cpu_s if self.capacity_cpu_s else 0.0

    def utilisation(self) -> float:
        """What was used until the last coming, of what was possible."""
        return self.used_in_time_cpu_s / self.possible_cpu_s if self.possible_cpu_s else 1.0

    def of(self, tier: Tier) -> tuple[Done, ...]:
        """The work of a tier."""
        return tuple(each for each in self.done if each.traced.tier == tier)


@dataclass(slots=True, kw_only=True)
class _Progress:
    """How far a piece of work is: seconds whose result is kept, those in vain, and its run's number."""

    traced: Traced
    kept_s: float = 0.0
    lost_s: float = 0.0
    stops: int = 0
    run: int = 0

    def saved(self, ran_s: float) -> float:
        """Of a run so long, what stays when it is stopped."""
        every = self.traced.saves_s
        return (ran_s // every) * every if every else 0.0


class _Replaying:
    """A replay on its way."""

    def __init__(self, rules: Rules, trace: Sequence[Traced]) -> None:
        self.rules = rules
        self.now_s = 0.0
        self.machine = Machine(rules)
        self.queue = Queue(rules)
        self.progress = {each.name: _Progress(traced=each) for each in trace}
        self.events: list[tuple[float, int, str, int]] = [(each.comes_s, _COME, each.name, 0) for each in trace]
        heapq.heapify(self.events)
        self.last_coming_s = max((each.comes_s for each in trace), default=0.0)
        self.looks_at_s = -1.0
        self.wanted = NOTHING
        self.possible = self.used = self.used_in_time = self.lost = 0.0
        self.decisions = 0
        self.done: list[Done] = []

    def run(self) -> Replay:
        while self.events:
            self._pass_time(self.events[0][0])
            while self.events and self.events[0][0] <= self.now_s:
                _, kind, name, run = heapq.heappop(self.events)
                if kind == _COME:
                    self._comes(name)
                elif kind == _END and run == self.progress[name].run:
                    self._ends(name)
            self._admit()
        return Replay(
            done=tuple(self.done),
            used_cpu_s=self.used,
            lost_cpu_s=self.lost,
            possible_cpu_s=self.possible,
            used_in_time_cpu_s=self.used_in_time,
            decisions=self.decisions,
            offered_cpu_s=sum(each.traced.work_s * each.traced.ask.cpu for each in self.progress.values()),
            capacity_cpu_s=self.rules.capacity.cpu * self.last_coming_s,
        )

    def _pass_time(self, until_s: float) -> None:
        span = until_s - self.now_s
        self.used += span * self.machine.used.cpu
        in_time = max(0.0, min(until_s, self.last_coming_s) - self.now_s)
        self.used_in_time += in_time * self.machine.used.cpu
        self.possible += in_time * self.wanted.least(self.rules.capacity).cpu
        self.now_s = until_s

    def _comes(self, name: str) -> None:
        traced = self.progress[name].traced
        self.wanted += traced.ask
        self.queue.add(_waiting(traced, since_s=traced.comes_s, attained_s=0.0))

    def _ends(self, name: str) -> None:
        work = self.machine.remove(name)
        if work is None:
            return
        progress = self.progress[name]
        if work.stopping:
            self._stopped(work, progress)
            return
        traced = progress.traced
        self.wanted -= traced.ask
        self.lost += progress.lost_s * traced.ask.cpu
        self.done.append(Done(traced=traced, ended_s=self.now_s, lost_s=progress.lost_s, stops=progress.stops))

    def _stopped(self, work: Working, progress: _Progress) -> None:
        ran_s = self.now_s - work.started_s
        saved_s = min(progress.saved(ran_s), progress.traced.work_s - progress.kept_s)
        progress.kept_s += saved_s
        progress.lost_s += ran_s - saved_s
        progress.stops += 1
        self.queue.add(_waiting(progress.traced, since_s=progress.traced.comes_s, attained_s=progress.kept_s))

    def _admit(self) -> None:
        self.decisions += 1
        self._note_safe()
        decided = admit(self.machine, self.queue, self.now_s)
        for work in decided.start:
            self.queue.remove(work.name)
            self.machine.add(work)
            progress = self.progress[work.name]
            progress.run += 1
            left_s = progress.traced.work_s - progress.kept_s
            heapq.heappush(self.events, (self.now_s + left_s, _END, work.name, progress.run))
        for work, _ in decided.stop:
            self.machine.add(work.stopped())
            progress = self.progress[work.name]
            progress.run += 1
            heapq.heappush(self.events, (self.now_s + self.rules.grace_s, _END, work.name, progress.run))
        if len(self.queue) and self.looks_at_s <= self.now_s:
            # What is spared for now, and who has waited too long, changes with time alone.
            self.looks_at_s = self.now_s + _LOOK_EVERY_S
            heapq.heappush(self.events, (self.looks_at_s, _LOOK, "", 0))

    def _note_safe(self) -> None:
        for work in tuple(self.machine):
            saved_s = self.progress[work.name].saved(self.now_s - work.started_s)
            if work.started_s + saved_s > work.safe_s:
                self.machine.add(replace(work, safe_s=work.started_s + saved_s))


def replay(rules: Rules, trace: Iterable[Traced]) -> Replay:
    """Replay a trace on a machine with these rules. Whoever is told to stop works in vain through its grace, and loses
    what it has not put away.
    """
    return _Replaying(rules, tuple(trace)).run()


def _waiting(traced: Traced, *, since_s: float, attained_s: float) -> Waiting:
    return Waiting(
        name=traced.name,
        tier=traced.tier,
        team=traced.team,
        ask=traced.ask,
        since_s=since_s,
        expected_s=max(0.0, traced.expected_s - attained_s),
        attained_s=attained_s,
    )
