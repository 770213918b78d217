"""What every Executor must do. The work that it is given is done by the functions at the end of this file."""

import os
import signal
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from pressroom.ports import Ended, Executor, Job

_LONG_S = 60.0
_MIB = 1 << 20


class ExecutorContract:
    """Subclass it and override `make`."""

    def make(self) -> Executor:
        """One that runs nothing yet; what it prepares, if anything, is `prepare` in this file."""
        raise NotImplementedError

    @pytest.fixture
    def executor(self) -> Iterator[Executor]:
        """One, closed after the test."""
        made = self.make()
        yield made
        made.close()

    def test_an_attempt_runs_in_its_own_process_and_prints_to_its_log(self, executor: Executor, tmp_path: Path) -> None:
        job = job_in(tmp_path / "one", "leave_pid")
        executor.submit(job)
        (ended,) = wait_for(executor, 1)
        assert (ended.attempt, ended.exit_code, ended.signal, ended.stopped_for) == (job.attempt, 0, None, None)
        assert int((tmp_path / "one" / "pid").read_text()) != os.getpid()
        assert (tmp_path / "one" / "log").read_text() == "hello\n"

    def test_attempts_run_side_by_side(self, executor: Executor, tmp_path: Path) -> None:
        for name in ("a", "b"):
            executor.submit(job_in(tmp_path / name, "meet"))
        assert sorted(ended.attempt for ended in wait_for(executor, 2)) == ["a", "b"]

    def test_submitting_what_runs_already_changes_nothing(self, executor: Executor, tmp_path: Path) -> None:
        job = job_in(tmp_path / "one", "leave_pid")
        executor.submit(job)
        executor.submit(job)
        wait_for(executor, 1)
        assert executor.poll(0.2) == []

    def test_how_it_ended_is_told(self, executor: Executor, tmp_path: Path) -> None:
        for name in ("fail", "leave_with_7", "kill_myself"):
            executor.submit(job_in(tmp_path / name, name))
        ended = {each.attempt: each for each in wait_for(executor, 3)}
        assert ended["fail"].exit_code == 1
        assert "ValueError: no" in (tmp_path / "fail" / "log").read_text()
        assert ended["leave_with_7"].exit_code == 7
        assert (ended["kill_myself"].exit_code, ended["kill_myself"].signal) == (None, signal.SIGKILL)

    def test_what_it_used_is_told(self, executor: Executor, tmp_path: Path) -> None:
        executor.submit(job_in(tmp_path / "work", "work_hard"))
        (ended,) = wait_for(executor, 1)
        assert ended.cpu_s >= 0.2
        assert ended.wall_s >= 0.2
        assert ended.peak_bytes >= 100 * _MIB

    def test_one_over_its_time_is_stopped_for_it(self, executor: Executor, tmp_path: Path) -> None:
        executor.submit(job_in(tmp_path / "long", "sleep_long", most_wall_s=0.2))
        (ended,) = wait_for(executor, 1)
        assert (ended.signal, ended.stopped_for) == (signal.SIGKILL, "time")

    def test_one_over_its_memory_is_stopped_alone(self, executor: Executor, tmp_path: Path) -> None:
        executor.submit(job_in(tmp_path / "big", "hold_much", most_memory_bytes=200 * _MIB))
        executor.submit(job_in(tmp_path / "one", "leave_pid"))
        ended = {each.attempt: each for each in wait_for(executor, 2)}
        assert ended["big"].stopped_for == "memory"
        assert ended["one"].exit_code == 0

    def test_stopping_asks_first_and_kills_when_the_grace_is_over(self, executor: Executor, tmp_path: Path) -> None:
        for name in ("sleep_long", "sleep_deaf"):
            executor.submit(job_in(tmp_path / name, name))
            until((tmp_path / name / "started").exists)
            executor.stop(name, grace_s=0.2)
        ended = {each.attempt: each for each in wait_for(executor, 2)}
        assert ended["sleep_long"].signal == signal.SIGTERM
        assert ended["sleep_deaf"].signal == signal.SIGKILL

    def test_stopping_what_does_not_run_changes_nothing(self, executor: Executor) -> None:
        executor.stop("never submitted", grace_s=0.0)
        assert executor.poll(0.0) == []

    def test_what_an_attempt_started_ends_with_it(self, executor: Executor, tmp_path: Path) -> None:
        executor.submit(job_in(tmp_path / "parent", "leave_a_child"))
        wait_for(executor, 1)
        child = int((tmp_path / "parent" / "child").read_text())
        until(lambda: not is_running(child))

    def test_closing_kills_what_runs(self, tmp_path: Path) -> None:
        executor = self.make()
        executor.submit(job_in(tmp_path / "sleep_long", "sleep_long"))
        until((tmp_path / "sleep_long" / "started").exists)
        executor.close()
        pid = int((tmp_path / "sleep_long" / "started").read_text())
        until(lambda: not is_running(pid))


def job_in(
    folder: Path, function: str, *, most_wall_s: float | None = None, most_memory_bytes: int | None = None
) -> Job:
    """One of the functions of this file as an attempt named after its folder."""
    folder.mkdir()
    return Job(
        attempt=folder.name,
        folder=str(folder),
        entry=f"{__name__}:{function}",
        most_wall_s=most_wall_s,
        most_memory_bytes=most_memory_bytes,
    )


def wait_for(executor: Executor, count: int) -> list[Ended]:
    """The next attempts that end."""
    ended: list[Ended] = []
    end = time.monotonic() + _LONG_S
    while len(ended) < count:
        assert time.monotonic() < end, ended
        ended += executor.poll(1.0)
    return ended


def until(happened: Callable[[], bool]) -> None:
    """Wait until something is so."""
    end = time.monotonic() + _LONG_S
    while not happened():
        assert time.monotonic() < end
        time.sleep(0.01)


def is_running(pid: int) -> bool:
    """Whether a process lives; one that nobody waited for does not."""
    try:
        state = Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
    except (FileNotFoundError, ProcessLookupError):
        return False
    return state != "Z"


def prepare(about: str) -> None:
    """Nothing to import."""


def leave_pid(folder: Path) -> int:
    """Print, and say who I am."""
    print("hello")  # noqa: T201  (what it prints is what is tested)
    (folder / "pid").write_text(str(os.getpid()))
    return 0


def meet(folder: Path) -> int:
    """Wait for the other."""
    (folder / "here").touch()
    until(lambda: len(list(folder.parent.glob("*/here"))) == 2)
    return 0


def fail(folder: Path) -> int:
    """Raise."""
    raise ValueError("no")


def leave_with_7(folder: Path) -> int:
    """Say 7."""
    return 7


def kill_myself(folder: Path) -> int:
    """End by a signal that can't be caught."""
    os.kill(os.getpid(), signal.SIGKILL)
    return 0


def work_hard(folder: Path) -> int:
    """Use a fifth of a second and 100 MiB."""
    held = bytearray(os.urandom(1)) * (100 * _MIB)
    start = time.process_time()
    while time.process_time() - start < 0.25:
        held[0] = (held[0] + 1) % 256
    return 0


def sleep_long(folder: Path) -> int:
    """Wait for longer than anybody would."""
    (folder / "started").write_text(str(os.getpid()))
    time.sleep(_LONG_S)
    return 0


def sleep_deaf(folder: Path) -> int:
    """The same, and hear nothing."""
    signal.signal(signal.SIGTERM, signal.SIG_IGN)
    return sleep_long(folder)


def hold_much(folder: Path) -> int:
    """Hold 400 MiB."""
    held = bytearray(os.urandom(1)) * (400 * _MIB)
    time.sleep(_LONG_S)
    return len(held)


def leave_a_child(folder: Path) -> int:
    """Start a process and end before it."""
    pid = os.fork()
    if pid == 0:
        time.sleep(_LONG_S)
        os._exit(0)
    (folder / "child").write_text(str(pid))
    return 0
