"""What every Workers must do."""

import os
import signal
from dataclasses import dataclass
from pathlib import Path

import pytest

from pressroom.ports import WorkerLost, Workers
from pressroom.values import Document, InvalidInput


def turned(task: Document) -> Document:
    """The task backwards."""
    return task[::-1]


def refused(task: Document) -> Document:
    """One task is refused."""
    if task == b"bad":
        raise InvalidInput("This task is bad.", next_step="Give another.")
    return task


@dataclass(frozen=True, slots=True, kw_only=True)
class Prefixed:
    """Work that carries something along."""

    prefix: bytes

    def __call__(self, task: Document) -> Document:
        """The task behind the prefix."""
        return self.prefix + task


@dataclass(frozen=True, slots=True, kw_only=True)
class Deadly:
    """Work that kills the process that does the task "deadly", as often as it is told to, and notes each time."""

    folder: str
    times: int

    def __call__(self, task: Document) -> Document:
        """Die, or answer."""
        if task == b"deadly":
            notes = Path(self.folder)
            died = len(list(notes.iterdir()))
            if died < self.times:
                (notes / str(died)).touch()
                os.kill(os.getpid(), signal.SIGKILL)
        return task


class WorkersContract:
    """Subclass it and override `make`. `own_process` says that the work is done in the asking process itself, which
    nobody wants to see killed.
    """

    own_process = False

    def make(self) -> Workers:
        """Workers; they are closed after each test."""
        raise NotImplementedError

    @pytest.fixture
    def workers(self) -> object:
        """The workers of one test."""
        made = self.make()
        yield made
        made.close()

    def test_somebody_works(self, workers: Workers) -> None:
        assert workers.slots() >= 1

    def test_every_task_is_answered_once(self, workers: Workers) -> None:
        tasks = [f"task {number}".encode() for number in range(23)]
        answers = list(workers.each(turned, tasks))
        assert sorted(place for place, _ in answers) == list(range(23))
        assert all(answer == tasks[place][::-1] for place, answer in answers)

    def test_no_task_is_no_answer(self, workers: Workers) -> None:
        assert list(workers.each(turned, [])) == []

    def test_work_may_carry_something_along(self, workers: Workers) -> None:
        assert dict(workers.each(Prefixed(prefix=b"a "), [b"b", b"c"])) == {0: b"a b", 1: b"a c"}

    def test_what_the_work_refuses_comes_out_as_it_is(self, workers: Workers) -> None:
        with pytest.raises(InvalidInput, match="This task is bad") as refusal:
            list(workers.each(refused, [b"good", b"bad"]))
        assert refusal.value.next_step == "Give another."

    def test_they_work_again_after_a_refusal(self, workers: Workers) -> None:
        with pytest.raises(InvalidInput):
            list(workers.each(refused, [b"bad"]))
        assert list(workers.each(refused, [b"good"])) == [(0, b"good")]

    def test_a_task_whose_worker_was_killed_is_done_again(self, workers: Workers, tmp_path: Path) -> None:
        if self.own_process:
            pytest.skip("the work is done in this process")
        tasks = [b"one", b"deadly", b"two", b"three"]
        assert dict(workers.each(Deadly(folder=str(tmp_path), times=1), tasks)) == dict(enumerate(tasks))
        assert len(list(tmp_path.iterdir())) == 1

    def test_a_task_that_kills_every_worker_is_given_up(self, workers: Workers, tmp_path: Path) -> None:
        if self.own_process:
            pytest.skip("the work is done in this process")
        with pytest.raises(WorkerLost):
            list(workers.each(Deadly(folder=str(tmp_path), times=99), [b"deadly"]))
        assert len(list(tmp_path.iterdir())) == 3
