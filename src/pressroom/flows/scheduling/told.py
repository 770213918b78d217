"""What an owner is told of a tick that failed."""

from pressroom.flows.scheduling.ticks import Tick
from pressroom.ports import Notice
from pressroom.values import Instant


def failure_notice(tick: Tick, *, at: Instant, words: str = "") -> Notice:
    """The notice that a tick failed: the same one however often it is written."""
    run = f" Run {tick.run}: see `pressroom run-why {tick.run}`." if tick.run else ""
    return Notice(
        id=f"{tick.key()}/failed",
        at=at,
        owner=tick.owner,
        subject=f"{tick.name} failed",
        text=f"{tick.name} failed for {tick.period.words()}: {words or tick.words}{run}",
    )
