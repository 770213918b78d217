"""The rules of a machine: how large it is, what each team is sure of, and when work may be stopped for other work."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from pressroom.tiers.share import Share
from pressroom.values import InvalidInput


@dataclass(frozen=True, slots=True, kw_only=True)
class Quota:
    """What a team is sure of, and the most it may hold when others leave theirs idle (None: the whole machine)."""

    sure: Share
    most: Share | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Rules:
    """All that admission goes by.

    A team without a quota is sure of everything, as on one's own laptop. `floor` is the part of the machine up to which
    work that has waited too long is let in ahead of others (one such piece always may be). Waited too long has who
    waits `patience` times the seconds it will take, and `least_patience_s` at least. Nothing is stopped before it ran
    `min_run_s`, or in the last tenth of its expected time; whoever is stopped has `grace_s` to put its state away.
    """

    capacity: Share
    quotas: Mapping[str, Quota] = field(default_factory=dict)
    floor: float = 0.25
    patience: float = 2.0
    least_patience_s: float = 600.0
    min_run_s: float = 120.0
    spared_end: float = 0.1
    grace_s: float = 30.0

    def __post_init__(self) -> None:
        """Refuse rules under which somebody would starve, or nothing could run."""
        for name in ("patience", "least_patience_s", "min_run_s", "grace_s"):
            if getattr(self, name) < 0:
                raise InvalidInput(f"{name} is {getattr(self, name)}.", next_step="It is a time, 0 or more.")
        if not 0.0 < self.floor <= 1.0:
            raise InvalidInput(f"floor is {self.floor}.", next_step="It is more than 0 and at most 1, such as 0.1.")
        if self.capacity.cpu <= 0:
            raise InvalidInput("The machine has no cores.", next_step="Say how many it has.")

    def sure(self, team: str) -> Share:
        """What a team is sure of."""
        quota = self.quotas.get(team)
        return self.capacity if quota is None else quota.sure

    def most(self, team: str) -> Share:
        """The most that a team may hold."""
        quota = self.quotas.get(team)
        return self.capacity if quota is None or quota.most is None else quota.most
