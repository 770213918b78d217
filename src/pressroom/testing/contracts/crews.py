"""What every Crews must do."""

import os
import signal
import time
from collections.abc import Generator
from dataclasses import dataclass
from pathlib import Path

import pytest

from pressroom.ports import Asked, Crews, CrewWork, Left, Seat
from pressroom.values import Document

_LONG_S = 60.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Telling:
    """Tell seat and process, at once."""

    prefix: bytes = b""

    def __call__(self, seat: Seat, asked: Asked) -> Document:
        """`PREFIXplace of size at meet in process`."""
        return self.prefix + f"{seat.place} of {seat.of} at {seat.meet} in {os.getpid()}".encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class Staying:
    """Stay until asked; the worker at the place `dies` kills itself when all are there; `deaf` never hears."""

    folder: str
    dies: int = -1
    deaf: int = -1

    def __call__(self, seat: Seat, asked: Asked) -> Document:
        """Say that it is there, then stay."""
        (Path(self.folder) / str(seat.place)).touch()
        while seat.place == self.deaf or not asked():
            time.sleep(0.01)
            if seat.place == self.dies and len(list(Path(self.folder).iterdir())) == seat.of:
                os.kill(os.getpid(), signal.SIGKILL)
        return f"{os.getpid()}".encode()


class CrewsContract:
    """Subclass it and override `make`, with room for two at least."""

    def make(self) -> Crews:
        """Crews; they are closed after each test."""
        raise NotImplementedError

    @pytest.fixture
    def crews(self) -> Generator[Crews]:
        """The crews of one test."""
        made = self.make()
        yield made
        made.close()

    def begin(self, crews: Crews, work: CrewWork, size: int) -> None:
        """Begin as soon as there is room: what those before had may be given back a moment later."""
        until = time.monotonic() + _LONG_S
        while crews.room() < size:
            assert time.monotonic() < until
            time.sleep(0.05)
        crews.begin(work, size)

    def all_left(self, crews: Crews, size: int) -> dict[int, Left]:
        """Watch until all of them have left."""
        found: dict[int, Left] = {}
        until = time.monotonic() + _LONG_S
        while len(found) < size:
            assert time.monotonic() < until
            found |= {each.place: each for each in crews.watch(1.0)}
        return found

    def test_each_has_its_seat_and_all_meet_at_one_address(self, crews: Crews) -> None:
        assert crews.room() >= 2
        self.begin(crews, Telling(prefix=b"worker "), 2)
        answers = [str(each.answer) for _, each in sorted(self.all_left(crews, 2).items())]
        assert ["worker 0 of 2" in answers[0], "worker 1 of 2" in answers[1]] == [True, True]
        meets = {each.split(" at ")[1].split(" in ")[0] for each in answers}
        assert len(meets) == 1
        assert meets.pop().startswith(("file:///", "tcp://"))

    def test_processes_are_warm_for_the_next_work_which_meets_elsewhere(self, crews: Crews) -> None:
        told: list[set[str]] = []
        for _ in range(2):
            self.begin(crews, Telling(), 2)
            told.append({str(each.answer).split(" at ")[1] for each in self.all_left(crews, 2).values()})
        processes = [{each.split(" in ")[1] for each in some} for some in told]
        assert len(processes[0]) == 2
        assert processes[0] == processes[1]
        assert not told[0] & told[1]

    def test_a_smaller_crew_follows_a_larger_one(self, crews: Crews) -> None:
        self.begin(crews, Telling(), 2)
        self.all_left(crews, 2)
        self.begin(crews, Telling(), 1)
        assert b"0 of 1" in (self.all_left(crews, 1)[0].answer or b"")

    def test_who_is_killed_is_lost_and_the_others_stay(self, crews: Crews, tmp_path: Path) -> None:
        self.begin(crews, Staying(folder=str(tmp_path), dies=1), 2)
        lost = self.all_left(crews, 1)
        assert list(lost) == [1]
        assert lost[1].answer is None
        assert lost[1].words
        crews.ask()
        assert self.all_left(crews, 1)[0].answer is not None

    def test_after_a_loss_there_are_crews_again(self, crews: Crews, tmp_path: Path) -> None:
        self.begin(crews, Staying(folder=str(tmp_path), dies=0), 2)
        self.all_left(crews, 1)
        crews.ask()
        self.all_left(crews, 1)
        self.begin(crews, Telling(), 1)
        assert self.all_left(crews, 1)[0].answer is not None

    def test_who_is_asked_hears_it(self, crews: Crews, tmp_path: Path) -> None:
        self.begin(crews, Staying(folder=str(tmp_path)), 2)
        crews.ask()
        assert all(each.answer for each in self.all_left(crews, 2).values())

    def test_having_been_asked_once_is_not_being_asked_again(self, crews: Crews, tmp_path: Path) -> None:
        for _ in range(2):
            self.begin(crews, Staying(folder=str(tmp_path)), 2)
            assert not crews.watch(0.2)
            crews.ask()
            self.all_left(crews, 2)

    def test_who_does_not_leave_is_killed(self, crews: Crews, tmp_path: Path) -> None:
        self.begin(crews, Staying(folder=str(tmp_path), deaf=1), 2)
        crews.ask()
        assert list(self.all_left(crews, 1)) == [0]
        left = crews.end(0.1)
        assert [(each.place, each.answer) for each in left] == [(1, None)]
        assert not crews.watch(0.0)

    def test_nobody_leaves_a_node_that_stays(self, crews: Crews, tmp_path: Path) -> None:
        self.begin(crews, Staying(folder=str(tmp_path)), 2)
        assert not crews.leaving()
        crews.ask()
        self.all_left(crews, 2)

    def test_ending_and_asking_nobody_changes_nothing(self, crews: Crews) -> None:
        crews.ask()
        assert not crews.end(0.0)
        assert not crews.watch(0.0)
