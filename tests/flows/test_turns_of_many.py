"""The queue as several processes use it: whatever they do and in whatever order, nobody keeps what is not theirs."""

import os
import subprocess
from dataclasses import replace

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from pressroom.backends.memory.keys import MemoryKeys
from pressroom.flows import Turns
from pressroom.flows.processes import Process, born_s
from pressroom.flows.turns import TAKE_S, Wish
from pressroom.testing.clock import TurnedClock
from pressroom.tiers import TIERS, Quota, Rules, Share
from pressroom.values import MICROSECONDS

CORES = 4.0
MOST = {"ads": 4.0, "maps": 2.0}
RULES = Rules(
    capacity=Share(cpu=CORES),
    quotas={"maps": Quota(sure=Share(cpu=1.0), most=Share(cpu=MOST["maps"]))},
    min_run_s=5.0,
    least_patience_s=20.0,
)
ASKS = st.sampled_from([1.0, 2.0, 4.0])


class Runs:
    """One process with its part in the queue, and what its attempts really do: a model that shares no code."""

    def __init__(self, machine, number):
        self.machine = machine
        self.turns = Turns(keys=machine.keys, rules=RULES, clock=machine.clock, lives=machine.lives)
        self.turns._me = Process(number=number, born_s=0.0)
        self.number = number
        self.asked = {}
        self.started = set()

    def look(self):
        """As a run does: start what may start, give back what is to stop before it has started, stop what is told."""
        seen = self.turns.look()
        # A wish may have to wait for the next look, where one like it waits already.
        assert set(seen) <= set(self.asked)
        for name, turn in seen.items():
            if turn.state == "working" and name not in self.started:
                self.started.add(name)
                self.machine.starts(name, self.asked[name])
        return seen

    def end(self, name):
        self.started.discard(name)
        del self.asked[name]
        self.turns.over(name)

    def hand_on(self, name, to):
        """The turn of what is over goes to one like it, without a look; where it may not, it is over all the same."""
        if not self.turns.hand_on(name, to):
            self.end(name)
            return
        self.started.discard(name)
        del self.asked[name]
        self.started.add(to)
        self.machine.starts(to, self.asked[to])


class Queueing(RuleBasedStateMachine):
    """Processes wish, start, put away, end, sleep, die and are taken for dead."""

    def __init__(self):
        super().__init__()
        self.keys = MemoryKeys()
        self.clock = TurnedClock(1_000 * MICROSECONDS)
        self.dead = set()
        self.parts = {}
        self.count = 0
        # Two parts of one process, as two workspaces that it has open, and one of another.
        for part, number in (("a", 1), ("b", 1), ("c", 2)):
            self.parts[part] = Runs(self, number)

    def lives(self, number, born_s):
        return number not in self.dead and born_s == self.born_s()

    def born_s(self):
        return 0.0

    def starts(self, name, wish):
        working = [
            (each, runs.asked[each]) for runs in self.parts.values() for each in runs.started if each in runs.asked
        ]
        assert sum(of.ask.cpu for _, of in working) <= CORES, (name, working)
        for team, most in MOST.items():
            assert sum(of.ask.cpu for _, of in working if of.team == team) <= most, (name, working)

    @rule(part=st.sampled_from("abc"), tier=st.sampled_from(TIERS), team=st.sampled_from(["ads", "maps"]), cpu=ASKS)
    def wish(self, part, tier, team, cpu):
        runs = self.parts.get(part)
        if runs is None or cpu > MOST[team]:
            return
        self.count += 1
        now_s = self.clock.now() / MICROSECONDS
        name = f"{part}/{self.count}"
        runs.asked[name] = Wish(tier=tier, team=team, ask=Share(cpu=cpu), since_s=now_s)
        runs.turns.wish(name, runs.asked[name])

    @rule(part=st.sampled_from("abc"))
    def look(self, part):
        if part in self.parts:
            self.parts[part].look()

    @rule(part=st.sampled_from("abc"), which=st.integers(0, 9), safe=st.booleans())
    def end(self, part, which, safe):
        runs = self.parts.get(part)
        if runs is not None and runs.asked:
            name = sorted(runs.asked)[which % len(runs.asked)]
            if safe:
                runs.turns.put_away(name, self.clock.now() / MICROSECONDS + 1)
            runs.end(name)

    @rule(part=st.sampled_from("abc"), which=st.integers(0, 9), heir=st.integers(0, 9))
    def hand_on(self, part, which, heir):
        runs = self.parts.get(part)
        waiting = sorted(set(runs.asked) - runs.started) if runs is not None else []
        if runs is not None and runs.started and waiting:
            runs.hand_on(sorted(runs.started)[which % len(runs.started)], waiting[heir % len(waiting)])

    @rule(part=st.sampled_from("abc"), which=st.integers(0, 9))
    def put_away(self, part, which):
        runs = self.parts.get(part)
        if runs is not None and runs.started:
            runs.turns.put_away(sorted(runs.started)[which % len(runs.started)], self.clock.now() / MICROSECONDS)

    @rule(seconds=st.sampled_from([1, 6, 30, 100]))
    def time_passes(self, seconds):
        self.clock.advance(seconds * MICROSECONDS)

    @rule(part=st.sampled_from("ab"))
    def close(self, part):
        if part in self.parts:
            self.parts.pop(part).turns.leave()

    @precondition(lambda self: "c" in self.parts)
    @rule()
    def die(self):
        self.dead.add(self.parts.pop("c").number)

    @invariant()
    def all_that_is_asked_for_is_answered_in_the_end(self):
        """Were nobody to ask for more, all would have their turn: nothing that is over is in anybody's way."""
        everybody = {turn.name for turn in self.at_rest()}
        assert everybody == {name for runs in self.parts.values() for name in runs.asked}

    def at_rest(self):
        for _ in range(2):
            self.clock.advance(1 * MICROSECONDS)
            for runs in self.parts.values():
                runs.look()
        if not self.parts:
            return ()
        return next(iter(self.parts.values())).turns.everybody()

    def teardown(self):
        """Let all that works end, again and again: nobody waits for ever."""
        for _ in range(3 * self.count + 5):
            self.clock.advance(int(TAKE_S + 1) * MICROSECONDS)
            for runs in self.parts.values():
                for name, turn in runs.look().items():
                    if turn.state in ("working", "stopping") and name in runs.started:
                        runs.end(name)
        left = {name for runs in self.parts.values() for name in runs.asked}
        assert not left, left


class Sleeping(Queueing):
    """The same, but that processes look only when they please: between two looks others may do anything."""

    @invariant()
    def all_that_is_asked_for_is_answered_in_the_end(self):
        """Only at the end."""


for each in (Queueing, Sleeping):
    each.TestCase.settings = settings(max_examples=60, stateful_step_count=30, deadline=None)
TestQueueing, TestSleeping = Queueing.TestCase, Sleeping.TestCase


def wish(tier="batch", cpu=4.0):
    return Wish(tier=tier, team="ads", ask=Share(cpu=cpu), since_s=1_000.0)


@pytest.fixture
def clock():
    return TurnedClock(1_000 * MICROSECONDS)


def turns(clock, keys, number, lives=lambda number, born_s: True):
    made = Turns(keys=keys, rules=RULES, clock=clock, lives=lives)
    made._me = Process(number=number, born_s=0.0)
    return made


def test_a_turn_that_nobody_comes_for_is_given_to_others_until_its_process_looks_again(clock):
    keys = MemoryKeys()
    first, second, third = (turns(clock, keys, number) for number in (1, 2, 3))
    second.wish("second", wish())
    second.look()
    first.wish("first", wish())
    first.look()
    second.over("second")
    assert second.look() == {}
    # It is the turn of the first, whose process is busy with something else.
    third.wish("third", wish())
    assert third.look()["third"].state == "waiting"
    clock.advance(int(TAKE_S) * MICROSECONDS)
    assert third.look()["third"].state == "working"
    assert {turn.name: turn.state for turn in third.everybody()} == {"first": "away", "third": "working"}
    assert first.look()["first"].state == "waiting"
    third.over("third")
    third.look()
    clock.advance(1 * MICROSECONDS)
    assert first.look()["first"].state == "working"


def test_what_is_to_stop_before_its_process_knew_that_it_may_start_waits_again(clock):
    keys = MemoryKeys()
    low, high = (turns(clock, keys, number) for number in (1, 2))
    high.wish("before", wish())
    high.look()
    low.wish("low", wish("backfill"))
    low.look()
    high.over("before")
    high.look()
    clock.advance(6 * MICROSECONDS)
    high.wish("high", wish("production"))
    high.look()
    assert {turn.name: turn.state for turn in high.everybody()}["low"] == "stopping"
    assert low.look()["low"].state == "waiting"
    clock.advance(1 * MICROSECONDS)
    assert high.look()["high"].state == "working"


def test_two_workspaces_of_one_process_do_not_take_each_others_turns(clock):
    keys = MemoryKeys()
    one, other = turns(clock, keys, 1), turns(clock, keys, 1)
    one.wish("one", wish(cpu=1.0))
    other.wish("other", wish(cpu=1.0))
    assert set(one.look()) == {"one"}
    assert set(other.look()) == {"other"}
    other.leave()
    assert {turn.name for turn in one.everybody()} == {"one"}


def test_whoever_is_taken_for_dead_because_the_clock_was_set_comes_back(clock):
    keys = MemoryKeys()
    here = Turns(keys=keys, rules=RULES, clock=clock)
    here.wish("mine", wish())
    here.look()
    here._me = replace(here._me, born_s=here._me.born_s - 3_600.0)  # as if the clock had been another
    keys.delete_many([key for key, _ in keys.scan(b"")])
    clock.advance(1 * MICROSECONDS)
    assert here.look()["mine"].state == "working"
    assert [turn.name for turn in here.everybody()] == ["mine"]


def test_a_process_that_has_ended_but_was_not_asked_after_holds_nothing(clock):
    keys = MemoryKeys()
    gone = subprocess.Popen(["cat"], stdin=subprocess.PIPE)
    born_at_s = born_s(gone.pid)
    gone.stdin.close()
    os.waitid(os.P_PID, gone.pid, os.WEXITED | os.WNOWAIT)
    theirs, ours = (Turns(keys=keys, rules=RULES, clock=clock) for _ in range(2))
    theirs._me = Process(number=gone.pid, born_s=born_at_s)
    theirs.wish("theirs", wish())
    assert theirs.look()["theirs"].state == "working"
    ours.wish("ours", wish())
    assert ours.look()["ours"].state == "working"
    gone.wait()
