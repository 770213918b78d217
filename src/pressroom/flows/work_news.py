"""What an owner is told of work that tells how it goes: in words, with the evidence and what to do. Decisions only."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from pressroom.flows.cause import Cause
from pressroom.flows.journal import JournalLine
from pressroom.flows.owner_news import News
from pressroom.flows.standing import spoken
from pressroom.values import Instant, format_instant

_MOST_LINES = 6
_TIMEOUT, _BLOCK = "Timeout (", "Thread 0x"


@dataclass(frozen=True, slots=True, kw_only=True)
class Work:
    """An attempt at a call of a step, in a run."""

    run: str
    attempt: str
    step: str
    call: int

    def news(self, about: str, at: Instant, said: str, text: str) -> News:
        """News of it."""
        see = f" See `pressroom run-curve {self.run}`."
        return News(
            call=self.call, about=about, at=at, subject=f"{self.step} {said}", text=f"{self.step} {said}: {text}{see}"
        )


def line_news(work: Work, line: JournalLine, lost: Cause | None) -> News | None:
    """What a line of its journal is worth telling, if it is: trouble, and that it was taken up again and why."""
    if line.kind == "trouble":
        return work.news(line.about or "trouble", line.at, f"has trouble at tick {line.tick:,}", line.words)
    if line.kind != "taken up":
        return None
    why = "" if lost is None else f"; before, {_first_line(lost.evidence)} ({lost.of})"
    return work.news("taken_up", line.at, "was taken up again", f"{line.words}{why}.")


def is_silent(work: Work, line: JournalLine, *, at: Instant, silent_s: float, stacks: Path) -> News:
    """It was not heard of for too long: since when, how long its ticks take, and where it is, if it could say so."""
    rate = line.figures.get("ticks_per_s")
    usual = f" A tick took {1 / rate:.3g} s." if rate else ""
    where = _newest_stack(stacks)
    said = (
        f" It is at: {' < '.join(where)} (all threads: {stacks})."
        if where
        else " It could not say where it is: its process may be stopped, or waiting for a disk."
    )
    text = (
        f"the last that was heard of it is tick {line.tick:,} at {format_instant(line.at)}, {spoken(silent_s)} ago."
        f"{usual}{said} It is still waited for: `pressroom run-cancel {work.run}` stops it."
    )
    return work.news("silent", at, "is silent", text)


def goes_on(work: Work, line: JournalLine, after_s: float) -> News:
    """It was silent, and is heard of again."""
    return work.news("goes_on", line.at, "goes on", f"at tick {line.tick:,}, after {spoken(after_s)} of silence.")


def was_lost(work: Work, line: JournalLine, *, at: Instant) -> News:
    """The process that ran the flow is gone, and the work with it."""
    text = (
        f"the process of {work.run} is gone, at tick {line.tick:,} or later; nobody is at it. Go on with `pressroom "
        f"run-resume {work.run}`."
    )
    return work.news("lost", at, "was lost", text)


def gave_up(work: Work, *, at: Instant, cause: Cause) -> News:
    """It ended without a result."""
    where = f" at {cause.where}" if cause.where else ""
    return work.news("gave_up", at, "was given up", f"{cause.of}: {_first_line(cause.evidence)}{where}. {cause.advice}")


def is_done(work: Work, *, at: Instant, took_s: float, starts: int) -> News:
    """It has its result."""
    return work.news("done", at, "is done", f"after {spoken(took_s)}, in {starts} start{'s' if starts > 1 else ''}.")


def _newest_stack(stacks: Path) -> Sequence[str]:
    """The innermost calls of the main thread, as it was written down last: the file holds all, the main thread last."""
    try:
        text = stacks.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return []
    lines = text.rpartition(_TIMEOUT)[2].rpartition(_BLOCK)[2].splitlines()[1:]
    return [_short(line) for line in lines if line.startswith("  File ")][:_MOST_LINES]


def _short(line: str) -> str:
    """`File "/a/b.py", line 3 in f` as `b.py:3 in f`."""
    _, file, rest = line.split('"', 2)
    return f"{Path(file).name}:{rest.removeprefix(', line ')}"


def _first_line(text: str) -> str:
    return text.splitlines()[0] if text else ""
