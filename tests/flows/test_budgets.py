"""Budgets act at plan, at the start of a run, and while it runs."""

import json

import pytest

JOBS = """
import time
from pathlib import Path

from pressroom.flows import flow, step


@step
def quick(number: int) -> int:
    return number


@step
def endless(folder: str) -> int:
    (Path(folder) / "began").touch()
    while True:
        time.sleep(0.05)


@flow(owner="ads")
def fine(number: int = 1):
    return quick(number)


@flow(owner="ads")
def lasting(folder: str):
    return [quick(0), endless(folder)]
"""

BOOK = """
version = "dear"
valid_from = 2020-01-01T00:00:00Z
currency = "usd"
doc = "a dollar a second and core"
[prices]
usd_per_cpu_s = 1
usd_per_gib_s = 0
usd_per_gib_written = 0
usd_per_gib_read = 0
"""


@pytest.fixture
def dear(project):
    project.write("jobs.py", JOBS)
    project.write("book.toml", BOOK)
    return project


def allow(project, usd):
    text = f'[costs]\nprice_book = "book.toml"\n[budgets.team.ads]\nusd = {usd}\nevery = "30d"\n'
    (project.folder / "pressroom.toml").write_text(text, encoding="utf-8")


def test_a_run_is_stopped_at_the_end_of_its_budget_and_what_was_made_is_kept(dear, tmp_path):
    allow(dear, 2.0)
    said = dear.cli("run", "jobs.py:lasting", f"folder={tmp_path}", code=1)
    assert "budget of team ads" in said
    assert (tmp_path / "began").exists()
    rows = json.loads(dear.python(
        """
        import json
        from pressroom.workspace import open_workspace
        with open_workspace(".") as workspace:
            run = workspace.flows.runs()[-1][1].run
            print(json.dumps([[a.step, a.state, a.cause] for a in workspace.flows.attempts(run)]))
        """
    ))  # fmt: skip
    assert rows == [["quick", "done", None], ["endless", "cancelled", "budget"]]
    billed = {line["step"]: line for line in json.loads(dear.cli("bill", "--json"))["bill"]["lines"]}
    assert billed["endless"]["lost_usd"] == pytest.approx(billed["endless"]["usd"])
    assert billed["endless"]["usd"] >= 1.0
    # What is spent, the next run is refused for before it starts; and the plan says so.
    assert "are spent" in dear.cli("run", "jobs.py:fine", code=1)
    plan = json.loads(dear.cli("run-plan", "jobs.py:fine", "number=2", "--json"))
    assert [each["verdict"] for each in plan["budgets"]] == ["over"]
    allow(dear, 1000.0)
    assert json.loads(dear.cli("run", "jobs.py:fine", "--tier", "interactive", "--json"))["value"] == 1
    assert "There is no tier" in dear.cli("run", "jobs.py:fine", "--tier", "soon", code=1)


BUSY = """
import time

from pressroom.flows import flow, step


@step
def threads_of_one_core() -> int:
    import os

    for _ in range(3):
        if os.fork() == 0:
            break
    while True:
        pass


@flow(owner="ads")
def hungry():
    return threads_of_one_core()
"""


def test_what_runs_is_judged_by_what_it_uses_not_only_by_what_it_asked_for(dear):
    """Four processes that asked for one core spend faster than the clock; killed, they are billed all the same."""
    dear.write("jobs.py", BUSY)
    dear.write("book.toml", BOOK + '[formula]\ncpu = "used"\n')
    allow(dear, 2.0)
    said = dear.cli("run", "jobs.py:hungry", code=1)
    assert "budget of team ads" in said
    (line,) = json.loads(dear.cli("bill", "--json"))["bill"]["lines"]
    assert line["usd"] >= 2.0
    assert line["sources"]["cpu_s"]
