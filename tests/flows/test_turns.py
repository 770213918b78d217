"""Runs of several processes share one machine: they wait, and make room, for each other. With real processes."""

import json
import subprocess
import sys
import time
from contextvars import copy_context
from dataclasses import replace
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.backends.memory.keys import MemoryKeys
from pressroom.flows import Turns, floor_of
from pressroom.flows.processes import Process, born_s, lives
from pressroom.flows.put_away import safe_at_s, state_is_safe, work_in
from pressroom.flows.turns import Turn, Wish, decide
from pressroom.testing.clock import TurnedClock
from pressroom.tiers import Rules, Share
from pressroom.values import MICROSECONDS

SETTINGS = """
[machine]
cores = 1
min_run = "100ms"
grace = "5s"
"""

JOBS = """
import os
import signal
import time
from contextvars import copy_context
from pathlib import Path

from pressroom.flows import flow, state_is_safe, step


@step
def long(folder: str) -> int:
    tries = Path(folder) / "tries"
    with tries.open("a") as file:
        file.write(f"{os.getpid()}\\n")
    while not (Path(folder) / "go").exists():
        time.sleep(0.02)
    return len(tries.read_text().splitlines())


@step
def stubborn(folder: str) -> int:
    first = not (Path(folder) / "began").exists()
    signal.signal(signal.SIGTERM, lambda *_: (Path(folder) / "asked").touch())
    (Path(folder) / "began").touch()
    while first:
        time.sleep(0.02)
    return 1


@step
def urgent(number: int) -> int:
    return number


@flow(owner="maps", tier="backfill")
def low(folder: str):
    return long(folder)


@flow(owner="maps", tier="backfill")
def deaf(folder: str):
    return stubborn(folder)


@flow(owner="ads", tier="production")
def high(number: int = 1):
    return urgent(number)


@step(memory_limit="4TB")
def large() -> int:
    return 1


@flow
def too_large():
    return large()
"""


@pytest.fixture
def busy(project):
    """A machine of one core."""
    project.write("jobs.py", JOBS)
    (project.folder / "pressroom.toml").write_text(SETTINGS, encoding="utf-8")
    return project


def start(project, flow, **parameters):
    words = [f"{name}={value}" for name, value in parameters.items()]
    return subprocess.Popen(
        [sys.executable, "-m", "pressroom", "run", f"jobs.py:{flow}", *words, "--json"],
        cwd=project.folder, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True,
    )  # fmt: skip


def until(condition):
    for _ in range(1200):
        if condition():
            return
        time.sleep(0.05)
    raise AssertionError("it did not come to pass within a minute")


def usage(project):
    return json.loads(project.cli("bill", "--by", "kind", "--json"))["bill"]["lines"]


def test_backfill_makes_room_for_production_and_goes_on_with_the_same_key(busy, tmp_path):
    tries = tmp_path / "tries"
    low = start(busy, "low", folder=tmp_path)
    until(lambda: tries.exists() and tries.read_text().endswith("\n"))
    seen = json.loads(busy.cli("queue", "--json"))
    assert [(each["tier"], each["team"], each["state"]) for each in seen["working"]] == [
        ("backfill", "maps", "working")
    ]
    done = json.loads(busy.cli("run", "jobs.py:high", "--json"))
    assert (done["ran"], low.poll()) == (1, None)
    until(lambda: len(tries.read_text().splitlines()) == 2)
    (tmp_path / "go").touch()
    out, err = low.communicate(timeout=60)
    assert low.returncode == 0, err
    assert json.loads(out)["value"] == 2
    rows = json.loads(busy.python(
        """
        import json
        from pressroom.workspace import open_workspace
        with open_workspace(".") as workspace:
            runs = [note.run for _, note in workspace.flows.runs() if note.flow == "low"]
            print(json.dumps([[a.state, a.key, a.cause, a.evidence] for a in workspace.flows.attempts(runs[0])]))
        """
    ))  # fmt: skip
    assert [row[0] for row in rows] == ["preempted", "done"]
    assert rows[0][1] == rows[1][1]
    assert rows[0][2] == "preempted"
    assert rows[0][3].startswith("it made room for high-")
    assert {line["kind"]: line["attempts"] for line in usage(busy)} == {"preempted": 1, "useful": 2}
    assert json.loads(busy.cli("queue", "--json"))["working"] == []


def test_what_does_not_end_within_its_grace_is_killed(busy, tmp_path):
    (busy.folder / "pressroom.toml").write_text(SETTINGS.replace("5s", "300ms"), encoding="utf-8")
    deaf = start(busy, "deaf", folder=tmp_path)
    until((tmp_path / "began").exists)
    busy.cli("run", "jobs.py:high")
    assert (tmp_path / "asked").exists()
    out, err = deaf.communicate(timeout=60)
    assert (deaf.returncode, json.loads(out)["value"]) == (0, 1), err


def test_what_can_never_start_is_refused_with_the_reason(busy):
    said = busy.cli("run", "jobs.py:too_large", code=1)
    assert "it asks 1 cores, 4e+03 GB, the machine has" in said


RULES = Rules(capacity=Share(cpu=1.0), min_run_s=1.0)
ONE = Wish(tier="batch", team="ads", ask=Share(cpu=1.0), since_s=0.0)


def turn(name, **changes):
    of = {"tier": "batch", "team": "ads", "ask": Share(cpu=1.0), "since_s": 0.0, "expected_s": 0.0, "attained_s": 0.0}
    return Turn(**{"name": name, "process": 1, "process_born_s": 0.0, **of, **changes})


def test_one_works_and_the_next_starts_when_it_is_over():
    clock = TurnedClock(100 * MICROSECONDS)
    turns = Turns(keys=MemoryKeys(), rules=RULES, clock=clock)
    turns.wish("a", ONE)
    turns.wish("b", ONE)
    assert {name: each.state for name, each in turns.look().items()} == {"a": "working", "b": "waiting"}
    turns.over("a")
    assert {name: each.state for name, each in turns.look().items()} == {"b": "working"}
    turns.leave()
    assert turns.everybody() == ()


@given(
    st.lists(
        st.one_of(
            st.tuples(st.sampled_from(["wish", "put away", "over"]), st.sampled_from("abc")),
            st.just(("look", "")),
        )
    )
)
def test_what_is_over_leaves_the_queue_whatever_it_said_before(said):
    clock = TurnedClock(100 * MICROSECONDS)
    turns = Turns(keys=MemoryKeys(), rules=RULES, clock=clock)
    wished: set[str] = set()
    for verb, name in said:
        clock.advance("1s")
        if verb == "look":
            turns.look()
        elif verb == "wish" and name not in wished:
            turns.wish(name, ONE)
            wished.add(name)
        elif verb == "put away" and name in wished:
            turns.put_away(name, clock.now() / MICROSECONDS)
        elif verb == "over" and name in wished:
            turns.over(name)
            wished.remove(name)
    looked = turns.look()
    assert {each.name for each in turns.everybody()} == set(looked) == wished
    working = [name for name, each in looked.items() if each.state == "working"]
    assert len(working) == min(1, len(wished))


def test_the_turns_of_a_process_that_is_gone_are_nobodys():
    clock, keys = TurnedClock(100 * MICROSECONDS), MemoryKeys()
    first, second = (Turns(keys=keys, rules=RULES, clock=clock) for _ in range(2))
    # As if a process of the same number had been there before.
    first._me = replace(first._me, born_s=first._me.born_s - 1_000.0)
    first.wish("gone", ONE)
    first.look()
    second.wish("mine", ONE)
    assert {name: each.state for name, each in second.look().items()} == {"mine": "working"}


def test_what_was_told_to_stop_stays_told_while_it_puts_its_state_away():
    decided = decide(
        {"low": turn("low", tier="backfill", state="working"), "high": turn("high", tier="production")},
        rules=RULES, now_s=50.0,
    )  # fmt: skip
    assert (decided["low"].state, decided["low"].until, decided["high"].state) == ("stopping", "high", "waiting")
    machine, queue = floor_of(decided.values(), RULES)
    assert (len(machine), len(queue)) == (1, 1)
    later = decide(decided, rules=RULES, gone=["low"], now_s=51.0)
    assert later["high"].state == "working"


def test_a_step_says_when_its_state_is_safe(tmp_path: Path):
    def attempt():
        work_in(tmp_path)
        state_is_safe()

    state_is_safe()
    assert safe_at_s(tmp_path) == 0.0
    copy_context().run(attempt)
    assert safe_at_s(tmp_path) > 0.0


def states(turns):
    return {each.name: each.state for each in turns.everybody()}


def test_a_turn_is_handed_on_within_a_run_without_a_look_into_the_queue():
    clock, keys = TurnedClock(100 * MICROSECONDS), MemoryKeys()
    turns = Turns(keys=keys, rules=RULES, clock=clock)
    for name in ("run/a", "run/b", "run/c"):
        turns.wish(name, ONE)
    turns.look()
    assert turns.hand_on("run/a", "run/b")
    assert turns.look()["run/b"].state == "working"
    assert states(turns) == {"run/a": "working", "run/b": "waiting", "run/c": "waiting"}
    clock.advance("1s")
    turns.look()
    assert states(turns) == {"run/b": "working", "run/c": "waiting"}


def test_a_turn_is_not_handed_on_where_somebody_else_waits():
    clock, keys = TurnedClock(100 * MICROSECONDS), MemoryKeys()
    turns, others = (Turns(keys=keys, rules=RULES, clock=clock) for _ in range(2))
    for name in ("run/a", "run/b"):
        turns.wish(name, ONE)
    turns.look()
    others.wish("other/a", replace(ONE, tier="production"))
    others.look()
    clock.advance("1s")
    turns.look()
    assert not turns.hand_on("run/a", "run/b")
    turns.over("run/a")
    assert turns.look()["run/b"].state == "waiting"
    assert states(turns)["other/a"] == "working"


@pytest.mark.parametrize("by_s", [-10_000, 10_000])
def test_a_clock_that_is_set_keeps_nobody_waiting(by_s):
    clock, keys = TurnedClock(100_000 * MICROSECONDS), MemoryKeys()
    first, second = (Turns(keys=keys, rules=RULES, clock=clock) for _ in range(2))
    first.wish("first/a", ONE)
    first.look()
    second.wish("second/a", ONE)
    second.look()
    first.over("first/a")
    clock.advance(by_s * MICROSECONDS)
    first.look()
    assert second.look()["second/a"].state == "working"


def test_who_was_taken_out_of_the_queue_by_mistake_is_put_back():
    clock, keys = TurnedClock(100 * MICROSECONDS), MemoryKeys()
    turns = Turns(keys=keys, rules=RULES, clock=clock)
    for name in ("run/a", "run/b"):
        turns.wish(name, ONE)
    turns.look()
    keys.delete_many([key for key, _ in keys.scan(b"turn/")])
    clock.advance("1s")
    turns.look()
    assert states(turns) == {"run/a": "working", "run/b": "waiting"}
    turns.over("run/a")
    assert turns.look()["run/b"].state == "working"


def test_a_process_that_only_waits_to_be_buried_is_gone():
    child = subprocess.Popen([sys.executable, "-c", "input()"], stdin=subprocess.PIPE)
    process = Process(number=child.pid, born_s=born_s(child.pid))
    assert lives(process)
    assert not lives(replace(process, born_s=process.born_s - 1.0))
    child.kill()
    until(lambda: not lives(process))
    child.communicate()
    assert not lives(process)
