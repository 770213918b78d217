"""Reasons: why a piece of work waits, as a sentence."""

from dataclasses import dataclass

from pressroom.tiers.admit import admit
from pressroom.tiers.machine import Machine
from pressroom.tiers.queue import Queue
from pressroom.tiers.tier import TIERS
from pressroom.tiers.work import Waiting, Working, is_lower


@dataclass(frozen=True, slots=True, kw_only=True)
class Wait:
    """Why work waits, and how many of its tier and of higher ones stand before it."""

    work: Waiting
    ahead: int
    reason: str


def waits(machine: Machine, queue: Queue, now_s: float) -> tuple[Wait, ...]:
    """All that waits, the highest tier first, each with its reason."""
    decided = admit(machine, queue, now_s)
    starts = {work.name for work in decided.start}
    victims: dict[str, list[Working]] = {}
    for victim, work in decided.stop:
        victims.setdefault(work.name, []).append(victim)
    order = sorted(queue, key=lambda work: (TIERS.index(work.tier), *work.order()))
    found: list[Wait] = []
    for ahead, work in enumerate(order):
        if work.name in starts:
            reason = "starts now"
        elif work.name in victims:
            reason = f"{' and '.join(victim.name for victim in victims[work.name])} will make room for it"
        else:
            reason = reason_for(work, machine, queue, now_s)
        found.append(Wait(work=work, ahead=ahead, reason=reason))
    return tuple(found)


def reason_for(work: Waiting, machine: Machine, queue: Queue, now_s: float) -> str:
    """Why it does not start now: what can never be first, then its team's quota, then those who hold the machine."""
    rules = machine.rules
    never = impossible(work, machine)
    if never:
        return never
    held = machine.held(work.team)
    if not (held + work.ask).fits(rules.most(work.team)):
        return f"{work.team or 'its team'} holds {held.words()} of at most {rules.most(work.team).words()}"
    due = next((each for each in queue.due(now_s) if each.name != work.name), None)
    if due is not None and is_lower(work.tier, "serving") and work.ask.fits(machine.free()):
        return f"{due.name} has waited too long and goes first"
    higher = sum(each.ask.cpu for each in machine if is_lower(work.tier, each.tier))
    lower = [each for each in machine if is_lower(each.tier, work.tier) and not each.stopping]
    ending = sum(each.stopping for each in machine)
    said = f"it asks {work.ask.words()}; {max(0.0, machine.free().cpu):g} cores are free"
    if ending:
        return f"{said}, {ending} pieces of work are stopping"
    sure = (machine.held(work.team, work.tier) + work.ask).fits(rules.sure(work.team))
    if lower and not sure:
        return f"{said}; it is beyond what {work.team or 'its team'} is sure of, so nobody stops for it"
    if lower:
        return f"{said}; lower tiers have run too shortly, or are about to end"
    return f"{said}, {higher:g} are held by higher tiers" if higher else said


def impossible(work: Waiting, machine: Machine) -> str:
    """Why it can never start here; empty when it can."""
    rules = machine.rules
    if not work.ask.fits(rules.capacity):
        return f"it asks {work.ask.words()}, the machine has {rules.capacity.words()}: it can never start here"
    most = rules.most(work.team)
    if not work.ask.fits(most):
        return f"it asks {work.ask.words()}, {work.team or 'its team'} may hold {most.words()}: it can never start"
    return ""
