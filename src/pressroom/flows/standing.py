"""How work stands that tells how it goes: from all that its attempts told, what somebody asks who looks at it now."""

from collections.abc import Iterable
from dataclasses import dataclass, replace

import msgspec

from pressroom.flows.attempt_facts import ProgressNote
from pressroom.values import MICROSECONDS, Instant


@dataclass(frozen=True, slots=True, kw_only=True)
class Standing:
    """A step as it told last: `tick` of its work are done, `saved` of them in a checkpoint of `saved_at` (0: none was
    told); `starts` is how often it was begun or taken up, `troubles` how often it told of trouble. `heard` is when it
    told anything. `over` says that it left its loops, in order or not.
    """

    step: str
    attempt: str
    heard: Instant
    tick: int = 0
    epoch: int = 0
    starts: int = 0
    saved: int = 0
    saved_at: Instant = 0
    troubles: int = 0
    trouble: str = ""
    ticks_per_s: float | None = None
    waits: float | None = None
    over: bool = False

    def words(self, now: Instant) -> str:
        """How it stands, in a line."""
        parts = [f"{self.step}: tick {self.tick:,}, epoch {self.epoch}"]
        if self.ticks_per_s:
            parts.append(f"{self.ticks_per_s:.3g} ticks a second")
        if self.waits is not None:
            parts.append(f"{self.waits:.0%} of the time in waiting for batches")
        parts.append(f"saved at tick {self.saved:,}, {_ago(self.saved_at, now)}" if self.saved_at else "nothing saved")
        if self.starts > 1:
            parts.append(f"{self.starts} starts")
        if self.troubles:
            parts.append(f"{self.troubles} troubles")
        parts.append("its loops are over" if self.over else f"last heard of {_ago(self.heard, now)}")
        return ", ".join(parts)


def standings(notes: Iterable[ProgressNote]) -> list[Standing]:
    """How each step of a run stands that told anything, in the order in which they first did."""
    found: dict[str, Standing] = {}
    for note in notes:
        call = note.attempt.partition(".")[0]
        found[call] = _after(found.get(call) or Standing(step=note.step, attempt="", heard=note.at), note)
    return list(found.values())


def _after(standing: Standing, note: ProgressNote) -> Standing:
    """How it stands after one more note. Silence is told by who watches: nothing was heard of the work itself."""
    figures = msgspec.json.decode(note.figures, type=dict[str, float | None])
    if note.kind == "trouble":
        return replace(standing, troubles=standing.troubles + 1, trouble=note.words)
    if note.kind == "saved":
        return replace(standing, saved=note.tick, saved_at=note.at, heard=max(standing.heard, note.at))
    begins = note.kind in ("began", "taken up")
    return replace(
        standing,
        attempt=note.attempt,
        heard=max(standing.heard, note.at),
        tick=note.tick,
        epoch=note.epoch,
        starts=standing.starts + begins,
        ticks_per_s=figures.get("ticks_per_s", standing.ticks_per_s),
        waits=figures.get("waits", standing.waits),
        over=note.kind == "ended",
    )


def spoken(seconds: float) -> str:
    """A time as a person says it: `40 s`, `12 min`, `3 h`, `5 days`."""
    for most, unit_s, unit in ((120, 1, "s"), (7_200, 60, "min"), (172_800, 3_600, "h")):
        if seconds < most:
            return f"{seconds / unit_s:.0f} {unit}"
    return f"{seconds / 86_400:.0f} days"


def _ago(then: Instant, now: Instant) -> str:
    return f"{spoken(max(now - then, 0) / MICROSECONDS)} ago"
