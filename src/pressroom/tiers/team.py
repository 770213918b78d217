"""A team while decisions are taken: what it holds, counting what was just decided."""

from pressroom.tiers.machine import Machine
from pressroom.tiers.share import NOTHING, Share
from pressroom.tiers.tier import RANK, TIERS, Tier


class Team:
    """What a team holds, in all and from each tier up, and what it may still take. Changes as decisions are taken."""

    __slots__ = ("_above", "_capacity", "_full", "held", "left", "sure")

    def __init__(self, name: str, machine: Machine) -> None:
        """As the machine has it."""
        rules = machine.rules
        self.sure = rules.sure(name)
        self._capacity = rules.capacity
        self._above = machine.held_from(name)
        self._full: float | None = None
        self.held = self._above[-1]
        self.left = rules.most(name) - self.held

    def take(self, ask: Share, tier: Tier) -> None:
        """It is given more, in a tier, or promised it."""
        self.held += ask
        self.left -= ask
        self._full = None
        for rank in range(RANK[tier], len(TIERS)):
            self._above[rank] += ask

    def give_back(self, ask: Share) -> None:
        """Work of it is told to stop. That it holds less from a tier up counts when it has stopped."""
        self.held -= ask
        self.left += ask
        self._full = None

    def is_sure(self, ask: Share, tier: Tier) -> bool:
        """Whether it is sure of it: with what it holds in this tier and higher ones, it stays in its quota."""
        return (self._above[RANK[tier]] + ask).fits(self.sure)

    def fullness(self) -> float:
        """What part it holds of what it is sure of. Of a team that is sure of nothing, all is borrowed: 1 and more."""
        if self._full is None:
            borrows = self.sure == NOTHING
            self._full = 1.0 + self.held.part_of(self._capacity) if borrows else self.held.part_of(self.sure)
        return self._full
