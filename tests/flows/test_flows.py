"""Flows from the outside: run, fail, try again, stop, be killed, and go on."""

import json
import os
import signal
import sqlite3
import subprocess
import sys
import time
from contextlib import closing

import pytest

JOBS = """
import os
import signal
import time
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pyarrow as pa

from pressroom.flows import flow, step


@dataclass
class Fit:
    rate: float
    score: float


@step
def build(days: int) -> pa.Table:
    print("building", days)
    return pa.table({"x": np.arange(days)})


@step
def fit(rows: pa.Table, rate: float) -> Fit:
    return Fit(rate=rate, score=float(rows["x"].to_numpy().sum()) * rate)


@step
def best(fits: list[Fit]) -> float:
    return max(each.score for each in fits)


@flow(owner="ads")
def nightly(days: int = 4):
    rows = build(days)
    return best([fit(rows, rate) for rate in (0.5, 1.0)])


@step
def broken(days: int) -> int:
    print("about to fail")
    return {}["nothing"] + days


@step
def after(number: int) -> int:
    return number


@flow
def failing():
    return [after(broken(1)), after(2)]


@step(time_limit="200ms")
def slow() -> int:
    time.sleep(60)


@flow
def too_slow():
    return slow()


@step(memory_limit="200MB")
def greedy() -> int:
    held = bytearray(600_000_000)
    time.sleep(60)
    return len(held)


@flow
def too_much():
    return greedy()


@step(retries=3)
def flaky(folder: str) -> int:
    tries = len(list(Path(folder).glob("try-*")))
    (Path(folder) / f"try-{tries}").touch()
    if tries < 2:
        raise ValueError(f"try {tries}")
    return tries


@flow
def patient(folder: str):
    return flaky(folder)


@step
def killed(folder: str) -> int:
    first = Path(folder) / "first"
    if not first.exists():
        first.touch()
        os.kill(os.getpid(), signal.SIGKILL)
    return 7


@flow
def lost(folder: str):
    return killed(folder)


@step
def waits(number: int, folder: str) -> int:
    while number == 2 and not (Path(folder) / "go").exists():
        time.sleep(0.01)
    return number


@flow
def long(folder: str):
    return [waits(number, folder).get() for number in range(4)]


@step
def count(number: int) -> int:
    return number


@step
def pause(number: int) -> int:
    time.sleep(0.5)
    return number


@flow
def twins():
    return [pause(6), pause(6)]


@flow
def decides():
    if count(3).get() > 2:
        return count(4)
    return None


@step
def odd() -> object:
    return object()


@flow
def unkept():
    return odd()


@step
def pair() -> tuple[int, str]:
    return 1, "a"


@flow
def pairs():
    return pair()


@flow
def looks_too_early():
    if count(3):
        return 1
"""


@pytest.fixture
def jobs(project):
    project.write("jobs.py", JOBS)
    return project


def test_a_flow_is_plain_python_outside_of_a_run(jobs):
    assert jobs.python("import jobs; print(jobs.nightly(days=3), jobs.count(5) + 1)") == "building 3\n3.0 6\n"


def test_a_run_makes_each_thing_once_and_later_runs_answer_from_what_is_kept(jobs):
    first = json.loads(jobs.cli("run", "jobs.py:nightly", "days=4", "--json"))
    second = json.loads(jobs.cli("run", "jobs.py:nightly", "--json"))
    assert (first["value"], first["ran"], first["kept"]) == (6.0, 4, 0)
    assert (second["value"], second["ran"], second["kept"]) == (6.0, 0, 4)
    assert json.loads(jobs.cli("run", "jobs.py:nightly", "days=5", "--json"))["ran"] == 4


def test_every_run_and_attempt_is_written_down_with_its_reason(jobs):
    run = json.loads(jobs.cli("run", "jobs.py:nightly", "--json"))["run"]
    told = json.loads(jobs.cli("run-why", run, "--json"))
    assert told["run"]["state"] == "done"
    assert [each["step"] for each in told["attempts"]].count("fit") == 2
    assert {each["reason"] for each in told["attempts"]} == {"it never ran to its end"}
    assert all(each["wall_s"] > 0 and each["peak_bytes"] > 0 for each in told["attempts"])
    assert {line["step"] for line in json.loads(jobs.cli("bill", "--run", run, "--json"))["bill"]["lines"]} == {
        "build",
        "fit",
        "best",
    }
    assert jobs.cli("run-logs", run, "build") == "building 4\n"


def test_a_failure_names_the_step_the_line_and_what_to_try_and_what_could_be_made_is_made(jobs):
    said = jobs.cli("run", "jobs.py:failing", code=1)
    line = next(number for number, text in enumerate(JOBS.splitlines(), 1) if '["nothing"]' in text)
    assert f"broken failed at {jobs.folder / 'jobs.py'}:{line}: user code: KeyError: 'nothing'" in said
    assert "Mend that line" in said
    run = json.loads(jobs.cli("runs", "--json"))["runs"][-1]
    assert run["state"] == "failed"
    states = {each["attempt"]: each["state"] for each in
              json.loads(jobs.cli("run-why", run["run"], "--json"))["attempts"]}  # fmt: skip
    assert sorted(states.values()) == ["done", "failed", "skipped"]
    assert "about to fail" in jobs.cli("run-logs", run["run"], "broken")


def test_resuming_runs_only_what_was_not_made(jobs):
    jobs.cli("run", "jobs.py:failing", code=1)
    run = json.loads(jobs.cli("runs", "--json"))["runs"][-1]["run"]
    path = jobs.folder / "jobs.py"
    path.write_text(path.read_text(encoding="utf-8").replace('{}["nothing"] + days', "days"), encoding="utf-8")
    done = json.loads(jobs.cli("run-resume", run, "--json"))
    assert (done["value"], done["ran"], done["kept"]) == ([1, 2], 2, 1)


def test_debugging_calls_the_step_with_the_inputs_that_it_had(jobs):
    run = json.loads(jobs.cli("run", "jobs.py:nightly", "--json"))["run"]
    assert jobs.cli("run-debug", run, "0002-fit", "--no-pdb").strip() == "Fit(rate=1.0, score=6.0)"


@pytest.mark.parametrize(("flow", "cause"), [("too_slow", "time limit"), ("too_much", "memory")])
def test_a_step_over_its_limit_is_stopped_alone_and_says_so(jobs, flow, cause):
    said = jobs.cli("run", f"jobs.py:{flow}", code=1)
    assert f": {cause}: " in said
    assert "Raise" in said


def test_a_failure_is_tried_again_as_often_as_its_owner_allows_but_not_the_same_one_twice(jobs):
    assert json.loads(jobs.cli("run", "jobs.py:patient", f"folder={jobs.folder}", "--json"))["value"] == 2


def test_a_step_that_is_killed_from_outside_is_tried_again(jobs):
    done = json.loads(jobs.cli("run", "jobs.py:lost", f"folder={jobs.folder}", "--json"))
    assert done["value"] == 7
    causes = [each["cause"] for each in json.loads(jobs.cli("run-why", done["run"], "--json"))["attempts"]]
    assert causes == ["infrastructure", None]


def wait_for(happened) -> None:
    until = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.02)


def start_long(jobs):
    words = [sys.executable, "-m", "pressroom", "run", "jobs.py:long", f"folder={jobs.folder}"]
    process = subprocess.Popen(words, cwd=jobs.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    runs = jobs.folder / "data" / "runs"
    wait_for(lambda: list(runs.glob("*/0002-waits/log")))
    return process, next(runs.iterdir()).name


def kept_results(jobs):
    file = jobs.folder / "data" / "records.sqlite"
    with closing(sqlite3.connect(f"file:{file}?mode=ro", uri=True)) as records:
        return records.execute("SELECT count(*) FROM records WHERE kind = 'step_result'").fetchone()[0]


def test_a_run_whose_process_is_killed_loses_nothing_that_was_made(jobs):
    process, run = start_long(jobs)
    wait_for(lambda: kept_results(jobs) == 2)
    process.send_signal(signal.SIGKILL)
    process.wait()
    wait_for(lambda: json.loads(jobs.cli("runs", "--json"))["runs"][-1]["state"] == "lost")
    (jobs.folder / "go").touch()
    done = json.loads(jobs.cli("run-resume", run, "--json"))
    assert (done["value"], done["kept"]) == ([0, 1, 2, 3], 2)


def test_a_run_can_be_cancelled_and_leaves_no_process(jobs):
    process, run = start_long(jobs)
    jobs.cli("run-cancel", run)
    assert process.wait(60) != 0
    assert json.loads(jobs.cli("runs", "--json"))["runs"][-1]["state"] == "cancelled"
    wait_for(lambda: not any(run in cmdline(pid) for pid in os.listdir("/proc") if pid.isdigit()))


def cmdline(pid: str) -> str:
    try:
        with open(f"/proc/{pid}/cmdline", encoding="utf-8") as file:
            return file.read()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def test_equal_calls_at_once_are_done_once(jobs):
    done = json.loads(jobs.cli("run", "jobs.py:twins", "--json"))
    assert (done["value"], done["ran"], done["kept"]) == ([6, 6], 1, 1)


def test_a_plan_ends_where_only_running_says_what_comes_next(jobs):
    plan = json.loads(jobs.cli("run-plan", "jobs.py:decides", "--json"))
    assert [call["step"] for call in plan["calls"]] == ["count"]
    assert plan["beyond"] == "What comes next depends on what count makes."
    jobs.cli("run", "jobs.py:decides")
    plan = json.loads(jobs.cli("run-plan", "jobs.py:decides", "--json"))
    assert [call["runs"] for call in plan["calls"]] == [False, False]
    assert not plan["beyond"]


def test_what_cannot_be_kept_is_refused_with_what_to_hand_on_instead(jobs):
    assert "Hand on plain data, tables, arrays or files" in jobs.cli("run", "jobs.py:unkept", code=1)


def test_what_is_handed_on_comes_back_as_what_the_annotation_says(jobs):
    assert jobs.run("pairs") == {"pair": "done"}


def test_looking_at_a_value_that_is_not_there_yet_is_refused(jobs):
    assert "Look at its value with .get()" in jobs.cli("run", "jobs.py:looks_too_early", code=1)


def test_a_wrong_parameter_is_named_with_what_is_expected(jobs):
    said = jobs.cli("run", "jobs.py:nightly", "days=many", code=1)
    assert "nightly: the parameter days is 'many'" in said
    assert "days: int = 4" in said


def test_an_unknown_run_is_told_with_the_nearest_name(jobs):
    run = json.loads(jobs.cli("run", "jobs.py:pairs", "--json"))["run"]
    assert run in jobs.cli("run-why", run[:-1], code=1)


def test_many_runs_at_once_neither_lock_each_other_out_nor_lose_a_note(jobs):
    words = [sys.executable, "-m", "pressroom", "run", "jobs.py:nightly", "--json"]
    running = [
        subprocess.Popen([*words, f"days={days}"], cwd=jobs.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE)
        for days in range(1, 9)
    ]
    told = [process.communicate(timeout=120) for process in running]
    assert [process.returncode for process in running] == [0] * 8, told
    runs = json.loads(jobs.cli("runs", "--json"))["runs"]
    assert len(runs) == 8
    assert {run["state"] for run in runs} == {"done"}
