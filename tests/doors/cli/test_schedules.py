"""schedule, schedules, schedule-pause, schedule-resume: through the command line."""

import signal
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import pytest

JOBS = """
import pressroom as pr


@pr.step
def work(period: pr.Period) -> str:
    return period.words()


@pr.flow(owner="ads", schedule=pr.interval("1s", missed="last"))
def often(period: pr.Period):
    return work(period)


@pr.flow(schedule=pr.cron("0 0 1 1 *", zone="Europe/Zurich"))
def yearly():
    return 1
"""


@pytest.fixture
def scheduled(tmp_path: Path) -> Path:
    (tmp_path / "pressroom.toml").write_text('[schedules]\nfiles = ["scheduled_jobs.py"]\n', encoding="utf-8")
    (tmp_path / "scheduled_jobs.py").write_text(JOBS, encoding="utf-8")
    return tmp_path


def test_a_folder_without_schedules_says_how_to_give_one(run: Any, tmp_path: Path) -> None:
    (tmp_path / "pressroom.toml").touch()
    assert "No flow has a schedule here" in run("schedules", "--dir", tmp_path).out
    assert "Nothing is due" in run("schedule", "--dir", tmp_path).out


def test_schedules_are_shown_paused_and_resumed(run: Any, scheduled: Path) -> None:
    document = run("schedules", "--dir", scheduled, "--json").document()
    often, yearly = document["schedules"]
    assert (often["name"], often["when"], often["owner"], often["paused"]) == ("often", "every 1s", "ads", False)
    assert "nobody sees to it" in often["why"]
    assert yearly["next"].endswith("-12-31T23:00:00Z")
    assert run("schedule-pause", "yearly", "--why", "holidays", "--dir", scheduled).out == "yearly is paused.\n"
    assert "was paused already" in run("schedule-pause", "yearly", "--dir", scheduled).out
    assert ": holidays" in run("schedules", "--dir", scheduled).out
    assert run("schedule-resume", "yearly", "--dir", scheduled).out == "yearly goes on.\n"
    assert run("schedule-resume", "yearly", "--dir", scheduled, "--json").document()["resumed"] is False
    refused = run("schedule-pause", "yeary", "--dir", scheduled)
    assert refused.code == 1
    assert "'yearly'" in refused.err


def test_one_document_cannot_say_what_goes_on_for_ever(run: Any, scheduled: Path) -> None:
    assert run("schedule", "--keep-on", "--json", "--dir", scheduled).code == 2


def test_a_scheduler_that_keeps_on_runs_what_is_due_and_ends_in_order(run: Any, scheduled: Path) -> None:
    words = [sys.executable, "-m", "pressroom", "schedule", "--keep-on", "--dir", str(scheduled)]
    process = subprocess.Popen(words, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    try:
        assert process.stdout is not None
        assert process.stdout.readline().startswith("often: started for ")
    finally:
        process.send_signal(signal.SIGTERM)
        _, said = process.communicate(timeout=60)
    assert process.returncode == 0
    assert "Seeing to the schedules." in said
    until = time.monotonic() + 60
    while (last := run("schedules", "--dir", scheduled, "--json").document()["schedules"][0]["last"]) is None:
        assert time.monotonic() < until
        time.sleep(0.1)
    assert last["state"] == "done"
