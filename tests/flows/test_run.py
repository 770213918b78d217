"""Runs: every step is metered and written down, whatever becomes of it."""

import json

import pytest

from pressroom.backends.memory.log import MemoryLog
from pressroom.backends.memory.records import MemoryRecords
from pressroom.backends.memory.tables import MemoryTables
from pressroom.costs import USAGE, Usage, usages_of
from pressroom.facts import Facts
from pressroom.flows import start_run
from pressroom.testing.clock import TurnedClock


@pytest.fixture
def clock():
    return TurnedClock("2013-06-01T00:00Z")


@pytest.fixture
def facts(clock):
    return Facts(log=MemoryLog(), tables=MemoryTables(), records=MemoryRecords(), clock=clock)


@pytest.fixture
def run(facts, clock):
    return start_run("train", facts=facts, clock=clock)


def written(facts):
    return facts.read(USAGE)[0].sort_by("seq").to_pylist()


def test_a_run_has_a_name_of_its_own(facts, clock):
    names = {start_run("train", facts=facts, clock=clock).name for _ in range(20)}
    assert len(names) == 20
    assert all(name.startswith("train-") for name in names)


def test_a_step_that_is_done_is_written_down_with_what_it_used(facts, run, clock):
    with run.step("fit") as meter:
        clock.advance("5min")
        sum(range(10_000))
    (row,) = written(facts)
    assert (row["run"], row["step"], row["outcome"]) == (run.name, "fit", "done")
    assert row["wall_s"] == meter.usage.wall_s > 0
    assert row["peak_bytes"] == meter.usage.peak_bytes > 0
    assert row["event"] == row["known"]
    assert row["event"].isoformat() == "2013-06-01T00:05:00+00:00", "when it ended"


@pytest.mark.parametrize("error", [ValueError, KeyboardInterrupt])
def test_a_step_that_fails_is_written_down_with_the_name_of_its_error_which_goes_on(facts, run, error):
    with pytest.raises(error, match="broken"), run.step("fit"):
        raise error("broken")
    (row,) = written(facts)
    assert (row["step"], row["outcome"]) == ("fit", error.__name__)
    assert row["wall_s"] > 0


def test_steps_follow_each_other_and_nest(facts, run):
    with run.step("train"):
        with run.step("fit"):
            pass
        with run.step("check"):
            pass
    assert [row["step"] for row in written(facts)] == ["fit", "check", "train"]
    assert [step for step, _ in usages_of(facts, run.name)] == ["fit", "check", "train"]


def test_use_that_was_measured_elsewhere_is_written_down_as_it_is(facts, run):
    used = Usage(cpu_s=1.5, wall_s=2.0, peak_bytes=3, read_bytes=4, written_bytes=5)
    run.note("elsewhere", used, outcome="Killed")
    assert usages_of(facts, run.name) == [("elsewhere", used)]
    assert written(facts)[0]["outcome"] == "Killed"


def test_the_use_of_one_run_is_told_from_that_of_another(facts, run, clock):
    other = start_run("train", facts=facts, clock=clock)
    run.note("fit", Usage(cpu_s=1.0))
    other.note("fit", Usage(cpu_s=2.0))
    assert [usage.cpu_s for _, usage in usages_of(facts, run.name)] == [1.0]
    assert len(usages_of(facts)) == 2


def test_what_an_executor_refuses_ends_the_run_and_leaves_the_queue(project):
    project.write(
        "jobs.py",
        """
        import pressroom as pr


        @pr.step(runs_in="container")
        def nowhere() -> int:
            return 1


        @pr.flow
        def lost():
            return nowhere()
        """,
    )
    words = project.cli("run", "jobs.py:lost", code=1)
    assert "image" in words or "container can't be used here" in words
    assert json.loads(project.cli("queue", "--json"))["working"] == []


def test_the_image_in_which_a_result_was_made_is_found_also_when_it_was_kept(project):
    said = project.python(
        """
        from pressroom.flows.attempt_facts import AttemptNote, RunNote
        from pressroom.flows.notebook import Notebook
        from pressroom.workspace import open_workspace

        def attempt(run, state, image, step="fit", result="d1"):
            return AttemptNote(run=run, attempt=f"0001-{step}", step=step, call=1, state=state, reason="", key="k",
                               result=result, image=image)

        with open_workspace(".") as workspace:
            notes = [RunNote(run=run, flow="f", owner="", file="", parameters="{}", state="done") for run in "abc"]
            notes += [attempt("a", "done", "sha256:1"), attempt("b", "kept", None), attempt("c", "done", "sha256:1"),
                      attempt("c", "done", "sha256:2", step="score", result="d2")]
            notebook = Notebook(facts=workspace.facts, clock=workspace.ports.clock)
            for note in notes:
                notebook.tell(note)
            notebook.write(now=True)
            flows = workspace.flows
            print(flows.image_of("a"), flows.image_of("b"), flows.image_of("c", "score"))
            try:
                flows.image_of("c")
            except Exception as error:
                print(error)
        """
    )
    assert said.splitlines()[0] == "sha256:1 sha256:1 sha256:2"
    assert "ran in 2 images" in said
