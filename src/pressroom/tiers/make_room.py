"""Making room: who has to stop so that work of a higher tier, or of a team that lent its share, can start."""

from collections.abc import Container, Iterator, Sequence
from dataclasses import dataclass

from pressroom.tiers.machine import Machine
from pressroom.tiers.rules import Rules
from pressroom.tiers.share import NOTHING, Share
from pressroom.tiers.tier import TIERS
from pressroom.tiers.work import Waiting, Working, is_lower


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """Who wants room. `coming` is what is or becomes free anyway, `left` what its team may still take. With `own_only`
    only its own team's work can help, because the team holds all that it may.
    """

    work: Waiting
    coming: Share
    left: Share
    own_only: bool


def victims_for(
    wanted: Wanted, machine: Machine, *, spared: Container[str], now_s: float
) -> tuple[Working, ...] | None:
    """Who stops: of the lowest tiers first, in a tier those that lose least, and nobody who could be left out. Nobody
    where what is coming is enough; None where all who may be stopped are not.
    """
    chosen: list[Working] = []
    coming, left = wanted.coming, wanted.left
    ask = wanted.work.ask
    if not _enough(ask, coming, left, wanted):
        for victim in _candidates(wanted, machine, spared=spared, now_s=now_s):
            chosen.append(victim)
            coming += victim.ask
            left += victim.ask
            if _enough(ask, coming, left, wanted):
                break
        else:
            return None
    for victim in reversed(tuple(chosen)):
        if _enough(ask, coming - victim.ask, left - victim.ask, wanted):
            chosen.remove(victim)
            coming -= victim.ask
            left -= victim.ask
    return tuple(chosen)


def _enough(ask: Share, coming: Share, left: Share, wanted: Wanted) -> bool:
    return ask.fits(coming) and (not wanted.own_only or ask.fits(left))


def _candidates(wanted: Wanted, machine: Machine, *, spared: Container[str], now_s: float) -> Iterator[Working]:
    """Those who may be stopped, in the order in which they are."""
    work = wanted.work
    for tier in reversed(TIERS[TIERS.index(work.tier) :]):
        found = sorted(
            (
                each
                for each in machine.in_tier(tier)
                if (not wanted.own_only or each.team == work.team)
                and each.name not in spared
                and may_stop(each, work, machine.rules, now_s)
            ),
            key=lambda each: (each.lost(now_s), each.name),
        )
        yield from found if tier != work.tier else _lent(found, machine, spared)


def may_stop(victim: Working, work: Waiting, rules: Rules, now_s: float) -> bool:
    """Whether `victim` may be told to stop for `work`, which its team is sure of: it has run long enough, is not about
    to end, and stands in a lower tier; or in the same one, of another team (as far as that borrows).
    """
    if victim.stopping or (victim.entitled and work.tier != "serving"):
        return False
    ran = now_s - victim.started_s
    if ran < rules.min_run_s:
        return False
    if victim.expected_s > 0 and (1.0 - rules.spared_end) * victim.expected_s <= ran < victim.expected_s:
        return False
    return is_lower(victim.tier, work.tier) or (victim.tier == work.tier and victim.team != work.team)


def _lent(found: Sequence[Working], machine: Machine, spared: Container[str]) -> Iterator[Working]:
    """Of work in one tier, that which its team holds beyond what it is sure of, and no more."""
    held: dict[str, Share] = {}
    for each in found:
        if each.team not in held:
            ending = [
                other.ask
                for other in machine
                if other.team == each.team
                and not is_lower(other.tier, each.tier)
                and (other.stopping or other.name in spared)
            ]
            held[each.team] = machine.held(each.team, each.tier) - sum(ending, NOTHING)
        if not held[each.team].fits(machine.rules.sure(each.team)):
            held[each.team] -= each.ask
            yield each
