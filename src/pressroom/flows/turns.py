"""Turns: the runs of all processes of one machine wait in one queue, and each knows which of its attempts may work.

What waits and works lies among the keys, one entry an attempt. Whoever looks first takes the decisions for all, alone;
others find them there. An entry whose process is gone is nobody's, and is taken out by whoever looks next. A turn that
is not taken up in time, because whoever asked for it is busy elsewhere, is given to others until they ask again. An
entry that was taken out by mistake is put back by its process: nobody waits for a turn without a place in the line.
"""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Literal

from pressroom.flows.processes import Process, lives, this_process
from pressroom.ports import Clock, Keys
from pressroom.tiers import Machine, Queue, Rules, Share, Tier, Waiting, Working, admit
from pressroom.values import MICROSECONDS, from_document, to_document

_PREFIX = b"turn/"
_LOOK_US = 200_000
TAKE_S = 10.0
"""As long as a turn is kept for an attempt that does not come."""

_Sort = tuple[str, str, str, Share]

State = Literal["waiting", "working", "stopping", "away"]
"""`away`: it was given its turn, and nobody came; it is in nobody's way until its process looks again."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Turn:
    """An attempt in the queue. Times are seconds since 1970; `until` says for whom it is to stop, `taken` whether its
    process knows that it has its turn.
    """

    name: str
    tier: Tier
    team: str
    ask: Share
    since_s: float
    expected_s: float
    attained_s: float
    process: int
    process_born_s: float
    state: State = "waiting"
    started_s: float = 0.0
    safe_s: float = 0.0
    entitled: bool = False
    until: str = ""
    taken: bool = True

    def sort(self) -> _Sort:
        """Of equal ones of a run, the queue does not care which is first."""
        return self.name.partition("/")[0], self.tier, self.team, self.ask

    def waiting(self) -> Waiting:
        """The attempt as admission sees it while it waits."""
        return Waiting(
            name=self.name,
            tier=self.tier,
            team=self.team,
            ask=self.ask,
            since_s=self.since_s,
            expected_s=self.expected_s,
            attained_s=self.attained_s,
        )

    def working(self) -> Working:
        """The attempt as admission sees it when it has its share."""
        return Working(
            name=self.name,
            tier=self.tier,
            team=self.team,
            ask=self.ask,
            started_s=self.started_s,
            safe_s=self.safe_s,
            expected_s=self.expected_s,
            entitled=self.entitled,
            stopping=self.state == "stopping",
        )


@dataclass(frozen=True, slots=True, kw_only=True)
class Wish:
    """What an attempt wants. `since_s` is when its run began to wait for it, also if it was stopped meanwhile."""

    tier: Tier
    team: str
    ask: Share
    since_s: float
    expected_s: float = 0.0
    attained_s: float = 0.0


class Turns:
    """The queue of a machine, as one workspace of one process has a part in it."""

    def __init__(
        self, *, keys: Keys, rules: Rules, clock: Clock, lives: Callable[[int, float], bool] | None = None
    ) -> None:
        """Share `keys` with all processes of the machine, under the same rules. `lives` says of a process number and
        when it was born (see `Process`) whether it is there; without it, the machine is asked.
        """
        self._keys = keys
        self._clock = clock
        self._lives = lives or _lives
        self._me = this_process()
        self._new: dict[str, Turn] = {}
        self._gone: set[str] = set()
        self._mine: dict[str, Turn] = {}
        self._waiting: frozenset[_Sort] = frozenset()
        self._looked_us = 0
        self._pressing = False
        self.rules = rules

    def wish(self, name: str, wish: Wish) -> None:
        """Stand in line, at the next look; soon, where it may be let in."""
        self._gone.discard(name)
        turn = Turn(
            name=name,
            tier=wish.tier,
            team=wish.team,
            ask=wish.ask,
            since_s=wish.since_s,
            expected_s=wish.expected_s,
            attained_s=wish.attained_s,
            process=self._me.number,
            process_born_s=self._me.born_s,
        )
        self._new[name] = turn
        # While one like it waits, it can't be its turn.
        self._pressing = self._pressing or turn.sort() not in self._waiting

    def hand_on(self, name: str, to: str) -> bool:
        """Let `to`, which waits, work in the place of `name`, which is over: where nobody waits who could want it more.
        That is known from the last look, a fifth of a second ago at the most; so only short work may be handed on.
        """
        turn, heir = self._mine.get(name), self._new.get(to) or self._mine.get(to)
        if turn is None or turn.state != "working" or heir is None or heir.state != "waiting":
            return False
        if heir.sort() != turn.sort() or not self._waiting <= {turn.sort()}:
            return False
        now_s = self._clock.now() / MICROSECONDS
        self._new[to] = self._mine[to] = replace(heir, state="working", started_s=now_s, safe_s=now_s, taken=True)
        self._gone.add(name)
        self._new.pop(name, None)
        del self._mine[name]
        return True

    def over(self, name: str) -> None:
        """It has ended, or does not want its turn any more; said to others at the next look."""
        self._new.pop(name, None)
        # One that has put its state away is among what is new, and in the queue all the same.
        if name in self._mine:
            self._gone.add(name)
            self._pressing = True

    def put_away(self, name: str, at_s: float) -> None:
        """It has put its state away: what it did before would not be lost."""
        turn = self._mine.get(name)
        if turn is not None and at_s > turn.safe_s:
            self._new[name] = self._mine[name] = replace(turn, safe_s=at_s)

    def look(self) -> Mapping[str, Turn]:
        """What became of the attempts of this process; takes decisions, where something has changed or time went by."""
        now = self._clock.now()
        # A clock that was set back is no reason to look away.
        is_time = not 0 <= now - self._looked_us < _LOOK_US
        if not (self._pressing or (is_time and (self._new or self._gone or self._mine))):
            return self._mine
        self._looked_us, self._pressing = now, False
        with self._keys.exclusive():
            before = self._all()
            living = self._of_living(before)
            there = {**living, **self._kept(before, living), **self._said(before)}
            mine = set(self._mine) | set(self._new)
            here = {name: _asked_again(turn) if name in mine else turn for name, turn in there.items()}
            decided = decide(here, rules=self.rules, gone=self._gone, now_s=now / MICROSECONDS)
            after = {name: _taken(turn) if name in mine else turn for name, turn in decided.items()}
            changed = {_key(name): to_document(turn) for name, turn in after.items() if before.get(name) != turn}
            self._keys.put_many(changed)
            self._keys.delete_many([_key(name) for name in before if name not in after])
        self._mine = {name: turn for name, turn in after.items() if name in mine}
        self._waiting = frozenset(turn.sort() for turn in after.values() if turn.state == "waiting")
        self._new.clear()
        self._gone.clear()
        return self._mine

    def everybody(self) -> tuple[Turn, ...]:
        """All who wait and work on the machine, as they were last written down. Decides nothing."""
        return tuple(self._of_living(self._all()).values())

    def leave(self) -> None:
        """Take all attempts of this process out of the queue."""
        self._gone |= set(self._mine)
        self._pressing = True
        self._new.clear()
        self.look()

    def close(self) -> None:
        """Leave the queue, and give back files."""
        self.leave()
        self._keys.close()

    def _said(self, before: Mapping[str, Turn]) -> dict[str, Turn]:
        """What is new of ours; one that was told to stop meanwhile stays told."""
        return {
            name: replace(turn, state="stopping", until=before[name].until)
            if name in before and before[name].state == "stopping" and turn.state != "waiting"
            else turn
            for name, turn in self._new.items()
        }

    def _kept(self, before: Mapping[str, Turn], living: Mapping[str, Turn]) -> dict[str, Turn]:
        """What of ours was taken for that of a process that is gone: by others, who see other processes than we do."""
        return {name: before.get(name, turn) for name, turn in self._mine.items() if name not in living}

    def _of_living(self, turns: Mapping[str, Turn]) -> dict[str, Turn]:
        """Those whose process is the one that asked for them, and alive; each process is looked at once."""
        processes = {(turn.process, turn.process_born_s) for turn in turns.values()}
        living = {each for each in processes if self._lives(*each)}
        return {name: turn for name, turn in turns.items() if (turn.process, turn.process_born_s) in living}

    def _all(self) -> dict[str, Turn]:
        found = [from_document(value, Turn) for _, value in self._keys.scan(_PREFIX)]
        return {turn.name: turn for turn in found}


def decide(turns: Mapping[str, Turn], *, rules: Rules, gone: Iterable[str] = (), now_s: float) -> dict[str, Turn]:
    """Everybody's turn after admission has decided: who waited and may work now, who works and is told to stop."""
    out = set(gone)
    there = {name: _in_time(turn, now_s) for name, turn in turns.items() if name not in out}
    machine, queue = floor_of(there.values(), rules)
    decided = admit(machine, queue, now_s)
    for work in decided.start:
        there[work.name] = replace(
            there[work.name], state="working", started_s=now_s, safe_s=now_s, entitled=work.entitled, taken=False
        )
    for victim, work in decided.stop:
        there[victim.name] = replace(there[victim.name], state="stopping", until=work.name)
    return there


def floor_of(turns: Iterable[Turn], rules: Rules) -> tuple[Machine, Queue]:
    """Who works and who waits, as admission sees them."""
    machine, queue = Machine(rules), Queue(rules)
    for turn in turns:
        if turn.state == "waiting":
            queue.add(turn.waiting())
        elif turn.state != "away":
            machine.add(turn.working())
    return machine, queue


def _in_time(turn: Turn, now_s: float) -> Turn:
    """A turn that nobody came for is given back."""
    if turn.taken or turn.state not in ("working", "stopping") or now_s - turn.started_s < TAKE_S:
        return turn
    return replace(turn, state="away", entitled=False, until="", taken=True)


def _asked_again(turn: Turn) -> Turn:
    """Its process is here again; what it was to stop before it knew that it might start, has never started."""
    if turn.state == "away" or (turn.state == "stopping" and not turn.taken):
        return replace(turn, state="waiting", until="", entitled=False, taken=True)
    return turn


def _taken(turn: Turn) -> Turn:
    return turn if turn.taken or turn.state == "waiting" else replace(turn, taken=True)


def _key(name: str) -> bytes:
    return _PREFIX + name.encode()


def _lives(process: int, born_s: float) -> bool:
    return lives(Process(number=process, born_s=born_s))
