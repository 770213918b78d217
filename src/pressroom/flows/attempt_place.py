"""Where an attempt may leave what outlives it."""

from collections.abc import Generator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from pathlib import Path


@dataclass(frozen=True, slots=True, kw_only=True)
class AttemptPlace:
    """`lasting` is a folder that every attempt with the same key finds again, until one of them has made its result;
    `journal` is the file in which an attempt tells how it goes. More memory than `most_memory_bytes` it may not have
    (0: all that there is).
    """

    lasting: Path
    journal: Path
    most_memory_bytes: int = 0


_PLACE: ContextVar[AttemptPlace | None] = ContextVar("pressroom_attempt", default=None)


def attempt_place() -> AttemptPlace | None:
    """That of the attempt which this thread of work is, if it is one."""
    return _PLACE.get()


@contextmanager
def placed(place: AttemptPlace | None) -> Generator[None]:
    """Within this block, work is the attempt with that place."""
    token = _PLACE.set(place)
    try:
        yield
    finally:
        _PLACE.reset(token)
