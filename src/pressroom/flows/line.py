"""The line: a run's attempts stand in the machine's queue, start when it is their turn, and stop when they are told."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from pressroom.costs import Spender, Usage
from pressroom.flows.calls import Call
from pressroom.flows.pace import Pace
from pressroom.flows.turns import Turn, Turns, Wish
from pressroom.ports import Ended
from pressroom.tiers import Machine, Share, Tier, Waiting, impossible
from pressroom.values import MICROSECONDS, Instant

WINDOW = 64
"""As many attempts of a run stand in line at once, beside those that work: what comes later can't be next anyway."""
_SHORT_S = 1.0
"""Work that takes less is handed on within a run: whoever else comes waits so much longer at the most."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Account:
    """On whose account a run works, and how urgent it is."""

    flow: str
    team: str
    tier: Tier


class Line:
    """One run's part in the queue of its machine."""

    def __init__(self, *, run: str, account: Account, turns: Turns, pace: Pace, now: Callable[[], Instant]) -> None:
        """Attempts of `run` wait under its name."""
        self._run = run
        self._account = account
        self._turns = turns
        self._pace = pace
        self._now = now
        self._since: dict[int, float] = {}
        self._asked: dict[str, Call] = {}
        self._waiting: dict[str, Call] = {}
        self._freed: dict[str, Call] = {}
        self._working = 0
        self._turn: Mapping[str, Turn] = {}
        self._told: set[str] = set()
        self._never: dict[Share, str] = {}

    @property
    def grace_s(self) -> float:
        """How long an attempt has to put its state away when it is told to stop."""
        return self._turns.rules.grace_s

    def has_room(self) -> bool:
        """Whether one more attempt may stand in line."""
        return len(self._asked) < WINDOW + self._working

    def stand(self, call: Call) -> None:
        """Have an attempt stand in line."""
        name = self._name(call)
        now_s = self._now() / MICROSECONDS
        self._asked[name] = call
        self._waiting[name] = call
        wish = Wish(
            tier=self._account.tier,
            team=self._account.team,
            ask=call.share(),
            since_s=self._since.setdefault(call.number, now_s),
            expected_s=max(0.0, self._pace.of(call.step.name) - call.attained_s),
            attained_s=call.attained_s,
        )
        self._turns.wish(name, wish)

    def never(self, call: Call) -> str:
        """Why the machine's rules will never let it start; empty when they will."""
        if call.share() in self._never:
            return self._never[call.share()]
        machine = Machine(self._turns.rules)
        work = Waiting(
            name="it", tier=self._account.tier, team=self._account.team, ask=call.share(), since_s=0.0
        )  # fmt: skip
        return self._never.setdefault(work.ask, impossible(work, machine))

    def look(self) -> list[Call]:
        """Look into the queue: the attempts whose turn has come since it was last asked."""
        for name in self._freed:
            self._hand_on_or_over(name)
        self._freed.clear()
        self._turn = self._turns.look()
        now = [name for name in self._waiting if name in self._turn and self._turn[name].state != "waiting"]
        self._working = sum(turn.state != "waiting" for turn in self._turn.values())
        return [self._waiting.pop(name) for name in now]

    def freed(self, call: Call) -> None:
        """The attempt's process has ended: at the next look somebody else of this run, or of another one, may work."""
        name = self._name(call)
        if self._asked.pop(name, None) is not None:
            self._freed[name] = call

    def _hand_on_or_over(self, name: str) -> None:
        """Short work is handed on within the run without asking everybody, for as long as nobody else waits."""
        heir = next(iter(self._waiting.items()), None)
        if (
            heir is not None
            and 0.0 < self._pace.of(heir[1].step.name) < _SHORT_S
            and self._turns.hand_on(name, heir[0])
        ):
            return
        self._turns.over(name)

    def told_to_stop(self) -> list[tuple[Call, str]]:
        """Attempts that were newly told to make room, each with for whom."""
        found = [
            (self._asked[name], turn.until)
            for name, turn in self._turn.items()
            if turn.state == "stopping" and name in self._asked and name not in self._told
        ]
        self._told |= {self._name(call) for call, _ in found}
        return found

    def since_s(self, call: Call) -> float:
        """Since when, in seconds since 1970, the call waits for its turn; 0 when it does not."""
        return self._since.get(call.number, 0.0) if self._name(call) in self._waiting else 0.0

    def put_away(self, call: Call, at_s: float) -> None:
        """The attempt has put its state away."""
        self._turns.put_away(self._name(call), at_s)

    def over(self, call: Call) -> None:
        """The attempt does not need its turn any more."""
        name = self._name(call)
        self._waiting.pop(name, None)
        if self._asked.pop(name, None) is not None:
            self._turns.over(name)

    def done(self, call: Call, wall_s: float) -> None:
        """It took so long to its end, all attempts together."""
        self._pace.learn(call.step.name, wall_s + call.attained_s)

    def close(self) -> None:
        """Leave the queue."""
        for call in list(self._asked.values()):
            self.over(call)
        for name in self._freed:
            self._turns.over(name)
        self._freed.clear()
        self._turns.look()
        self._pace.close()

    def spender(self, call: Call) -> Spender:
        """On whose account the attempt's use goes."""
        key = call.key if call.step.options.cache and call.key is not None and not call.key.unknown else None
        return Spender(
            flow=self._account.flow,
            team=self._account.team,
            tier=self._account.tier,
            model=call.step.options.model,
            key=key.digest() if key else "",
        )

    def _name(self, call: Call) -> str:
        return f"{self._run}/{call.attempt()}"


def usage_of(call: Call, ended: Ended, asked: Share) -> Usage:
    """What an attempt used: the executor's count, which the system keeps, and beside it what only the attempt's own
    process sees. Of GPUs, those that were kept for it.
    """
    seen = call.metered
    return Usage(
        cpu_s=ended.cpu_s or seen.cpu_s or 0.0,
        wall_s=ended.wall_s,
        peak_bytes=ended.peak_bytes,
        read_bytes=ended.read_bytes if seen.read_bytes is None else seen.read_bytes,
        written_bytes=ended.written_bytes if seen.written_bytes is None else seen.written_bytes,
        memory_byte_s=seen.memory_byte_s if ended.memory_byte_s is None else ended.memory_byte_s,
        gpu_s=asked.gpu * ended.wall_s,
    )
