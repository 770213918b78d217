"""Forming crews for one training, one after the other, until it is done: with those left when a worker is lost, without
those whose node is being emptied, and with more when there is room again.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace

from pressroom.ports import BackendError, Crews, Left, WorkerLost
from pressroom.training.errors import BadTraining, Preempted
from pressroom.training.spread.came import Came
from pressroom.training.spread.work import SpreadWork, came_from

_LOOK_S = 0.2
_TRIES = 3
_LIVED_S = 60.0
"""Each start saves at its first tick: a crew that lived so long got further, also where nobody is left to say so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """A training over `least` to `most` workers: as many as there is room for, and never fewer, for which it waits
    `room_s` seconds. `grace_s` are given to workers to leave when one is lost; a crew that could be larger is formed
    again after `grow_s` seconds at the earliest.
    """

    least: int
    most: int
    room_s: float = 600.0
    grace_s: float = 10.0
    grow_s: float = 30.0

    def __post_init__(self) -> None:
        """Refuse what nobody can form. Raises BadTraining."""
        if self.least < 1 or self.most < self.least:
            raise BadTraining(
                f"A training over {self.least} to {self.most} workers.",
                next_step="Give at least one, and the smaller number first: workers=(1, 4).",
            )


def spread_of(workers: int | tuple[int, int]) -> Spread:
    """`workers` as a user gives them: a number, or the least and the most. Raises BadTraining."""
    least, most = workers if isinstance(workers, tuple) else (workers, workers)
    return Spread(least=least, most=most)


@dataclass(slots=True, kw_only=True)
class _Crew:
    """How a crew goes: who left, and how; why it was asked to end."""

    size: int
    began: float = field(default_factory=time.monotonic)
    came: dict[int, Came | None] = field(default_factory=dict)
    lost: list[str] = field(default_factory=list)
    asked: str = ""

    def heard(self, left: Left) -> None:
        self.came[left.place] = None if left.answer is None else came_from(left.answer)
        if left.answer is None:
            self.lost.append(f"worker {left.place} of {self.size} was lost ({left.words})")

    def is_broken(self) -> bool:
        """Whether the others wait for one that won't come."""
        return any(each is None or each.kind in ("alone", "failed") for each in self.came.values())

    def failure(self) -> Came | None:
        return next((each for each in self.came.values() if each is not None and each.kind == "failed"), None)

    def ticks(self) -> int:
        return max((each.ticks for each in self.came.values() if each is not None), default=0)

    def why(self) -> str:
        """Why it ended before its work was done."""
        if self.lost or self.asked:
            return ", ".join(self.lost) or self.asked
        broken = [each.message for each in self.came.values() if each is not None and each.kind == "alone"]
        return broken[0].rstrip(".") if broken else "workers were asked to stop"


def train_together(
    crews: Crews, work: SpreadWork, spread: Spread, *, told: Callable[[str], None], stop: Callable[[], bool]
) -> Came:
    """Until the first worker is done, or the training fails: what it said. `told` hears who was lost, and what of it;
    `stop` says whether the whole was asked to stop.

    Raises Preempted, then, with all of it saved; WorkerLost when three crews in a row got no further; BadTraining where
    there are fewer seats than asked for.
    """
    furthest, in_vain = 0, 0
    while True:
        crew = _one_crew(crews, work, spread, told=told, stop=stop)
        first, failed = crew.came.get(0), crew.failure()
        if first is not None and first.kind == "done":
            return first
        if failed is not None:
            return failed
        if stop():
            raise Preempted(f"Asked to stop at tick {crew.ticks()}.", next_step="Run it again: it goes on from there.")
        got_further = crew.ticks() > furthest or time.monotonic() - crew.began > _LIVED_S
        in_vain = 0 if got_further or crew.asked else in_vain + 1
        furthest = max(furthest, crew.ticks())
        if in_vain >= _TRIES:
            raise WorkerLost(
                f"The training gets no further than tick {furthest}: {crew.why()}.",
                next_step="Look at memory, network and log of its nodes, then run it again: it goes on from there.",
            )
        work = replace(work, words=f"; before, {crew.why()}")
        told(f"The workers are formed again; before, {crew.why()}.")


def _one_crew(
    crews: Crews, work: SpreadWork, spread: Spread, *, told: Callable[[str], None], stop: Callable[[], bool]
) -> _Crew:
    crew = _begin(crews, work, spread, told, stop)
    while len(crew.came) < crew.size:
        for left in crews.watch(_LOOK_S):
            crew.heard(left)
        if crew.is_broken():
            for left in crews.end(spread.grace_s):
                crew.heard(left)
        elif not crew.asked:
            crew.asked = _why_to_ask(crews, crew, spread, stop=stop)
            if crew.asked:
                told(f"The workers are asked to save: {crew.asked}.")
                crews.ask()
    for said in crew.lost:
        told(f"{said[0].upper()}{said[1:]}.")
    return crew


def _begin(
    crews: Crews, work: SpreadWork, spread: Spread, told: Callable[[str], None], stop: Callable[[], bool]
) -> _Crew:
    """With as many as there is room for. Raises BadTraining, Preempted."""
    until, waits = time.monotonic() + spread.room_s, False
    while True:
        room = crews.room()
        if room >= spread.least:
            try:
                crews.begin(work, min(room, spread.most))
                return _Crew(size=min(room, spread.most))
            except BackendError as error:
                told(f"No crew was formed: {error}")
        elif not waits:
            told(f"There is room for {room} workers of at least {spread.least}: waiting for more.")
            waits = True
        if stop():
            raise Preempted("Asked to stop while it waited for workers.", next_step="Run it again.")
        if time.monotonic() > until:
            raise BadTraining(
                f"The training asks for {spread.least} workers at least, and there is room for {room}.",
                next_step=f"Ask for fewer (workers=({max(room, 1)}, {spread.most})), or add nodes or cores.",
            )
        time.sleep(_LOOK_S)


def _why_to_ask(crews: Crews, crew: _Crew, spread: Spread, *, stop: Callable[[], bool]) -> str:
    if stop():
        return "the training was asked to stop"
    leaving = crews.leaving()
    if leaving:
        places = ", ".join(map(str, leaving))
        return f"the node of worker {places} of {crew.size} is being emptied"
    if crew.size < spread.most and time.monotonic() - crew.began >= spread.grow_s and crews.room() > crew.size:
        return f"there is room for {min(crews.room(), spread.most)} workers, not only {crew.size}"
    return ""
