"""compact, vacuum, quality, upkeep: through the command line."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pressroom.ports import NoSpace

HEADER = "event,order,customer,store,minutes_late\n"


@pytest.fixture
def settled(run: Any, filled: Path) -> Path:
    """A shop whose deliveries came in three parts."""
    run("settle", "--dir", filled)
    for number in (1, 2):
        (filled / "more.csv").write_text(f"{HEADER}2025-05-02T1{number}:00:00Z,x{number},c001,mill,3.5\n")
        run("append", "delivered", filled / "more.csv", "--known", "event", "--dir", filled)
        run("settle", "--dir", filled)
    return filled


def test_small_files_become_few_and_no_count_changes(run: Any, settled: Path) -> None:
    before = run("status", "--dir", settled, "--json").document()
    said = run("compact", "Delivered", "--dir", settled, "--json")
    assert said.document()["compacted"]["delivered"]["taken_parts"] == 3
    assert run("status", "--dir", settled, "--json").document() == before
    assert "No table has small files" in run("compact", "delivered", "--dir", settled).out


def test_compacting_says_what_became_of_which_table(run: Any, settled: Path) -> None:
    said = run("compact", "--dir", settled)
    assert "delivered: 3 files became 1" in said.out
    assert "ordered:" not in said.out


def test_vacuum_keeps_a_week_unless_told_otherwise(run: Any, settled: Path) -> None:
    run("compact", "--dir", settled)
    assert run("vacuum", "--dir", settled).out == "There is nothing to remove.\n"
    assert "nothing to remove" in run("vacuum", "--keep", "1h", "--dir", settled).out
    said = run("vacuum", "delivered", "--keep", "0", "--dir", settled, "--json")
    assert said.document()["removed"]["delivered"]["files"] == 3
    assert len(list((settled / "data" / "tables" / "delivered").glob("*.parquet"))) == 1
    assert run("status", "--dir", settled).code == 0


@pytest.mark.parametrize("command", ["compact", "vacuum"])
def test_an_unknown_table_is_refused_with_the_nearest_name(run: Any, settled: Path, command: str) -> None:
    said = run(command, "deliverd", "--dir", settled)
    assert said.code == 1
    assert "'delivered'" in said.err


@pytest.mark.parametrize("keep", ["soon", "-1d", ""])
def test_a_time_that_is_none_is_wrong_use(run: Any, settled: Path, keep: str) -> None:
    assert run("vacuum", "--keep", keep, "--dir", settled).code == 2


def test_no_checks_are_said_to_be_none(run: Any, filled: Path) -> None:
    assert run("quality", "--dir", filled).out == "No check is declared.\n"


def test_checks_are_shown_with_what_was_found(run: Any, filled: Path) -> None:
    definitions = filled / "definitions.py"
    text = definitions.read_text()
    text = text.replace("class Delivered(pr.Fact)", 'class Delivered(pr.Fact, unique=("order",), fresh="2h")')
    text = text.replace("minutes_late: pr.Float = pr.field(", "minutes_late: pr.Float = pr.field(high=60, ")
    definitions.write_text(text)
    plan = run("plan", "--dir", filled, "--json")
    assert run("apply", "--dir", filled).code == 0
    assert "checks changed" in plan.out
    (filled / "more.csv").write_text(
        f"{HEADER}2025-05-02T11:00:00Z,x1,c001,mill,3.5\n2025-05-02T12:00:00Z,x1,c001,mill,90\n"
    )
    run("append", "delivered", filled / "more.csv", "--known", "event", "--batch", "may", "--dir", filled)
    said = run("quality", "delivered", "--dir", filled, "--json").document()["checks"]
    found = {(one["check"], one["field"]): (one["measured"], one["passed"], one["batch"]) for one in said}
    assert found["high", "minutes_late"] == (90.0, False, "may")
    assert found["unique", "order"] == (1.0, False, "may")
    assert found["fresh", "event"][1] is False
    shown = run("quality", "--dir", filled).out
    assert all(word in shown for word in ("minutes_late", "<= 60", "90", "NO", "may"))


def test_upkeep_does_what_is_due_and_says_so(run: Any, filled: Path) -> None:
    said = run("upkeep", "--dir", filled)
    assert said.code == 0
    assert "settle: ordered: 4,800 moved to its table." in said.out
    assert "compact: nothing to do." in said.out
    assert "settle: not due before " in run("upkeep", "--dir", filled).out


def test_upkeep_says_it_as_a_document(run: Any, filled: Path) -> None:
    chores = run("upkeep", "--dir", filled, "--json").document()["chores"]
    assert [(one["chore"], one["outcome"]) for one in chores] == [
        ("settle", "done"), ("compact", "done"), ("vacuum", "done"), ("sweep", "done"), ("fresh", "done"),
    ]  # fmt: skip
    assert run("upkeep", "--keep-on", "--json", "--dir", filled).code == 2


def test_upkeep_keeps_on_until_it_is_told_to_stop(filled: Path) -> None:
    with subprocess.Popen(
        [sys.executable, "-m", "pressroom", "upkeep", "--keep-on", "--dir", str(filled)],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    ) as process:
        assert process.stdout is not None
        assert b"moved to its table" in process.stdout.readline()
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=30) == 0


def test_a_chore_that_fails_is_told_and_the_exit_code_says_so(
    run: Any, filled: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise NoSpace("No room.", next_step="Free space.")

    monkeypatch.setattr("pressroom.facts.upkeep.Upkeep.compact", full)
    said = run("upkeep", "--dir", filled)
    assert said.code == 1
    assert "compact: No room. Free space." in said.out
    assert "vacuum: " in said.out
