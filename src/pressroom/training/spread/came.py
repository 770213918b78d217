"""What a worker of a spread training says when it leaves."""

import importlib
import traceback
from dataclasses import dataclass
from typing import Literal

from pressroom.models import FellowLost
from pressroom.training.errors import Preempted, WorkerFailed
from pressroom.values import PressroomError

Kind = Literal["done", "failed", "preempted", "alone"]
"""It has the answer; the training raised; it was asked to stop, and saved; it lost a fellow."""
_SHOWN_FRAMES = 8


@dataclass(frozen=True, slots=True, kw_only=True)
class Came:
    """How it went, after how many ticks in all; for "done" the answer, as bytes in a form of `flows`; for "failed" the
    error's class ("module:name"), words and next step.
    """

    kind: Kind
    ticks: int
    form: str = ""
    content: bytes = b""
    error: str = ""
    message: str = ""
    next_step: str = ""


def came_of(error: Exception, ticks: int) -> Came:
    """What an error of the training means."""
    if isinstance(error, Preempted):
        return Came(kind="preempted", ticks=ticks)
    if isinstance(error, FellowLost):
        return Came(kind="alone", ticks=ticks, message=error.message)
    kind = type(error)
    if isinstance(error, PressroomError):
        named = f"{kind.__module__}:{kind.__qualname__}"
        return Came(kind="failed", ticks=ticks, error=named, message=error.message, next_step=error.next_step)
    trace = "".join(traceback.format_exception(error, limit=-_SHOWN_FRAMES)).rstrip()
    return Came(kind="failed", ticks=ticks, message=f"{kind.__name__}: {error}", next_step=trace)


def error_of(came: Came) -> PressroomError:
    """The error again: of its own class, where that is one of Pressroom's."""
    module, _, name = came.error.partition(":")
    found: object = getattr(importlib.import_module(module), name, None) if module.startswith("pressroom.") else None
    if isinstance(found, type) and issubclass(found, PressroomError):
        return found(came.message, next_step=came.next_step)
    return WorkerFailed(f"A worker of the training failed: {came.message}.", next_step=came.next_step)
