"""Backfills: a flow for every period of a stretch, killed, cancelled, and taken up again."""

import json
import os
import subprocess
import sys
import time
from dataclasses import replace

import pytest

from pressroom.costs import Usage, default_price_book
from pressroom.facts import rows_as_facts
from pressroom.flows import Backfilling, FlowPlan, PeriodTold, Planned, estimate
from pressroom.ports import BackendError
from pressroom.values import Period, parse_instant
from pressroom.workspace import open_workspace

DEFINITIONS = """
import pressroom as pr


class Landing(pr.Fact):
    \"\"\"An aircraft landed.\"\"\"

    tail: pr.Key["aircraft"]
"""
JOBS = """
import os
import time
from pathlib import Path

import pressroom as pr

HERE = str(Path(__file__).parent)


def append(name: str, line: str) -> None:
    with open(f"{HERE}/{name}", "a") as file:
        file.write(line + "\\n")


@pr.step
def count(period: pr.Period, factor: int) -> int:
    append("worked", period.words())
    if period.words() == "2025-01-03" and Path(f"{HERE}/fail").exists():
        raise ValueError("the third is missing")
    while Path(f"{HERE}/wait").exists() and period.words() == "2025-01-03":
        time.sleep(0.01)
    return factor


@pr.flow(reads=["landing"])
def daily(period: pr.Period, factor: int = 1):
    return count(period, factor)


@pr.flow
def always():
    return 1
"""
RANGE = ("--from", "2025-01-01", "--to", "2025-01-06")


@pytest.fixture
def jobs(project):
    project.write("definitions.py", DEFINITIONS)
    project.write("jobs.py", JOBS)
    project.cli("apply")
    return project


def worked(jobs) -> list[str]:
    path = jobs.folder / "worked"
    return path.read_text(encoding="utf-8").splitlines() if path.exists() else []


def backfill(jobs, *words: str, code: int = 0) -> dict:
    done = subprocess.run(
        [sys.executable, "-m", "pressroom", "backfill", "jobs.py:daily", *RANGE, "--json", *words],
        cwd=jobs.folder, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == code, (done.stdout, done.stderr)
    return json.loads(done.stdout)


def days(*numbers: int) -> list[str]:
    return [f"2025-01-{number:02d}" for number in numbers]


def test_every_period_is_run_once_in_the_order_asked_for_and_those_done_are_left_out_with_the_reason(jobs):
    first = backfill(jobs, "--newest-first")
    assert (first["done"], first["skipped"]) == (5, 0)
    assert worked(jobs) == days(5, 4, 3, 2, 1)
    assert [each["period"] for each in first["periods"]] == days(5, 4, 3, 2, 1)
    again = backfill(jobs)
    assert (again["done"], again["skipped"]) == (0, 5)
    plan = backfill(jobs, "--plan")
    assert {each["verdict"] for each in plan["periods"]} == {"skip"}
    assert all(each["reason"].startswith("done in daily-") for each in plan["periods"])
    path = jobs.folder / "jobs.py"
    path.write_text(path.read_text(encoding="utf-8").replace("return factor", "return factor + 1"), encoding="utf-8")
    plan = backfill(jobs, "--plan")
    assert {each["verdict"] for each in plan["periods"]} == {"run"}
    assert "its code or environment is not that of daily-" in plan["periods"][0]["reason"]
    assert plan["expected_wall_s"] > 0
    assert plan["expected_most_s"] >= plan["expected_wall_s"]


def test_a_period_that_fails_is_told_the_others_are_done_and_asking_again_runs_only_what_failed(jobs):
    (jobs.folder / "fail").touch()
    first = backfill(jobs, "--at-once", "2", code=1)
    assert (first["done"], first["failed"]) == (4, 1)
    (failed,) = [each for each in first["periods"] if each["state"] == "failed"]
    assert failed["period"] == "2025-01-03"
    assert "ValueError: the third is missing" in failed["words"]
    (jobs.folder / "fail").unlink()
    assert "it was failed in daily-" in backfill(jobs, "--plan")["periods"][2]["reason"]
    assert backfill(jobs)["done"] == 1
    assert sorted(worked(jobs)) == days(1, 2, 3, 3, 4, 5)


def test_periods_whose_facts_changed_later_are_named_and_run_again_only_when_asked(jobs):
    def land(*events: str) -> None:
        with open_workspace(jobs.folder) as workspace:
            landing = workspace.fact("landing")
            rows = [{"event": parse_instant(each), "known": parse_instant(each), "tail": "N1"} for each in events]
            workspace.facts.append_checked([(landing, rows_as_facts(landing, rows))])

    land("2025-01-02T10:00Z")
    backfill(jobs)
    land("2025-01-02T11:00Z", "2025-01-04T11:00Z", "2025-01-07T11:00Z")
    told = backfill(jobs)
    assert (told["done"], told["skipped"]) == (0, 3)
    assert [each["period"] for each in told["stale"]] == days(2, 4)
    assert told["stale"][0]["reason"].endswith("but 1 more facts of landing since")
    assert worked(jobs) == days(1, 2, 3, 4, 5)
    assert backfill(jobs, "--stale")["done"] == 2
    assert worked(jobs)[5:] == days(2, 4)
    assert backfill(jobs)["stale"] == []


def wait_for(happened) -> None:
    until = time.monotonic() + 60
    while not happened():
        assert time.monotonic() < until
        time.sleep(0.02)


def start(jobs):
    (jobs.folder / "wait").touch()
    words = [sys.executable, "-m", "pressroom", "backfill", "jobs.py:daily", *RANGE]
    process = subprocess.Popen(words, cwd=jobs.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    wait_for(lambda: len(worked(jobs)) == 3)
    return process


def test_a_backfill_that_is_killed_goes_on_where_it_was(jobs):
    process = start(jobs)
    process.kill()
    process.wait()
    (jobs.folder / "wait").unlink()
    # Whoever worked for it ends its period, for nobody told it to stop, and then itself.
    wait_for(
        lambda: (
            not any(
                "work_periods" in command(pid) and str(jobs.folder) in command(pid)
                for pid in os.listdir("/proc")
                if pid.isdigit()
            )
        )
    )
    told = backfill(jobs)
    assert (told["done"], told["skipped"]) == (2, 3)
    assert worked(jobs) == days(1, 2, 3, 4, 5)


def workers(jobs) -> list[str]:
    lines = [command(pid) for pid in os.listdir("/proc") if pid.isdigit()]
    return [line for line in lines if "work_periods" in line and str(jobs.folder) in line]


def command(pid: str) -> str:
    try:
        with open(f"/proc/{pid}/cmdline", encoding="utf-8") as file:
            return file.read()
    except (FileNotFoundError, ProcessLookupError):
        return ""


def test_a_backfill_is_cancelled_in_order_and_only_one_of_a_flow_goes_on(jobs):
    process = start(jobs)
    assert "A backfill of daily goes on" in jobs.cli("backfill", "jobs.py:daily", *RANGE, code=1)
    assert "was asked to stop" in jobs.cli("backfill", "jobs.py:daily", "--cancel")
    assert process.wait(60) == 1
    assert "No backfill of daily" in jobs.cli("backfill", "jobs.py:daily", "--cancel")
    (jobs.folder / "wait").unlink()
    reasons = [each["reason"].split(" in ")[0] for each in backfill(jobs, "--plan")["periods"]]
    assert reasons == ["done", "done", "it was cancelled", "it was never run", "it was never run"]
    states = [run["state"] for run in json.loads(jobs.cli("runs", "--json"))["runs"]]
    assert states == ["done", "done", "cancelled"]


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("jobs.py:always", *RANGE), "always takes no period"),
        (("jobs.py:daily", "--from", "2025-01-01", "--to", "2025-01-02T05:00Z"), "is no edge of periods"),
        (("jobs.py:daily", *RANGE, "--every", "soon"), "no duration"),
    ],
)
def test_a_stretch_or_flow_that_can_mean_nothing_is_refused(jobs, words, said):
    assert said in jobs.cli("backfill", *words, code=1)


class Worker:
    """Works on periods in no time; dies over those that it is told to die over."""

    def __init__(self, deadly: dict[int, int], hired: list["Worker"]) -> None:
        self.deadly = deadly
        self.worked: list[int] = []
        self.closed = False
        hired.append(self)

    def begin(self, period: Period) -> None:
        self.worked.append(period.start)

    def poll(self, wait_s: float) -> PeriodTold | None:
        start = self.worked[-1]
        if self.deadly.get(start, 0):
            self.deadly[start] -= 1
            raise BackendError("gone")
        return PeriodTold(run=f"run-{start}")

    def close(self) -> None:
        self.closed = True


@pytest.mark.parametrize("deaths", [0, 2, 3])
def test_a_period_whose_worker_dies_is_begun_with_another_but_not_for_ever(deaths):
    hired: list[Worker] = []
    deadly = {2: deaths}
    periods = [Period(start=number, end=number + 1) for number in range(5)]
    work = Backfilling(periods, at_once=2, hire=lambda: Worker(deadly, hired), goes_on=lambda: None)
    ends = work.go(lambda end: None)
    states = {end.period.start: end.state for end in ends}
    assert states == dict.fromkeys(range(5), "done") | {2: "failed" if deaths == 3 else "done"}
    assert len(hired) in (1 + deaths, 2 + deaths)
    assert all(worker.closed for worker in hired)


def plan_of(*seconds: tuple[float, ...], needs: dict[int, tuple[int, ...]]) -> FlowPlan:
    calls = tuple(
        Planned(
            number=number, step=f"s{number}", runs=True, reason="", wall_s=None, cpu_s=None, needs=needs.get(number, ())
        )
        for number in range(len(seconds))
    )
    took = {f"s{number}": tuple(Usage(wall_s=one, cpu_s=one) for one in each) for number, each in enumerate(seconds)}
    return FlowPlan(flow="f", calls=calls, beyond="", took=took)


def test_an_estimate_adds_what_runs_after_one_another_and_shares_what_runs_side_by_side():
    prices = default_price_book()
    plan = plan_of((1.0,), (2.0,), (3.0,), (4.0,), needs={3: (1, 2)})
    alone, two = estimate(plan, prices), estimate(plan, prices, slots=2)
    assert (alone.work_s, alone.wall_s, two.work_s, two.wall_s) == (10.0, 10.0, 10.0, 8.0)
    assert alone.usd == pytest.approx(prices.price(Usage(cpu_s=10.0)).usd)
    assert alone.never_ran == 0


def test_what_nine_of_ten_runs_stay_within_is_more_than_the_median_where_attempts_differ():
    plan = plan_of(*[tuple(float(number) for number in range(1, 11))] * 4, needs={})
    found = estimate(plan, default_price_book())
    assert 18 < found.work_s < 26
    assert 26 < found.work_most_s <= 40
    assert found.usd < found.usd_most
    assert estimate(plan, default_price_book()) == found


def test_what_is_kept_costs_nothing_and_what_never_ran_is_counted_as_unknown():
    plan = plan_of((1.0,), (2.0,), needs={})
    kept = replace(plan, calls=tuple(replace(call, runs=False) for call in plan.calls))
    assert estimate(kept, default_price_book()).work_s == 0
    new = replace(plan, took={})
    assert (estimate(new, default_price_book()).never_ran, estimate(new, default_price_book()).usd) == (2, 0.0)
