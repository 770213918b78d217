"""Schedulers and runs that are killed for real: each due tick is run once, and whoever should know is told."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from tests.web_hook import WebHook

from pressroom.flows import Cursors, Tick, Ticks
from pressroom.flows.scheduling.cursor import Cursor
from pressroom.values import MICROSECONDS, floor_edge, format_instant
from pressroom.workspace import Workspace, open_workspace

JOBS = """
import time
from pathlib import Path

import pressroom as pr

HERE = str(Path(__file__).parent)


def append(name: str, line: str) -> None:
    with open(f"{HERE}/{name}", "a") as file:
        file.write(line + "\\n")


@pr.step(cache=False)
def work(period: pr.Period) -> int:
    append("worked", str(period.end))
    return 1


@pr.flow(schedule=pr.interval("1h", missed="all", overlap="both"))
def often(period: pr.Period):
    return work(period)


@pr.step
def first(period: pr.Period) -> int:
    append("first", str(period.end))
    return 1


@pr.step
def second(made: int) -> int:
    while not Path(f"{HERE}/go").exists():
        time.sleep(0.01)
    return made


@pr.flow(schedule=pr.interval("1h"))
def slow(period: pr.Period):
    return second(first(period))


@pr.step
def broken() -> int:
    return {}["nothing"]


@pr.flow(owner="ads", schedule=pr.interval("1h"))
def failing():
    return broken()
"""
HOUR = 3600 * MICROSECONDS


def wait_for(happened: Callable[[], object]) -> None:
    until = time.monotonic() + 90
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.03)


@pytest.fixture
def scheduled(tmp_path: Path) -> Iterator["Scheduled"]:
    """A project of which some flow was due in the last hours."""
    (tmp_path / "pressroom.toml").write_text('[schedules]\nfiles = ["jobs.py"]\nat_once = 2\n', encoding="utf-8")
    (tmp_path / "jobs.py").write_text(JOBS, encoding="utf-8")
    with open_workspace(tmp_path) as workspace:
        made = Scheduled(tmp_path, workspace)
        yield made
        made.end()


class Scheduled:
    def __init__(self, folder: Path, workspace: Workspace) -> None:
        self.folder = folder
        self.workspace = workspace
        self.ticks = Ticks(workspace.ports.records)
        self.processes: list[subprocess.Popen[bytes]] = []

    def only(self, name: str, hours: int) -> list[int]:
        """Only this flow is due, for so many hours; at which instants."""
        now = floor_edge(self.workspace.ports.clock.now(), HOUR)
        for each in ("often", "slow", "failing"):
            upto = now - hours * HOUR if each == name else now + HOUR
            if each != name:
                self.workspace.schedules.pause(each)
            Cursors(self.workspace.ports.records).put(each, Cursor(upto=upto))
        return [now - back * HOUR for back in reversed(range(hours))]

    def start(self) -> "subprocess.Popen[bytes]":
        words = [sys.executable, "-m", "pressroom", "schedule", "--keep-on", "--dir", str(self.folder)]
        process = subprocess.Popen(words, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        self.processes.append(process)
        return process

    def lines(self, name: str) -> list[str]:
        path = self.folder / name
        return path.read_text(encoding="utf-8").splitlines() if path.exists() else []

    def of(self, name: str, state: str) -> list[Tick]:
        return [tick for tick in self.ticks.of(name) if tick.state == state]

    def end(self) -> None:
        for process in self.processes:
            process.kill()
            process.wait()
        wait_for(lambda: not any(self.of(name, "running") for name in ("often", "slow", "failing")))


def test_each_tick_is_run_once_though_there_are_two_schedulers_and_both_are_killed_again_and_again(scheduled):
    due = scheduled.only("often", 4)
    for kill_after in range(1, 4):
        both = [scheduled.start(), scheduled.start()]
        wait_for(
            lambda after=kill_after: len([*scheduled.of("often", "running"), *scheduled.of("often", "done")]) >= after
        )
        for process in both:
            process.send_signal(signal.SIGKILL)
            process.wait()
    scheduled.start()
    wait_for(lambda: len(scheduled.of("often", "done")) >= 4)
    assert sorted(map(int, scheduled.lines("worked"))) == due
    assert [tick.at for tick in scheduled.of("often", "done")] == due
    assert all(tick.losses == 0 for tick in scheduled.of("often", "done"))


def test_a_run_that_is_killed_is_begun_again_by_the_next_scheduler_and_makes_nothing_twice(scheduled):
    scheduled.only("slow", 1)
    scheduler = scheduled.start()
    wait_for(lambda: list(scheduled.folder.glob("data/runs/*/0001-second/log")))
    scheduler.kill()
    scheduler.wait()
    (tick,) = scheduled.of("slow", "running")
    assert tick.process is not None
    os.kill(tick.process.pid, signal.SIGKILL)
    (scheduled.folder / "go").touch()
    scheduled.start()
    wait_for(lambda: scheduled.of("slow", "done"))
    (done,) = scheduled.of("slow", "done")
    assert done.losses == 1
    assert scheduled.lines("first") == [str(tick.at)]


def test_an_owner_is_told_of_a_failure_by_a_web_hook_that_did_not_listen_at_first(scheduled, monkeypatch):
    hook = WebHook(refuse=1)
    monkeypatch.setenv("PRESSROOM_NOTICES_WEBHOOK", hook.address)
    (at,) = scheduled.only("failing", 1)
    scheduled.start()
    try:
        wait_for(lambda: hook.taken)
    finally:
        hook.close()
    (notice,) = hook.taken
    assert (notice["owner"], notice["subject"]) == ("ads", "failing failed")
    assert "KeyError: 'nothing'" in notice["text"]
    (line,) = (scheduled.folder / "data" / "notices.jsonl").read_text(encoding="utf-8").splitlines()
    assert json.loads(line) == notice
    (failed,) = scheduled.of("failing", "failed")
    assert failed.run in notice["text"]
    assert format_instant(at) in failed.period.words()


def test_what_changes_in_a_file_is_seen_and_a_file_that_is_broken_is_told_while_others_go_on(scheduled):
    names = [each.name for each in scheduled.workspace.schedules.statuses()]
    assert names == ["often", "slow", "failing"]
    (scheduled.folder / "jobs.py").write_text("1 / 0\n", encoding="utf-8")
    assert scheduled.workspace.schedules.statuses() == []
    (words,) = scheduled.workspace.schedules.wrong().values()
    assert "jobs.py, line 1: ZeroDivisionError" in words
