"""The queue: what waits, kept in the orders in which admission asks for it."""

from bisect import bisect_left, insort
from collections.abc import Iterable, Iterator, Mapping

from pressroom.tiers.rules import Rules
from pressroom.tiers.tier import TIERS, Tier
from pressroom.tiers.work import Waiting

_Place = tuple[tuple[float, float, str], Waiting]


class Queue:
    """Work that waits, by tier and team, each in its order; adding and taking out cost little, however long it is."""

    def __init__(self, rules: Rules, waiting: Iterable[Waiting] = ()) -> None:
        """A queue under rules, which say when a wait has become too long."""
        self._rules = rules
        self._by_name: dict[str, Waiting] = {}
        self._lines: dict[Tier, dict[str, list[_Place]]] = {tier: {} for tier in TIERS}
        self._due: list[tuple[float, str]] = []
        for work in waiting:
            self.add(work)

    def __len__(self) -> int:
        """How much waits."""
        return len(self._by_name)

    def __iter__(self) -> Iterator[Waiting]:
        """All that waits, the highest tier first, within one team in its order."""
        for tier in TIERS:
            for line in self._lines[tier].values():
                yield from (work for _, work in line)

    def add(self, work: Waiting) -> None:
        """Take in a piece of work; one of the same name is replaced."""
        self.remove(work.name)
        self._by_name[work.name] = work
        insort(self._lines[work.tier].setdefault(work.team, []), (work.order(), work), key=_order)
        insort(self._due, (self.due_s(work), work.name))

    def remove(self, name: str) -> Waiting | None:
        """Take a piece of work out, if it is there."""
        work = self._by_name.pop(name, None)
        if work is None:
            return None
        line = self._lines[work.tier][work.team]
        del line[bisect_left(line, work.order(), key=_order)]
        if not line:
            del self._lines[work.tier][work.team]
        del self._due[bisect_left(self._due, (self.due_s(work), name))]
        return work

    def get(self, name: str) -> Waiting | None:
        """A piece of work by its name."""
        return self._by_name.get(name)

    def lines(self, tier: Tier) -> Mapping[str, list[_Place]]:
        """What waits in a tier, by team; each line in its order. Not to be changed."""
        return self._lines[tier]

    def due_s(self, work: Waiting) -> float:
        """When its wait has become too long."""
        return work.since_s + max(self._rules.least_patience_s, self._rules.patience * work.expected_s)

    def due(self, now_s: float) -> Iterator[Waiting]:
        """What has waited too long, the longest overdue first."""
        for due_s, name in self._due:
            if due_s > now_s:
                return
            yield self._by_name[name]


def _order(place: _Place) -> tuple[float, float, str]:
    return place[0]
