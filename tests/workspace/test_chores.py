"""Chores: done when due, once, by whoever looks first; whatever the clock does."""

import threading

import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.projects import DAY, HOUR, MINUTE, fill, in_memory
from tests.projects import declared as project

from pressroom.backends.memory.records import MemoryRecords
from pressroom.ports import NoSpace
from pressroom.testing.clock import TurnedClock
from pressroom.workspace import Chores, Settings
from pressroom.workspace.chores import UNFINISHED_US, Chore
from pressroom.workspace.settings import Upkeep


class Desk:
    """Chores that count how often they were done, over one store and one clock."""

    def __init__(self, settle_us=5 * MINUTE, vacuum_us=DAY):
        self.records, self.clock = MemoryRecords(), TurnedClock("2025-04-01T00:00Z")
        self.every = {"settle": settle_us, "vacuum": vacuum_us}
        self.done = []
        self.failing = False
        self.chores = self.another()

    def another(self):
        """What another process has: the same records and clock."""
        chores = tuple(Chore(name=n, every_us=us, do=lambda n=n: self.do(n)) for n, us in self.every.items())
        return Chores(chores, records=self.records, clock=self.clock)

    def do(self, name):
        if self.failing:
            raise NoSpace("No room.", next_step="Free space.")
        self.done.append(name)
        return [f"{name} was done."]


def outcomes(reports):
    return [report.outcome for report in reports]


def test_everything_is_due_at_first_and_then_by_its_own_time():
    desk = Desk()
    assert outcomes(desk.chores.do_due()) == ["done", "done"]
    assert outcomes(desk.chores.do_due()) == ["waits", "waits"]
    desk.clock.advance(5 * MINUTE - 1)
    assert outcomes(desk.chores.do_due()) == ["waits", "waits"]
    assert desk.chores.next_due() == desk.clock.now() + 1
    desk.clock.advance(1)
    reports = desk.chores.do_due()
    assert [report.words() for report in reports] == [
        "settle: settle was done.",
        "vacuum: not due before 2025-04-02T00:00:00Z.",
    ]
    assert desk.done == ["settle", "vacuum", "settle"]


def test_what_is_never_to_be_done_is_not_done():
    desk = Desk(settle_us=None)
    assert outcomes(desk.chores.do_due()) == ["never", "done"]
    assert desk.chores.do_due()[0].words() == "settle: never, by the settings."


def test_of_several_that_look_at_once_one_does_it():
    desk = Desk(vacuum_us=None)
    start = threading.Barrier(8)

    def look():
        start.wait()
        found.extend(outcomes(chores.do_due()) for chores in [desk.another()])

    found = []
    threads = [threading.Thread(target=look) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert desk.done == ["settle"]
    assert sorted(one[0] for one in found).count("done") == 1


def test_while_somebody_is_at_it_others_wait():
    desk = Desk(vacuum_us=None)
    seen = []
    desk.do = lambda name: seen.extend(desk.another().do_due()) or []
    desk.chores.do_due()
    assert outcomes(seen)[0] == "waits"


@pytest.mark.parametrize("every", [5 * MINUTE, DAY])
def test_what_failed_is_told_and_done_again_later(every):
    desk = Desk(settle_us=every, vacuum_us=None)
    desk.failing = True
    (report, _) = desk.chores.do_due()
    assert (report.outcome, report.said) == ("failed", ("No room. Free space.",))
    desk.failing = False
    assert outcomes(desk.chores.do_due())[0] == "waits"
    desk.clock.advance(min(every, UNFINISHED_US))
    assert outcomes(desk.chores.do_due())[0] == "done"


def test_whoever_was_taken_for_gone_does_not_overwrite_the_record():
    desk = Desk(settle_us=DAY, vacuum_us=None)

    def slow(name):
        desk.do = Desk.do.__get__(desk)
        desk.clock.advance(2 * HOUR)
        assert outcomes(desk.another().do_due())[0] == "done"
        return []

    desk.do = slow
    assert outcomes(desk.chores.do_due())[0] == "done"
    assert desk.chores.next_due() == desk.clock.now() + DAY


@given(st.lists(st.integers(-3 * DAY, 3 * DAY), max_size=12))
def test_however_the_clock_jumps_a_chore_is_never_put_off_for_longer_than_its_time(jumps):
    desk = Desk(vacuum_us=None)
    for jump in jumps:
        desk.clock.advance(jump)
        desk.chores.do_due()
        due = desk.chores.next_due()
        assert due is not None
        assert due <= desk.clock.now() + 5 * MINUTE
    desk.clock.advance(5 * MINUTE)
    assert outcomes(desk.chores.do_due())[0] == "done"


def test_a_workspace_settles_compacts_vacuums_and_looks(tmp_path):
    times = Upkeep(settle_every="1min", compact_every="1h", vacuum_every="1d", keep="1d", fresh_every="never")
    workspace = in_memory(settings=Settings(folder=tmp_path, upkeep=times))
    fill(workspace, project(tmp_path))
    reports = workspace.chores.do_due()
    assert outcomes(reports) == ["done", "done", "done", "done", "never"]
    assert reports[0].said[0].endswith("moved to its table.")
    assert workspace.facts.settle() == {}


def test_facts_that_are_not_as_fresh_as_they_promise_are_named(tmp_path):
    definitions = project(tmp_path, DEFINED.replace("FRESH", "2h"))
    workspace = in_memory()
    workspace.apply(definitions)
    *_, report = workspace.chores.do_due()
    assert report.said == ("opened: no fact at all, expected at most 2h.",)


DEFINED = '''
import pressroom as pr

class Opened(pr.Fact, fresh="FRESH"):
    """A shop opened."""
    shop: pr.Key["shop"]
'''
