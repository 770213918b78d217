"""What every Executor must do. The work that it is given is done by the functions of `attempts` and `busy_attempts`.

What an executor does not say that it enforces is not asked of it, but that it refuses whatever asks for it.
"""

import dataclasses
import os
import signal
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from pressroom.ports import ABILITIES, Ability, Ended, Executor, Job, NotEnforced, Used
from pressroom.testing.contracts.attempts import LONG_S, until

PLAIN = "pressroom.testing.contracts.attempts"
BUSY = "pressroom.testing.contracts.busy_attempts"
"""Where the attempts are; those that use processors apart."""
_MIB = 1 << 20


class MakesExecutor:
    """What every contract about executors starts from."""

    def make(self) -> Executor:
        """One that runs nothing yet; what it prepares, if anything, is `prepare` in `attempts`."""
        raise NotImplementedError

    @pytest.fixture
    def executor(self) -> Iterator[Executor]:
        """One, closed after the test."""
        made = self.make()
        yield made
        made.close()


class ExecutorContract(MakesExecutor):
    """Subclass it and override `make`, and `pytestmark` where it needs something that is not everywhere."""

    def test_an_attempt_runs_in_its_own_process_and_prints_to_its_log(self, executor: Executor, tmp_path: Path) -> None:
        job = job_in(tmp_path / "one", "leave_pid")
        executor.submit(job)
        (ended,) = wait_for(executor, 1)
        assert (ended.attempt, ended.exit_code, ended.signal, ended.stopped_for) == (job.attempt, 0, None, None)
        inside = not executor.abilities.own_process
        assert ((tmp_path / "one" / "pid").read_text() == str(os.getpid())) == inside
        assert (tmp_path / "one" / "log").read_text() == "hello\n"
        assert (executor.log(job), executor.log(job, 2), executor.log(job, 6)) == (b"hello\n", b"llo\n", b"")

    def test_of_what_it_does_not_enforce_it_says_so_before_anything_runs(
        self, executor: Executor, tmp_path: Path
    ) -> None:
        can = executor.abilities
        assert can.slots >= 1
        for ability, asks in ASKING.items():
            job = dataclasses.replace(job_in(tmp_path / ability, "leave_pid"), **asks)
            if ability in can.enforces:
                continue
            with pytest.raises(NotEnforced, match=can.executor):
                executor.submit(job)
            assert executor.poll(0.0) == []
            assert not (tmp_path / ability / "pid").exists()
        assert set(can.enforces) <= set(ABILITIES)

    def test_attempts_run_side_by_side(self, executor: Executor, tmp_path: Path) -> None:
        if executor.abilities.slots < 2:
            pytest.skip("it runs one at a time")
        for name in ("a", "b"):
            executor.submit(job_in(tmp_path / name, "meet"))
        until(lambda: all((tmp_path / name / "here").exists() for name in ("a", "b")))
        for name in ("a", "b"):
            (tmp_path / name / "go").touch()
        assert sorted(ended.attempt for ended in wait_for(executor, 2)) == ["a", "b"]

    def test_submitting_what_runs_already_changes_nothing(self, executor: Executor, tmp_path: Path) -> None:
        job = job_in(tmp_path / "one", "leave_pid")
        executor.submit(job)
        if executor.abilities.own_process:
            executor.submit(job)
        wait_for(executor, 1)
        assert executor.poll(0.2) == []

    def test_what_may_share_a_process_ends_and_prints_each_for_itself(self, executor: Executor, tmp_path: Path) -> None:
        _need_process(executor)
        ended: dict[str, Ended] = {}
        for number, name in enumerate(["leave_pid", "fail", "leave_with_7", "kill_myself", "leave_pid"]):
            job = dataclasses.replace(job_in(tmp_path / f"{number}-{name}", name), warm="one sort")
            executor.submit(job)
            (ended[job.attempt],) = wait_for(executor, 1)
        assert [each.exit_code for each in ended.values()] == [0, 1, 7, None, 0]
        assert ended["3-kill_myself"].signal == signal.SIGKILL
        logs = [(tmp_path / "0-leave_pid" / "log"), (tmp_path / "4-leave_pid" / "log")]
        assert [log.read_text() for log in logs] == ["hello\n", "hello\n"]
        assert "ValueError: no" in (tmp_path / "1-fail" / "log").read_text()

    def test_what_may_share_a_process_finds_it_as_it_was(self, executor: Executor, tmp_path: Path) -> None:
        _need_process(executor)
        said: list[str] = []
        for number, name in enumerate(["say_what_i_am", "change_what_i_am", "say_what_i_am"]):
            job = dataclasses.replace(job_in(tmp_path / f"{number}-{name}", name), warm="one sort")
            executor.submit(job)
            (ended,) = wait_for(executor, 1)
            assert ended.exit_code == 0
            said.append(executor.log(job).decode())
        assert said[0] == said[2]
        assert said[0]

    def test_what_shares_a_process_is_stopped_alone_and_what_it_left_running_is_ended(
        self, executor: Executor, tmp_path: Path
    ) -> None:
        _need_process(executor)
        first, second, third = (
            dataclasses.replace(job_in(tmp_path / name, name), warm="one sort")
            for name in ("leave_a_beat", "sleep_long", "leave_pid")
        )
        executor.submit(first)
        assert wait_for(executor, 1)[0].exit_code == 0
        beat = tmp_path / "leave_a_beat" / "beat"
        assert not beat.exists() or not is_writing(beat)
        executor.submit(second)
        until((tmp_path / "sleep_long" / "started").exists)
        executor.submit(third)
        assert wait_for(executor, 1)[0].attempt == third.attempt
        executor.stop(second.attempt, grace_s=0.0)
        (ended,) = wait_for(executor, 1)
        assert (ended.attempt, ended.exit_code) == (second.attempt, None)

    def test_how_it_ended_is_told(self, executor: Executor, tmp_path: Path) -> None:
        names = ["fail", "leave_with_7", *(["kill_myself"] if executor.abilities.own_process else [])]
        for name in names:
            executor.submit(job_in(tmp_path / name, name))
        ended = {each.attempt: each for each in wait_for(executor, len(names))}
        assert ended["fail"].exit_code == 1
        assert "ValueError: no" in (tmp_path / "fail" / "log").read_text()
        assert ended["leave_with_7"].exit_code == 7
        if "kill_myself" in ended:
            assert (ended["kill_myself"].exit_code, ended["kill_myself"].signal) == (None, signal.SIGKILL)

    def test_what_it_used_is_told(self, executor: Executor, tmp_path: Path) -> None:
        executor.submit(job_in(tmp_path / "work", "work_hard"))
        (ended,) = wait_for(executor, 1)
        assert ended.cpu_s >= 0.2
        assert ended.wall_s >= 0.2
        assert ended.peak_bytes >= 100 * _MIB

    def test_what_nobody_waited_for_is_counted_too(self, executor: Executor, tmp_path: Path) -> None:
        """The attempt's own process uses next to nothing; one whose parent is gone does."""
        _need_process(executor)
        executor.submit(job_in(tmp_path / "one", "leave_an_orphan_at_work", module=BUSY))
        (ended,) = wait_for(executor, 1)
        assert ended.exit_code == 0, (tmp_path / "one" / "log").read_text()
        assert ended.cpu_s >= 0.5

    def test_what_runs_can_be_asked_what_it_has_used(self, executor: Executor, tmp_path: Path) -> None:
        _need_process(executor)
        job = job_in(tmp_path / "busy_long", "busy_long", module=BUSY)
        assert executor.usage(job) is None
        executor.submit(job)
        until((tmp_path / "busy_long" / "started").exists)
        assert executor.poll(0.01) == []
        until(lambda: _is_known(executor.usage(job)))
        used = executor.usage(job)
        assert used is not None
        assert used.source
        executor.stop(job.attempt, grace_s=0.0)
        wait_for(executor, 1)
        assert executor.usage(job) is None

    def test_no_more_cores_are_used_than_were_asked_for(self, executor: Executor, tmp_path: Path) -> None:
        """Two processes that are always busy get one core between them."""
        need(executor, "cpu")
        if (os.cpu_count() or 1) < 2:
            pytest.skip("there is but one core")
        executor.submit(dataclasses.replace(job_in(tmp_path / "two", "be_busy_twice", module=BUSY), cpus=1.0))
        (ended,) = wait_for(executor, 1)
        assert ended.exit_code == 0, (tmp_path / "two" / "log").read_text()
        used_s, took_s = map(float, (tmp_path / "two" / "used").read_text().split())
        assert used_s <= 1.3 * took_s

    def test_one_over_its_time_is_stopped_for_it(self, executor: Executor, tmp_path: Path) -> None:
        need(executor, "time")
        executor.submit(job_in(tmp_path / "long", "sleep_long", most_wall_s=0.2))
        (ended,) = wait_for(executor, 1)
        assert (ended.signal, ended.stopped_for) == (signal.SIGKILL, "time")

    def test_one_over_its_disk_is_stopped_for_it(self, executor: Executor, tmp_path: Path) -> None:
        need(executor, "disk")
        executor.submit(dataclasses.replace(job_in(tmp_path / "write_much", "write_much"), most_disk_bytes=50 * _MIB))
        (ended,) = wait_for(executor, 1)
        assert ended.stopped_for == "disk" or "File too large" in (tmp_path / "write_much" / "log").read_text()

    def test_what_it_leaves_in_its_lasting_folder_the_next_attempt_finds(
        self, executor: Executor, tmp_path: Path
    ) -> None:
        lasting = tmp_path / "lasting" / "of_one_key"
        for number in (1, 2):
            job = job_in(tmp_path / f"attempt{number}", "write_on")
            (tmp_path / f"attempt{number}" / "what").write_text(str(lasting))
            executor.submit(dataclasses.replace(job, lasting=str(lasting)))
            (ended,) = wait_for(executor, 1)
            assert ended.exit_code == 0, (tmp_path / f"attempt{number}" / "log").read_text()
        assert (lasting / "inside" / "checkpoint").read_text() == "attempt1 attempt2 "

    def test_what_lies_in_its_lasting_folder_counts_as_disk(self, executor: Executor, tmp_path: Path) -> None:
        need(executor, "disk")
        lasting = tmp_path / "lasting" / "full"
        job = dataclasses.replace(job_in(tmp_path / "fill_lasting", "fill_lasting"), most_disk_bytes=50 * _MIB)
        (tmp_path / "fill_lasting" / "what").write_text(str(lasting))
        executor.submit(dataclasses.replace(job, lasting=str(lasting)))
        assert wait_for(executor, 1)[0].stopped_for == "disk"

    def test_one_over_its_memory_is_stopped_alone(self, executor: Executor, tmp_path: Path) -> None:
        need(executor, "memory")
        executor.submit(job_in(tmp_path / "big", "hold_much", most_memory_bytes=200 * _MIB))
        executor.submit(job_in(tmp_path / "one", "leave_pid"))
        ended = {each.attempt: each for each in wait_for(executor, 2)}
        assert ended["big"].stopped_for == "memory"
        assert ended["one"].exit_code == 0

    def test_stopping_asks_first_and_kills_when_the_grace_is_over(self, executor: Executor, tmp_path: Path) -> None:
        _need_process(executor)
        for name, grace_s in (("sleep_long", LONG_S), ("sleep_deaf", 0.2)):
            executor.submit(job_in(tmp_path / name, name))
            until((tmp_path / name / "started").exists)
            executor.stop(name, grace_s=grace_s)
        ended = {each.attempt: each for each in wait_for(executor, 2)}
        assert ended["sleep_long"].signal == signal.SIGTERM
        assert ended["sleep_deaf"].signal == signal.SIGKILL

    def test_stopping_what_does_not_run_changes_nothing(self, executor: Executor) -> None:
        executor.stop("never submitted", grace_s=0.0)
        assert executor.poll(0.0) == []

    def test_what_an_attempt_started_ends_with_it(self, executor: Executor, tmp_path: Path) -> None:
        _need_process(executor)
        job = job_in(tmp_path / "parent", "leave_a_child")
        executor.submit(job)
        wait_for(executor, 1)
        until(lambda: not is_writing(tmp_path / "parent" / "alive"))

    def test_closing_kills_what_runs(self, tmp_path: Path) -> None:
        executor = self.make()
        _need_process(executor)
        executor.submit(job_in(tmp_path / "beat_long", "beat_long"))
        until((tmp_path / "beat_long" / "alive").exists)
        executor.close()
        until(lambda: not is_writing(tmp_path / "beat_long" / "alive"))


ASKING: dict[Ability, dict[str, Any]] = {
    "cpu": {"cpus": 1.0},
    "memory": {"most_memory_bytes": 1 << 30},
    "gpu": {"gpus": 1},
    "disk": {"most_disk_bytes": 1 << 30},
    "time": {"most_wall_s": 60.0},
    "network": {"network": False},
    "paths": {"isolated": True, "network": True},
    "image": {"image": "nobody/nothing@sha256:" + "0" * 64},
}
"""What a job says to ask for an ability."""


def _is_known(used: Used | None) -> bool:
    """Whether what `busy_long` has used is told."""
    if used is None or used.cpu_s is None or used.memory_bytes is None:
        return False
    return used.cpu_s >= 0.1 and used.memory_bytes >= 10 * _MIB


def need(executor: Executor, ability: Ability) -> None:
    """Skip where it is not enforced, and so not promised."""
    if ability not in executor.abilities.enforces:
        pytest.skip(f"{executor.abilities.executor} does not promise {ability}")


def _need_process(executor: Executor) -> None:
    if not executor.abilities.own_process:
        pytest.skip("it runs in this process")


def job_in(
    folder: Path,
    function: str,
    *,
    module: str = PLAIN,
    most_wall_s: float | None = None,
    most_memory_bytes: int | None = None,
) -> Job:
    """One of the functions of `attempts`, or of another file, as an attempt named after its folder."""
    folder.mkdir()
    return Job(
        attempt=folder.name,
        folder=str(folder),
        entry=f"{module}:{function}",
        most_wall_s=most_wall_s,
        most_memory_bytes=most_memory_bytes,
    )


def wait_for(executor: Executor, count: int) -> list[Ended]:
    """The next attempts that end."""
    ended: list[Ended] = []
    end = time.monotonic() + 2 * LONG_S
    while len(ended) < count:
        assert time.monotonic() < end, ended
        ended += executor.poll(1.0)
    return ended


def is_writing(beat: Path) -> bool:
    """Whether somebody still adds to a file, twenty times a second."""
    size = beat.stat().st_size
    time.sleep(0.2)
    return beat.stat().st_size != size
