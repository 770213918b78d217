"""Work that waits for a share of a machine, and work that has one."""

from dataclasses import dataclass, replace

from pressroom.tiers.share import Share
from pressroom.tiers.tier import RANK, Tier


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """Work that wants to start. Times are seconds on one clock.

    `attained_s` is how long it has run before (it was stopped to make room): of equal tiers whoever had least goes
    first. `expected_s` is how long it took before, 0 if nobody knows; it decides when its wait has become too long.
    """

    name: str
    tier: Tier
    team: str
    ask: Share
    since_s: float
    expected_s: float = 0.0
    attained_s: float = 0.0

    def order(self) -> tuple[float, float, str]:
        """Within one team and tier: least attained first, then the one that came first."""
        return (self.attained_s, self.since_s, self.name)


@dataclass(frozen=True, slots=True, kw_only=True)
class Working:
    """Work that has its share. `safe_s` is when it last put its state away: what it did since then would be lost.

    `entitled`: it was let in because it had waited too long, and is not stopped for others than serving. `stopping`: it
    was told to end, and its share is about to come back.
    """

    name: str
    tier: Tier
    team: str
    ask: Share
    started_s: float
    safe_s: float
    expected_s: float = 0.0
    entitled: bool = False
    stopping: bool = False

    def lost(self, now_s: float) -> float:
        """Core seconds that would have to be done again (GPU seconds count as ten)."""
        return max(0.0, now_s - self.safe_s) * (self.ask.cpu + 10.0 * self.ask.gpu)

    def stopped(self) -> "Working":
        """The same, told to end."""
        return replace(self, stopping=True)


def started(work: Waiting, now_s: float, *, entitled: bool = False) -> Working:
    """Work that is let in now. What it did before it was stopped last counts as done for its expected time."""
    return Working(
        name=work.name,
        tier=work.tier,
        team=work.team,
        ask=work.ask,
        started_s=now_s,
        safe_s=now_s,
        expected_s=work.expected_s,
        entitled=entitled,
    )


def is_lower(tier: Tier, than: Tier) -> bool:
    """Whether a tier stands below another."""
    return RANK[tier] > RANK[than]
