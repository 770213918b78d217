"""Progress while a step runs; limits where nobody could keep them; many runs at once."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from pressroom.flows import BadFlow, Progress, load_module, progress, read_progress, step
from pressroom.flows.progress import telling_to
from pressroom.workspace import open_workspace

JOBS = """
import time
from pathlib import Path

import pressroom as pr


@pr.step
def fit(folder: str) -> int:
    for number in range(1, 4):
        pr.progress(number, 3, loss=1 / number)
        time.sleep(0.12)
    while not (Path(folder) / "seen").exists():
        time.sleep(0.01)
    return 1


@pr.flow
def train(folder: str):
    return fit(folder)


@pr.flow
def closed():
    @pr.step(memory_limit="1GB")
    def inner() -> int:
        return 1

    return inner()


@pr.step(inline=True)
def quick(run: int, number: int) -> int:
    return run * number


@pr.step(inline=True)
def add(numbers: list[int]) -> int:
    return sum(numbers)


@pr.flow
def many(run: int):
    return add([quick(run, number) for number in range(4)])
"""


@pytest.fixture
def jobs(project):
    project.write("jobs.py", JOBS)
    return project


def test_how_far_a_step_is_and_what_it_has_found_is_seen_while_it_runs(jobs, monkeypatch):
    # A process has one file of a name, and other tests of this one may have had theirs.
    monkeypatch.delitem(sys.modules, "jobs", raising=False)
    seen: list[Progress] = []

    def watch(run: str, call) -> None:
        if call.state == "running" and call.progress is not None:
            seen.append(call.progress)
            if call.progress.done == 3:
                (jobs.folder / "seen").touch()

    with open_workspace(jobs.folder) as workspace:
        train = load_module(jobs.folder / "jobs.py").train
        done = workspace.flows.run(train, {"folder": str(jobs.folder)}, watch=watch)
    assert seen[-1] == Progress(done=3, total=3, found={"loss": 1 / 3})
    logs = json.loads(jobs.cli("run-logs", done.run, "fit", "--json"))
    assert logs["progress"] == {"done": 3, "total": 3, "found": {"loss": 1 / 3}}
    followed = subprocess.run(
        [sys.executable, "-m", "pressroom", "run-logs", done.run, "fit", "--follow"],
        cwd=jobs.folder, capture_output=True, text=True, check=True,
    )  # fmt: skip
    assert followed.stderr == "fit: 3/3 loss=0.3333\n"


def test_the_last_word_is_written_however_fast_words_follow_each_other(tmp_path):
    assert read_progress(tmp_path) is None
    with telling_to(tmp_path):
        for number in range(1000):
            progress(number, 1000)
        assert read_progress(tmp_path) is not None
    assert read_progress(tmp_path) == Progress(done=999, total=1000)


def test_outside_of_a_run_progress_is_nothing(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    progress(1, 2, anything=object())
    assert not list(tmp_path.iterdir())


def test_what_is_not_plain_is_refused(tmp_path):
    with telling_to(tmp_path), pytest.raises(BadFlow, match="found so far as rows"):
        progress(1, rows=Path())


def test_limits_that_nobody_would_keep_are_refused(jobs):
    with pytest.raises(BadFlow, match="limits that nobody would keep"):
        step(inline=True, time_limit="1s")
    for command in ("run", "run-plan"):
        said = jobs.cli(command, "jobs.py:closed", code=1)
        assert "inner has limits that nobody would keep" in said
        assert "Define it at the top of the file" in said


def test_sixty_four_runs_at_once_lock_nobody_out_and_lose_no_note(jobs):
    """Forked from one process that has imported everything, so that they write at the same time and not one after the
    other as they come up.
    """
    printed = jobs.python(
        """
        import os, sys, time, traceback
        from pathlib import Path
        from pressroom.flows import load_module
        from pressroom.workspace import open_workspace
        many = load_module(Path("jobs.py")).many
        begin = time.monotonic() + 0.5
        children = []
        for number in range(64):
            pid = os.fork()
            if pid == 0:
                code = 1
                try:
                    time.sleep(max(0.0, begin - time.monotonic()))
                    with open_workspace(".") as workspace:
                        code = 0 if workspace.flows.run(many, {"run": number}).value == 6 * number else 2
                except BaseException:
                    traceback.print_exc()
                finally:
                    os._exit(code)
            children.append(pid)
        print([os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1]) for pid in children])
        with open_workspace(".") as workspace:
            runs = [note for _, note in workspace.flows.runs()]
            print(len(runs), {note.state for note in runs})
            from pressroom.flows.attempt_facts import attempts_of
            notes = [note for _, note in attempts_of(workspace.facts)]
            print(len(notes), len({(note.run, note.call) for note in notes}))
        """
    ).splitlines()
    assert printed == [str([0] * 64), "64 {'done'}", "320 320"]
