"""The machine as it is: what works on it, and what is left."""

from collections.abc import Iterable, Iterator

from pressroom.tiers.rules import Rules
from pressroom.tiers.share import NOTHING, Share
from pressroom.tiers.tier import RANK, TIERS, Tier
from pressroom.tiers.work import Working


class Machine:
    """What works, with its sums by team and tier. A share stays taken until its work has ended, also while it stops."""

    def __init__(self, rules: Rules, working: Iterable[Working] = ()) -> None:
        """A machine under rules."""
        self.rules = rules
        self.used = NOTHING
        self.stopping = NOTHING
        self.entitled = NOTHING
        self._by_tier: dict[Tier, dict[str, Working]] = {tier: {} for tier in TIERS}
        self._tier_of: dict[str, Tier] = {}
        self._held: dict[str, list[Share]] = {}
        for work in working:
            self.add(work)

    def __iter__(self) -> Iterator[Working]:
        """All that works, the highest tier first."""
        for tier in TIERS:
            yield from self._by_tier[tier].values()

    def __len__(self) -> int:
        """How much works."""
        return len(self._tier_of)

    def in_tier(self, tier: Tier) -> Iterable[Working]:
        """What works in a tier."""
        return self._by_tier[tier].values()

    def get(self, name: str) -> Working | None:
        """A piece of work by its name."""
        tier = self._tier_of.get(name)
        return None if tier is None else self._by_tier[tier][name]

    def add(self, work: Working) -> None:
        """Put work on the machine; one of the same name is replaced."""
        self.remove(work.name)
        self._tier_of[work.name] = work.tier
        self._by_tier[work.tier][work.name] = work
        self._count(work, work.ask, sign=1)

    def remove(self, name: str) -> Working | None:
        """Take work that has ended off the machine, if it is there."""
        tier = self._tier_of.pop(name, None)
        if tier is None:
            return None
        work = self._by_tier[tier].pop(name)
        self._count(work, work.ask, sign=-1)
        return work

    def free(self) -> Share:
        """What nobody holds."""
        return self.rules.capacity - self.used

    def held(self, team: str, tier: Tier | None = None) -> Share:
        """What a team holds; with a tier, in that tier and higher ones only."""
        last = len(TIERS) if tier is None else RANK[tier] + 1
        total = NOTHING
        for share in self._held.get(team, ())[:last]:
            total += share
        return total

    def held_from(self, team: str) -> list[Share]:
        """What a team holds in each tier and higher ones; the last is all that it holds."""
        total, found = NOTHING, list[Share]()
        for share in self._held.get(team, (NOTHING,) * len(TIERS)):
            total = total if share == NOTHING else total + share
            found.append(total)
        return found

    def _count(self, work: Working, ask: Share, *, sign: int) -> None:
        change = ask if sign > 0 else NOTHING - ask
        self.used += change
        if work.stopping:
            self.stopping += change
        if work.entitled:
            self.entitled += change
        held = self._held.setdefault(work.team, [NOTHING] * len(TIERS))
        held[RANK[work.tier]] += change
