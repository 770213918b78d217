"""Admission: who may start now, and who has to make room. One pure function for a real machine and a simulated one.

The order is: serving; then what has waited too long, as far as the floor goes; then production, interactive, batch and
backfill. Within a tier the team comes first that holds least of what it is sure of; in a team, least attained first.
"""

import heapq
from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import islice

from pressroom.tiers.machine import Machine
from pressroom.tiers.make_room import Wanted, victims_for
from pressroom.tiers.queue import Queue
from pressroom.tiers.share import NOTHING, Share
from pressroom.tiers.team import Team
from pressroom.tiers.tier import TIERS, Tier
from pressroom.tiers.work import Waiting, Working, started

LOOK = 8
"""How many pieces of work a tier's turn looks at that can't start, before it is the next tier's turn."""
_NO_CORES = 1e-9


@dataclass(frozen=True, slots=True, kw_only=True)
class Decisions:
    """What to do now: work that starts, as it will work; and work that is told to stop, each with whom it is for."""

    start: tuple[Working, ...]
    stop: tuple[tuple[Working, Waiting], ...]


@dataclass(slots=True, kw_only=True)
class _Turn:
    """What is left while decisions are taken. `coming` is what will be free when all that stops has ended, less what
    of it is promised. `open` is what of that nobody was refused in this turn: what one victim leaves over is there for
    all in the next turn, not for whoever happens to come last in this one.
    """

    machine: Machine
    now_s: float
    free: Share
    coming: Share
    open: Share
    entitled: Share
    start: list[Working] = field(default_factory=list)
    stop: dict[str, tuple[Working, Waiting]] = field(default_factory=dict)
    teams: dict[str, Team] = field(default_factory=dict)
    available: Share = NOTHING
    """What may be given away now: free, and promised to nobody."""

    def __post_init__(self) -> None:
        self.available = self.free.least(self.open)

    def team(self, name: str) -> Team:
        if name not in self.teams:
            self.teams[name] = Team(name, self.machine)
        return self.teams[name]

    def let_in(self, work: Waiting, *, entitled: bool = False) -> None:
        self.start.append(started(work, self.now_s, entitled=entitled))
        self.team(work.team).take(work.ask, work.tier)
        self.free -= work.ask
        self.keep(work.ask)
        if entitled:
            self.entitled += work.ask

    def make_room(self, work: Waiting) -> bool:
        """Tell others to stop for it, or keep for it what is coming anyway; False when that would not be enough."""
        team = self.team(work.team)
        left = team.left
        lacks_quota = not work.ask.fits(left)
        if lacks_quota:
            left = sum((each.ask for each in self.machine if each.stopping and each.team == work.team), left)
        wanted = Wanted(work=work, coming=self.coming, own_only=lacks_quota, left=left)
        found = victims_for(wanted, self.machine, spared=self.stop, now_s=self.now_s)
        if found is None:
            return False
        for victim in found:
            self.stop[victim.name] = (victim, work)
            self.coming += victim.ask
            self.team(victim.team).give_back(victim.ask)
        team.take(work.ask, work.tier)
        self.coming -= work.ask
        self.open = self.open.smaller(self.coming)
        self.available = self.free.least(self.open)
        return True

    def keep(self, share: Share) -> None:
        """Keep a share from all who come after."""
        self.coming -= share
        self.open -= share
        self.available = self.free.least(self.open)


def admit(machine: Machine, queue: Queue, now_s: float) -> Decisions:
    """Decide. Neither the machine nor the queue is changed: whoever asks starts and stops, and says so to both."""
    free = machine.free()
    coming = free + machine.stopping
    turn = _Turn(machine=machine, now_s=now_s, free=free, coming=coming, open=coming, entitled=machine.entitled)
    seen: set[str] = set()
    _tier_turn(turn, queue, "serving", seen)
    _due_turn(turn, queue, seen)
    for tier in TIERS[1:]:
        _tier_turn(turn, queue, tier, seen)
    return Decisions(start=tuple(turn.start), stop=tuple(turn.stop.values()))


def _due_turn(turn: _Turn, queue: Queue, seen: set[str]) -> None:
    """What has waited too long goes first, one piece at least, more as far as the floor goes. For the first that does
    not fit, what becomes free is kept; nothing is stopped for it.
    """
    rules = turn.machine.rules
    floor = rules.capacity.times(rules.floor)
    waits_for_own = set[str]()
    for work in islice(queue.due(turn.now_s), LOOK):
        if work.tier == "serving" or work.team in waits_for_own or not _is_possible(work, turn):
            continue
        if turn.entitled.part_of(rules.capacity) > _NO_CORES and not (turn.entitled + work.ask).fits(floor):
            return
        if not work.ask.fits(turn.team(work.team).left):
            # Its own team holds what it may: nobody else of the team goes before it.
            turn.team(work.team).take(work.ask, work.tier)
            waits_for_own.add(work.team)
            seen.add(work.name)
            continue
        seen.add(work.name)
        if not work.ask.fits(turn.available):
            turn.keep(work.ask)
            turn.entitled += work.ask
            return
        turn.let_in(work, entitled=True)


def _tier_turn(turn: _Turn, queue: Queue, tier: Tier, seen: set[str]) -> None:
    blocked, later, tried = 0, NOTHING, set[str]()
    for work in _in_turn(turn, queue, tier):
        if work.name in seen:
            continue
        if work.ask.fits(turn.available) and work.ask.fits(turn.team(work.team).left):
            turn.let_in(work)
            continue
        blocked += 1
        if work.team not in tried and _is_possible(work, turn) and turn.team(work.team).is_sure(work.ask, work.tier):
            # One piece of a team at a time makes room; it is what the others of its team wait for, too.
            if not turn.make_room(work):
                later += work.ask
                tried.add(work.team)
        else:
            tried.add(work.team)
        if blocked >= LOOK or (turn.available.cpu <= _NO_CORES and len(tried) >= len(queue.lines(tier))):
            break
    turn.keep(later)


def _in_turn(turn: _Turn, queue: Queue, tier: Tier) -> Iterator[Waiting]:
    """The work of a tier: each time that of the team that holds least of what it is sure of."""
    lines = queue.lines(tier)
    heads = [(turn.team(team).fullness(), line[0][0], team, 0) for team, line in lines.items()]
    heapq.heapify(heads)
    while heads:
        _, _, team, at = heapq.heappop(heads)
        yield lines[team][at][1]
        if at + 1 < len(lines[team]):
            heapq.heappush(heads, (turn.team(team).fullness(), lines[team][at + 1][0], team, at + 1))


def _is_possible(work: Waiting, turn: _Turn) -> bool:
    """Whether it could ever start here."""
    rules = turn.machine.rules
    return work.ask.fits(rules.capacity) and work.ask.fits(rules.most(work.team))
