"""Which checkpoints are kept."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pressroom.training.errors import BadTraining
from pressroom.values import MICROSECONDS, parse_duration


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """What is known of a checkpoint without reading all of it: its number of ticks, the seconds trained, metrics."""

    tick: int
    trained_s: float
    metrics: tuple[tuple[str, float], ...] = ()

    def metric(self, name: str) -> float | None:
        """A metric as it was last measured; None when it was not, or is no number."""
        found = dict(self.metrics).get(name)
        return None if found is None or math.isnan(found) else found


@dataclass(frozen=True, slots=True, kw_only=True)
class Keep:
    """The `last` so many; the `best` so many by a metric (`by="-loss"`: smaller is better; `by="auc"`: larger); and
    one for `every` so many hours of training ("6h"; by time trained, so that no clock has a part in it).
    """

    last: int = 2
    best: int = 0
    by: str = "-loss"
    every: str = ""

    def __post_init__(self) -> None:
        """Refuse to keep nothing to fall back on."""
        if self.last < 1 or self.best < 0:
            raise BadTraining(f"Keep(last={self.last}, best={self.best}).", next_step="Keep at least the last one.")
        if self.every:
            parse_duration(self.every)

    def of(self, notes: Sequence[Note]) -> list[Note]:
        """Those of `notes` that stay, in order of their ticks."""
        ordered = sorted(notes, key=lambda note: note.tick)
        kept = set(ordered[-self.last :])
        name, sign = self.by.lstrip("-"), -1.0 if self.by.startswith("-") else 1.0
        measured = [(sign * value, note.tick, note) for note in ordered if (value := note.metric(name)) is not None]
        kept |= (
            {note for _, _, note in sorted(measured, key=lambda each: each[:2])[-self.best :]} if self.best else set()
        )
        if self.every:
            every_s = parse_duration(self.every) / MICROSECONDS
            firsts: dict[int, Note] = {}
            for note in ordered:
                firsts.setdefault(int(note.trained_s // every_s), note)
            kept |= set(firsts.values())
        return [note for note in ordered if note in kept]
