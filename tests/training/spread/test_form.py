"""Crews that are formed again and again, as a script of what happens to them says."""

from collections.abc import Sequence
from dataclasses import dataclass, field

import pytest

from pressroom.ports import BackendError, Left, WorkerLost
from pressroom.training import BadTraining, Preempted, Spread, SpreadWork, train_together
from pressroom.training.spread.came import Came
from pressroom.values import to_document

WORK = SpreadWork(file="", module="", name="", given=(), place=None, folder="")


def done(place: int) -> Left:
    return Left(place=place, answer=to_document(Came(kind="done", ticks=9, form="data", content=b"\xc0")))


def came(place: int, kind: str, ticks: int) -> Left:
    return Left(place=place, answer=to_document(Came(kind=kind, ticks=ticks)))


def lost(place: int) -> Left:
    return Left(place=place, answer=None, words="killed")


@dataclass
class Scripted:
    """Crews that go as written: for each crew the room there is, what is seen of it, and who is left at its end."""

    rooms: list[int]
    seen: list[list[Left]]
    at_end: list[list[Left]] = field(default_factory=list)
    on_leave: list[list[int]] = field(default_factory=list)
    words: list[str] = field(default_factory=list)
    sizes: list[int] = field(default_factory=list)
    asked: int = 0

    def room(self) -> int:
        return self.rooms[min(len(self.sizes), len(self.rooms) - 1)]

    def begin(self, work: SpreadWork, size: int) -> None:
        self.words.append(work.words)
        self.sizes.append(size)

    def watch(self, wait_s: float) -> Sequence[Left]:
        # Nobody leaves a crew that is to be asked before it was asked.
        if self.on_leave and self.asked < len(self.sizes):
            return []
        return self.seen.pop(0)

    def leaving(self) -> Sequence[int]:
        return self.on_leave[len(self.sizes) - 1] if self.on_leave else []

    def ask(self) -> None:
        self.asked += 1

    def end(self, grace_s: float) -> Sequence[Left]:
        return self.at_end.pop(0) if self.at_end else []

    def close(self) -> None: ...


def go(crews: Scripted, *, least: int = 1, most: int = 2, room_s: float = 0.0, stop: bool = False) -> Came:
    told: list[str] = []
    spread = Spread(least=least, most=most, room_s=room_s)
    return train_together(crews, WORK, spread, told=told.append, stop=lambda: stop)


def test_after_a_loss_those_that_there_is_room_for_go_on_and_know_why():
    crews = Scripted(rooms=[2, 1], seen=[[lost(1)], [done(0)]], at_end=[[came(0, "alone", 5)]])
    assert go(crews).kind == "done"
    assert crews.sizes == [2, 1]
    assert crews.words == ["", "; before, worker 1 of 2 was lost (killed)"]


def test_who_is_on_a_node_that_is_emptied_is_asked_once_and_not_counted_as_lost():
    crews = Scripted(
        rooms=[2, 1], seen=[[came(0, "preempted", 5), came(1, "preempted", 5)], [done(0)]], on_leave=[[1], []]
    )
    crews.on_leave = [[1], [0]]
    assert go(crews).kind == "done"
    assert crews.sizes == [2, 1]
    assert "the node of worker 1 of 2 is being emptied" in crews.words[1]
    assert "lost" not in crews.words[1]


def test_crews_that_are_lost_without_getting_further_are_given_up():
    crews = Scripted(rooms=[1], seen=[[lost(0)]] * 9)
    with pytest.raises(WorkerLost, match="no further than tick 0: worker 0 of 1 was lost"):
        go(crews)
    assert len(crews.sizes) == 3


def test_crews_that_never_meet_are_given_up_with_what_they_met():
    alone = Left(place=0, answer=to_document(Came(kind="alone", ticks=0, message="Nobody answers.")))
    crews = Scripted(rooms=[1], seen=[[alone]] * 9)
    with pytest.raises(WorkerLost, match="no further than tick 0: Nobody answers"):
        go(crews)
    assert len(crews.sizes) == 3


def test_crews_that_get_further_are_formed_as_often_as_it_takes():
    seen: list[list[Left]] = [[lost(1)] for _ in range(8)]
    crews = Scripted(
        rooms=[2], seen=[*seen, [done(0), done(1)]], at_end=[[came(0, "alone", tick)] for tick in range(1, 9)]
    )
    assert go(crews).kind == "done"
    assert len(crews.sizes) == 9


def test_what_the_training_raised_ends_it_whoever_else_was_left_alone():
    crews = Scripted(rooms=[2], seen=[[came(0, "alone", 3)]], at_end=[[came(1, "failed", 3)]])
    assert go(crews).kind == "failed"


def test_an_answer_of_the_first_is_the_answer_also_where_another_was_lost_at_the_end():
    assert go(Scripted(rooms=[2], seen=[[lost(1), done(0)]])).kind == "done"


def test_too_little_room_is_refused_when_the_time_is_over():
    with pytest.raises(BadTraining, match="asks for 2 workers at least, and there is room for 1"):
        go(Scripted(rooms=[1], seen=[]), least=2)


def test_being_asked_to_stop_is_said_with_the_tick_that_was_reached():
    crews = Scripted(rooms=[2], seen=[[came(0, "preempted", 7), came(1, "preempted", 7)]])
    with pytest.raises(Preempted, match="at tick 7"):
        go(crews, stop=True)


def test_a_crew_that_could_not_be_seated_is_tried_again():
    crews = Reluctant(rooms=[2], seen=[[done(0), done(1)]])
    assert go(crews, room_s=60.0).kind == "done"
    assert crews.refused == 1


@dataclass
class Reluctant(Scripted):
    """The first crew finds no seats."""

    refused: int = 0

    def begin(self, work: SpreadWork, size: int) -> None:
        if not self.refused:
            self.refused = 1
            raise BackendError("No.", next_step="It is tried again.")
        super().begin(work, size)
