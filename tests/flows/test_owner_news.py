"""What the owner of a training is told without asking: by a real web hook, once, whoever is killed."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator

import pytest
from tests.web_hook import WebHook

from pressroom.backends.memory.notices import MemoryNotices
from pressroom.backends.memory.records import MemoryRecords
from pressroom.flows import Outbox, load_module
from pressroom.flows.owner_news import News, NewsMeans, OwnerNews
from pressroom.ports import Notice
from pressroom.testing.clock import TurnedClock
from pressroom.workspace import open_workspace

PATIENCE_S = 120.0

JOB = """
    import os
    import signal
    import time
    from pathlib import Path

    import numpy as np

    import pressroom as pr

    LEFT = Path(__file__).parent


    def load_batch(number):
        while number == 40 and not (LEFT / "go_on").exists():
            time.sleep(0.01)


    @pr.step
    def fit(ticks: int) -> float:
        with pr.training_run("news", every="1us", silent_after="1s") as run:
            state = run.state(w=np.zeros(2))
            began = run.tick_number
            for number in run.steps(ticks):
                load_batch(number)
                run.tick(loss=1.0 + number / 100)
                if number == 20 and began <= number:
                    run.save()
                    os.kill(os.getpid(), signal.SIGKILL)
            return 0.0


    @pr.flow(owner="ml-ops")
    def telling(ticks: int = 240):
        return fit(ticks)


    @pr.flow(owner="somebody")
    def other():
        return 1
"""


@pytest.fixture
def hook() -> Iterator[WebHook]:
    made = WebHook()
    yield made
    made.close()


def drive(project, hook: WebHook, *words: str) -> "subprocess.Popen[str]":
    return subprocess.Popen(
        [sys.executable, "-m", "pressroom", *words],
        cwd=project.folder,
        env={**os.environ, "PRESSROOM_NOTICES_WEBHOOK": hook.address},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def subjects(hook: WebHook) -> list[str]:
    return [each["subject"] for each in hook.taken]


def wait_until(so: Callable[[], bool], driver: "subprocess.Popen[str]", hook: WebHook) -> None:
    until = time.monotonic() + PATIENCE_S
    while not so():
        assert driver.poll() is None, driver.communicate()
        assert time.monotonic() < until, hook.taken
        time.sleep(0.02)


def test_an_owner_is_told_of_loss_silence_trouble_and_the_end(project, hook):
    project.write("jobs.py", JOB)
    with drive(project, hook, "run", "jobs.py:telling") as driver:
        wait_until(lambda: "fit is silent" in subjects(hook), driver, hook)
        (project.folder / "go_on").touch()
        _, said = driver.communicate(timeout=PATIENCE_S)
        assert driver.returncode == 0, said
    assert subjects(hook) == [
        "fit was taken up again", "fit is silent", "fit goes on", "fit has trouble at tick 150", "fit is done"
    ]  # fmt: skip
    taken_up, silent, _, trouble, done = (each["text"] for each in hook.taken)
    assert "start 2, from tick 21; before, killed from outside (SIGKILL)" in taken_up
    assert "the last that was heard of it is tick " in silent
    line = next(n for n, text in enumerate(JOB.strip().splitlines(), 1) if "time.sleep" in text)
    assert f"It is at: jobs.py:{line} in load_batch < jobs.py:" in silent.replace(f":{line + 1} ", f":{line} ")
    assert "run-cancel" in silent
    assert "The loss went up from" in trouble
    assert "in 2 starts" in done
    assert {each["owner"] for each in hook.taken} == {"ml-ops"}
    assert len(set(hook.keys)) == len(hook.keys)
    # Whoever looks at the terminal reads it there too.
    assert "fit is silent: " in said


def test_what_a_driver_could_not_tell_is_told_by_the_next_one(project, monkeypatch):
    hook = WebHook(refuse=1)
    try:
        jobs = load_module(project.write("jobs_of_the_lost.py", JOB))
        with drive(project, hook, "run", "jobs_of_the_lost.py:telling") as driver:
            wait_until(lambda: hook.asked > 0, driver, hook)
            os.kill(driver.pid, signal.SIGKILL)
            driver.communicate()
        assert hook.taken == []
        monkeypatch.setenv("PRESSROOM_NOTICES_WEBHOOK", hook.address)
        with open_workspace(project.folder) as workspace:
            workspace.flows.run(jobs.other, {})
            assert workspace.flows.runs()[0][1].state == "lost"
        (lost,) = (each for each in hook.taken if each["subject"] == "fit was lost")
        assert "`pressroom run-resume telling-" in lost["text"]
        assert lost["owner"] == "ml-ops"
        # Nobody finds it a second time.
        with open_workspace(project.folder) as workspace:
            workspace.flows.run(jobs.other, {})
        assert subjects(hook).count("fit was lost") == 1
    finally:
        hook.close()


@pytest.fixture
def told() -> MemoryNotices:
    return MemoryNotices()


@pytest.fixture
def means(told: MemoryNotices) -> NewsMeans:
    clock, records = TurnedClock(), MemoryRecords()
    return NewsMeans(outbox=Outbox({"list": told}, records=records, clock=clock), records=records, clock=clock)


def of(means: NewsMeans) -> OwnerNews:
    return OwnerNews(means, run="nightly-1", owner="ops", shown=lambda words: None)


def flat(means: NewsMeans, about: str = "flat") -> News:
    return News(call=3, about=about, at=means.clock.now(), subject="s", text="It is flat.")


def test_one_trouble_is_told_once_and_again_after_six_hours_with_how_often_it_came(means, told):
    news = of(means)
    for _ in range(5):
        news.tell(flat(means))
        means.clock.advance("5min")
    news.tell(flat(means, "spike"))
    means.clock.advance("6h")
    news.tell(flat(means))
    means.outbox.deliver()
    assert [(name, each.text) for name, each in told.told.items()] == [
        ("nightly-1/0003/flat/1", "It is flat."),
        ("nightly-1/0003/spike/1", "It is flat."),
        ("nightly-1/0003/flat/2", "It is flat. It came 4 times more since it was told last."),
    ]


def test_whoever_is_killed_between_writing_and_remembering_leaves_the_same_notice(means, told, monkeypatch):
    put = MemoryRecords.put

    def killed(self, kind, key, document, *, seen):
        if kind == "told":
            raise KeyboardInterrupt
        return put(self, kind, key, document, seen=seen)

    news = flat(means)
    monkeypatch.setattr(MemoryRecords, "put", killed)
    with pytest.raises(KeyboardInterrupt):
        of(means).tell(news)
    monkeypatch.setattr(MemoryRecords, "put", put)
    assert of(means).tell(news)
    means.outbox.deliver()
    assert list(told.told) == ["nightly-1/0003/flat/1"]
    # Read once more from the journal, it is no news.
    assert not of(means).tell(news)


def test_of_two_who_tell_at_the_same_time_one_does(means):
    asked: list[str] = []

    class Slow:
        def send(self, notice):
            asked.append(notice.id)
            if len(asked) == 1:
                # Another process looks just now.
                Outbox({"hook": Slow()}, records=means.records, clock=means.clock).deliver()

    means.outbox.post(Notice(id="one", at=means.clock.now(), owner="", subject="s", text="t"))
    Outbox({"hook": Slow()}, records=means.records, clock=means.clock).deliver()
    assert asked == ["one"]
