"""The scheduler against a clock that is turned: what is due when, what is missed, what waits, and who is told."""

from dataclasses import dataclass, field, replace

import pytest

from pressroom.backends.memory.keys import MemoryKeys
from pressroom.backends.memory.log import MemoryLog
from pressroom.backends.memory.notices import MemoryNotices
from pressroom.backends.memory.records import MemoryRecords
from pressroom.backends.memory.tables import MemoryTables
from pressroom.facts import Facts, UnknownFact, rows_as_facts
from pressroom.flows import Arrivals, Cursors, Lease, Means, Outbox, Scheduler, Tick, Ticks, cron, interval, when
from pressroom.flows.schedules import Schedules
from pressroom.flows.scheduling import lease as leases
from pressroom.flows.scheduling.declared import Declarations, Declared
from pressroom.flows.scheduling.process import Process, this_process
from pressroom.ports import BackendError
from pressroom.testing.clock import TurnedClock
from pressroom.values import FactSchema, FieldSchema, format_instant, parse_instant

LANDING = FactSchema(
    name="landing", doc="An aircraft landed.", fields=(FieldSchema(name="tail", type="string", entity="aircraft"),)
)
DEAD = Process(host=this_process().host, pid=1 << 22, born=0.0)


@dataclass
class Child:
    """A process that was started for a tick; a test says when it ends."""

    code: int | None = None

    def poll(self) -> int | None:
        return self.code


@dataclass
class Floor:
    """Schedules over memory."""

    clock: TurnedClock
    declared: list[Declared]
    records: MemoryRecords = field(default_factory=MemoryRecords)
    keys: MemoryKeys = field(default_factory=MemoryKeys)
    notices: MemoryNotices = field(default_factory=MemoryNotices)
    children: dict[tuple[str, int], Child] = field(default_factory=dict)
    started: list[tuple[str, int]] = field(default_factory=list)
    claims: bool = True

    def __post_init__(self) -> None:
        self.facts = Facts(log=MemoryLog(), tables=MemoryTables(), records=self.records, clock=self.clock)
        self.scheduler = self.another()

    def means(self) -> Means:
        return Means(
            declarations=lambda: Declarations(found=tuple(self.declared), wrong={}),
            launch=self.launch,
            ticks=Ticks(self.records),
            cursors=Cursors(self.records),
            arrivals=Arrivals(facts=self.facts, fact=self.fact),
            outbox=Outbox({"list": self.notices}, records=self.records, clock=self.clock),
            lease=Lease("schedules", keys=self.keys, clock=self.clock),
            clock=self.clock,
            at_once=3,
        )

    def another(self) -> Scheduler:
        """One more who would see to the same schedules."""
        return Scheduler(self.means())

    def fact(self, name: str) -> FactSchema:
        if name != "landing":
            raise UnknownFact(f"There is no fact {name!r} here.")
        return LANDING

    def launch(self, tick: Tick) -> Child:
        child = self.children[tick.name, tick.at] = Child()
        self.started.append((tick.name, tick.at))
        if self.claims:
            Ticks(self.records).claim(tick.name, tick.at, process=this_process(), now=self.clock.now())
        return child

    def finish(self, name: str = "often", state: str = "done") -> None:
        """Every run of a flow comes to its end."""
        ticks = Ticks(self.records)
        for tick in ticks.of(name):
            if tick.state == "running":
                self.children[name, tick.at].code = 0
                ticks.end(tick, state, now=self.clock.now(), run="run")

    def at(self, instant: str, *, finish: bool = True) -> list[str]:
        """Turn the clock and look; the instants that were started."""
        self.clock.set(instant)
        before = len(self.started)
        self.scheduler.turn()
        if finish:
            for each in self.declared:
                self.finish(each.name)
        return [format_instant(at) for _, at in self.started[before:]]

    def states(self, name: str = "often") -> dict[str, str]:
        return {format_instant(tick.at): tick.state for tick in Ticks(self.records).of(name)}

    def status(self):
        return Schedules(self.means(), None).statuses()[0]

    def land(self, *events: str) -> None:
        rows = [{"event": parse_instant(each), "known": parse_instant(each), "tail": "N1"} for each in events]
        self.facts.append_checked([(LANDING, rows_as_facts(LANDING, rows))])


def floor(*schedules) -> Floor:
    declared = [
        Declared(name="often" if not number else f"often{number}", file="jobs.py", owner="ads", schedule=each, reads=())
        for number, each in enumerate(schedules)
    ]
    return Floor(clock=TurnedClock("2025-03-01T10:00Z"), declared=declared)


def test_a_schedule_begins_when_it_is_first_looked_at_and_runs_each_tick_once():
    shop = floor(interval("15min"))
    assert shop.at("2025-03-01T10:00Z") == []
    assert shop.at("2025-03-01T10:14:59Z") == []
    assert shop.at("2025-03-01T10:15Z") == ["2025-03-01T10:15:00Z"]
    assert shop.at("2025-03-01T10:15Z") == []
    assert shop.at("2025-03-01T10:30:01Z") == ["2025-03-01T10:30:00Z"]


@pytest.mark.parametrize(
    ("missed", "run", "left"),
    [("all", ["10:15", "10:30", "10:45", "11:00"], []), ("last", ["11:00"], ["10:15", "10:30", "10:45"]),
     ("none", [], ["10:15", "10:30", "10:45", "11:00"])],
)  # fmt: skip
def test_of_ticks_that_nobody_was_there_for_those_are_run_that_the_rule_says(missed, run, left):
    shop = floor(interval("15min", missed=missed))
    shop.at("2025-03-01T10:00Z")
    started = [*shop.at("2025-03-01T11:05Z"), *(shop.at("2025-03-01T11:05Z")[0] for _ in run[1:])]
    assert started == [f"2025-03-01T{each}:00Z" for each in run]
    states = shop.states()
    assert [at[11:16] for at, state in states.items() if state == "missed"] == left
    assert [at[11:16] for at, state in states.items() if state == "done"] == run


def test_a_tick_that_is_on_time_is_run_though_missed_ones_are_not():
    shop = floor(interval("15min", missed="none"))
    shop.at("2025-03-01T10:00Z")
    assert shop.at("2025-03-01T10:15:20Z") == ["2025-03-01T10:15:00Z"]


def test_a_night_without_half_past_two_runs_it_once_and_one_with_two_of_them_too():
    shop = floor(cron("30 2 * * *", zone="Europe/Zurich"))
    started: list[str] = []
    for start, hours in (("2025-03-29T12:00Z", 24), ("2025-10-25T12:00Z", 24)):
        shop.at(start)
        shop.started.clear()
        for minute in range(0, hours * 60, 10):
            shop.clock.set(parse_instant(start) + minute * 60_000_000)
            shop.scheduler.turn()
            shop.finish()
        started += [format_instant(at) for _, at in shop.started]
    assert started == ["2025-03-30T01:00:00Z", "2025-10-26T00:30:00Z"]


def test_a_clock_that_is_put_back_runs_nothing_twice_and_one_from_the_far_future_leaves_nothing_stuck():
    shop = floor(interval("15min"))
    shop.at("2025-03-01T10:00Z")
    assert shop.at("2025-03-01T10:31Z") == ["2025-03-01T10:30:00Z"]
    assert shop.at("2025-03-01T10:01Z") == []
    assert shop.at("2025-03-01T10:31Z") == []
    assert shop.at("2025-03-01T10:45Z") == ["2025-03-01T10:45:00Z"]
    assert shop.at("2099-01-01T00:00Z") == ["2099-01-01T00:00:00Z"]
    assert shop.at("2025-03-01T10:50Z") == []
    assert shop.at("2025-03-01T11:00Z") == ["2025-03-01T11:00:00Z"]


@pytest.mark.parametrize(
    ("overlap", "second", "after"),
    [("skip", [], []), ("queue", [], ["2025-03-01T10:30:00Z"]), ("both", ["2025-03-01T10:30:00Z"], [])],
)
def test_a_tick_that_comes_due_while_another_runs_goes_by_the_rule(overlap, second, after):
    shop = floor(interval("15min", overlap=overlap))
    shop.at("2025-03-01T10:00Z")
    assert shop.at("2025-03-01T10:15Z", finish=False) == ["2025-03-01T10:15:00Z"]
    assert shop.at("2025-03-01T10:30Z", finish=False) == second
    shop.finish()
    assert shop.at("2025-03-01T10:31Z") == after
    assert shop.states()["2025-03-01T10:30:00Z"] == ("skipped" if overlap == "skip" else "done")


def test_no_more_run_at_once_than_may_and_the_others_follow():
    shop = floor(*[interval("15min")] * 5)
    shop.at("2025-03-01T10:00Z")
    assert len(shop.at("2025-03-01T10:15Z", finish=False)) == 3
    assert len(shop.at("2025-03-01T10:15Z", finish=False)) == 0
    shop.finish("often")
    assert len(shop.at("2025-03-01T10:15Z", finish=False)) == 1


def test_a_period_of_facts_is_run_when_something_was_seen_that_happened_the_lag_after_its_end():
    shop = floor(when("landing", through="1d", lag="2h"))
    shop.land("2025-03-01T09:00Z")
    shop.at("2025-03-01T10:00Z")
    shop.land("2025-03-01T23:00Z")
    assert shop.at("2025-03-02T06:00Z") == []
    assert shop.status().why.startswith(
        "waits for facts landing: complete up to 2025-03-01T21:00:00Z, needs 2025-03-02T00:00:00Z"
    )
    shop.land("2025-03-02T01:59Z")
    assert shop.at("2025-03-02T06:00Z") == []
    shop.land("2025-03-02T02:00Z")
    assert shop.at("2025-03-02T06:00Z") == ["2025-03-02T00:00:00Z"]
    (tick,) = Ticks(shop.records).of("often")
    assert tick.period.words() == "2025-03-01"


def test_facts_that_arrive_together_run_one_period_after_another_and_the_future_proves_nothing():
    shop = floor(when("landing", through="1d"))
    shop.land("2025-03-01T09:00Z")
    shop.at("2025-03-01T10:00Z")
    shop.land("2025-03-04T06:00Z", "2025-03-09T00:00Z")
    assert shop.at("2025-03-04T07:00Z") == ["2025-03-02T00:00:00Z"]
    assert shop.at("2025-03-04T07:00Z") == ["2025-03-03T00:00:00Z"]
    assert shop.at("2025-03-04T07:00Z") == ["2025-03-04T00:00:00Z"]
    assert shop.at("2025-03-04T07:00Z") == []


def test_what_is_complete_already_when_a_schedule_is_first_seen_is_left_to_a_backfill():
    shop = floor(when("landing", through="1d"))
    shop.land("2025-02-20T09:00Z", "2025-02-27T03:00Z")
    shop.at("2025-03-01T10:00Z")
    shop.land("2025-03-01T01:00Z")
    started = [*shop.at("2025-03-01T11:00Z"), *shop.at("2025-03-01T11:00Z")]
    assert started == ["2025-02-28T00:00:00Z", "2025-03-01T00:00:00Z"]


def test_at_the_latest_a_period_runs_whether_its_facts_have_arrived_or_not():
    shop = floor(when("landing", through="1d", at_latest="6h"))
    shop.at("2025-03-01T10:00Z")
    assert shop.at("2025-03-02T05:59Z") == []
    assert "runs at 2025-03-02T06:00:00Z at the latest" in shop.status().why
    assert shop.at("2025-03-02T06:00Z") == ["2025-03-02T00:00:00Z"]


def test_an_unknown_fact_is_told_and_other_schedules_go_on():
    shop = floor(when("launch", through="1d"), interval("15min"))
    shop.at("2025-03-01T10:00Z")
    shop.clock.set("2025-03-01T10:15Z")
    turn = shop.scheduler.turn()
    assert "no fact 'launch'" in turn.wrong["often"]
    assert [tick.name for tick in turn.started] == ["often1"]


def test_a_paused_schedule_runs_nothing_and_afterwards_what_its_rule_says():
    shop = floor(interval("15min", missed="all", overlap="queue"))
    shop.at("2025-03-01T10:00Z")
    schedules = Schedules(shop.means(), None)
    assert schedules.pause("often", "the source is moved")
    assert not schedules.pause("often")
    assert shop.at("2025-03-01T10:35Z") == []
    assert shop.status().why.startswith("paused since 2025-03-01T10:00:00Z: the source is moved")
    assert schedules.resume("often")
    assert not schedules.resume("often")
    started = [*shop.at("2025-03-01T10:35Z"), *shop.at("2025-03-01T10:35Z")]
    assert started == ["2025-03-01T10:15:00Z", "2025-03-01T10:30:00Z"]
    schedules.pause("often")
    shop.clock.set("2025-03-01T11:20Z")
    schedules.resume("often", from_now=True)
    assert shop.at("2025-03-01T11:20Z") == []
    assert shop.at("2025-03-01T11:30Z") == ["2025-03-01T11:30:00Z"]


def test_of_two_one_leads_and_the_other_takes_over_when_it_leaves_or_is_not_heard_of():
    shop = floor(interval("15min"))
    shop.at("2025-03-01T10:00Z")
    other = shop.another()
    assert not other.turn().leads
    shop.scheduler.leave()
    assert other.turn().leads
    assert not shop.scheduler.turn().leads
    shop.clock.advance("31s")
    assert shop.scheduler.turn().leads
    shop.clock.set("2025-02-01T00:00Z")
    assert other.turn().leads, "the lease was made before the clock was put back"


def test_a_leader_that_was_killed_is_followed_at_once(monkeypatch):
    shop = floor(interval("15min"))
    monkeypatch.setattr(leases, "this_process", lambda: DEAD)
    shop.at("2025-03-01T10:00Z")
    monkeypatch.undo()
    assert shop.another().turn().leads


def test_two_who_both_think_that_they_lead_start_each_tick_once():
    shop = floor(interval("15min"))
    shop.at("2025-03-01T10:00Z")
    shop.clock.set("2025-03-01T10:15Z")
    shop.scheduler.turn()
    second = Scheduler(replace(shop.means(), lease=Lease("another", keys=shop.keys, clock=shop.clock)))
    assert second.turn().started == ()
    assert len(shop.started) == 1
    assert Ticks(shop.records).claim("often", shop.started[0][1], process=DEAD, now=0) is None


def test_a_run_whose_process_is_gone_is_begun_again_and_given_up_after_three_and_its_owner_is_told_once():
    shop = floor(interval("15min"))
    shop.at("2025-03-01T10:00Z")
    shop.claims = False
    shop.clock.set("2025-03-01T10:15Z")
    for _ in range(3):
        assert len(shop.scheduler.turn().started) == 1
        (tick,) = Ticks(shop.records).of("often")
        Ticks(shop.records).claim("often", tick.at, process=DEAD, now=shop.clock.now())
        shop.children[tick.name, tick.at].code = -9
    assert shop.scheduler.turn().started == ()
    shop.scheduler.turn()
    assert shop.states() == {"2025-03-01T10:15:00Z": "failed"}
    (notice,) = shop.notices.told.values()
    assert (notice.owner, notice.subject) == ("ads", "often failed")
    assert "its process was lost 3 times" in notice.text


def test_a_process_that_ends_before_it_has_claimed_its_tick_is_started_again():
    shop = floor(interval("15min"))
    shop.at("2025-03-01T10:00Z")
    shop.claims = False
    assert len(shop.at("2025-03-01T10:15Z")) == 1
    assert len(shop.at("2025-03-01T10:15Z")) == 0
    shop.children["often", shop.started[0][1]].code = 1
    assert len(shop.at("2025-03-01T10:15Z")) == 1


def test_a_process_that_cannot_be_started_is_told_and_tried_again():
    shop = floor(interval("15min"))
    shop.at("2025-03-01T10:00Z")
    launch, refused = shop.launch, []

    def refuse(tick: Tick) -> Child:
        if not refused:
            refused.append(tick)
            raise BackendError("no more processes")
        return launch(tick)

    scheduler = Scheduler(replace(shop.means(), launch=refuse))
    shop.scheduler.leave()
    shop.clock.set("2025-03-01T10:15Z")
    assert scheduler.turn().wrong == {"often": "no more processes"}
    assert len(scheduler.turn().started) == 1
    shop.finish()
    assert scheduler.turn().open == 0
    assert not scheduler._launched, "processes that have ended are not kept"


def test_a_schedule_that_ran_for_months_keeps_its_newest_ticks_only_and_runs_no_forgotten_one_again():
    shop = floor(interval("1min"))
    shop.at("2025-03-01T10:00Z")
    for minute in range(1, 260):
        shop.clock.set(parse_instant("2025-03-01T10:00Z") + minute * 60_000_000)
        shop.scheduler.turn()
        shop.finish()
    assert len(shop.states()) <= 202
    assert shop.at("2025-03-01T10:02Z") == []


def test_the_facts_of_a_period_are_others_when_one_comes_late_or_is_taken_back():
    shop = floor(interval("1d"))
    shop.land("2025-03-01T09:00Z", "2025-03-02T09:00Z")
    arrivals = Arrivals(facts=shop.facts, fact=shop.fact)
    day = interval("1d").period(parse_instant("2025-03-02T00:00Z"))
    first = arrivals.in_period(("landing",), day)
    shop.land("2025-03-02T10:00Z")
    assert arrivals.in_period(("landing",), day) == first, "it happened on another day"
    shop.facts.settle()
    assert arrivals.in_period(("landing",), day) == first, "they only moved"
    shop.land("2025-03-01T23:00Z")
    later = arrivals.in_period(("landing",), day)
    assert later.identity != first.identity
    assert (first.rows, later.rows) == ({"landing": 1}, {"landing": 2})
