"""The run that this thread of work is part of, if any: how a step knows whether it was called or asked for."""

from collections.abc import Generator, Mapping
from contextlib import contextmanager
from contextvars import ContextVar
from typing import Any, Protocol


class Caller(Protocol):
    """A run, as steps see it."""

    def call(self, step: Any, arguments: Mapping[str, Any]) -> Any:
        """Note a call of a step with all its arguments by name; what it gives stands for what will be made."""
        ...


_CURRENT: ContextVar[Caller | None] = ContextVar("pressroom_run", default=None)


def current() -> Caller | None:
    """The run, or None."""
    return _CURRENT.get()


@contextmanager
def inside(run: Caller | None) -> Generator[None]:
    """Within this block, calls of steps belong to `run`; None makes them plain calls again."""
    token = _CURRENT.set(run)
    try:
        yield
    finally:
        _CURRENT.reset(token)
