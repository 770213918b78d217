"""Crews: processes that do one piece of work side by side, each knowing its seat; and who of them is lost."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Protocol

from pressroom.values import Document

Asked = Callable[[], bool]
"""Whether a worker was asked to put its state away and to end."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Seat:
    """The place of a worker in its crew, from 0, of so many; and the address at which the crew meets: a file
    ("file:///...") where all are on one machine, else a port at the place 0 ("tcp://HOST:PORT").
    """

    place: int
    of: int
    meet: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Left:
    """A worker that is done, with its answer; or that is lost: no answer, and in words how it ended."""

    place: int
    answer: Document | None
    words: str = ""


CrewWork = Callable[[Seat, Asked], Document]
"""What each worker of a crew does. It is sent to them: a function of a module, or an object of a class of a module
whose fields can be pickled. It answers and never raises.
"""


class Crews(Protocol):
    """Seats one crew at a time. What workers say to each other is none of its business."""

    def room(self) -> int:
        """For how many workers there is room now, those of this crew included: without the nodes that are being
        emptied, and without those that were just seen to fail.
        """
        ...

    def begin(self, work: CrewWork, size: int) -> None:
        """Seat so many workers, and have all of them do the work. Who is done with the work before stays warm, and is
        seated first: a worker may do works one after the other in one process. Raises BackendError, and seats nobody,
        where there is no room any more.
        """
        ...

    def watch(self, wait_s: float) -> Sequence[Left]:
        """Who has left since it was last asked: done or lost. Waits up to `wait_s` seconds for the first of them."""
        ...

    def leaving(self) -> Sequence[int]:
        """Places of workers at work whose node is being emptied."""
        ...

    def ask(self) -> None:
        """Tell all who are at work that they are asked to put their state away and to end."""
        ...

    def end(self, grace_s: float) -> Sequence[Left]:
        """Give those at work so many seconds to leave by themselves, then kill them: nobody is at work any more. Those
        who don't answer at all get less.
        """
        ...

    def close(self) -> None:
        """Kill whoever is there, and give back processes and files."""
        ...
