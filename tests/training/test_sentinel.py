"""Runs that go nowhere, as a sentinel sees them; honest ones are left alone."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.training.sentinel import Sentinel, Tick

GB = 1_000_000_000
STEPS = 2_000


def learning(seed=0, steps=STEPS):
    """Ticks of a run that learns: a step a second, a loss that falls with noise, memory that settles."""
    random = np.random.default_rng(seed)
    for step in range(steps):
        loss = 0.3 + math.exp(-step / 300) * (1 + 0.1 * random.standard_normal()) + 0.02 * random.standard_normal()
        memory = int(2 * GB * (1 - math.exp(-step / 20)) + 1e7 * random.random())
        yield {"at_s": step * 1.0, "loss": loss, "rows": 256, "waited_s": 0.1, "memory_bytes": memory}


def kinds(ticks, **options):
    sentinel = Sentinel(most_memory_bytes=4 * GB, lasts_s=28 * 86_400.0, **options)
    return [alarm.kind for tick in ticks for alarm in sentinel.see(Tick(**tick))]


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_a_run_that_learns_raises_no_alarm(seed):
    assert kinds(learning(seed)) == []


def changed(change):
    return [{**tick, **change(number, tick)} for number, tick in enumerate(learning())]


@pytest.mark.parametrize(
    ("kind", "change"),
    [
        ("not_finite", lambda n, tick: {"loss": math.nan if n == 777 else tick["loss"]}),
        ("spike", lambda n, tick: {"loss": 50.0 if n == 777 else tick["loss"]}),
        ("diverges", lambda n, tick: {"loss": 0.5 + n / 500}),
        ("flat", lambda n, tick: {"loss": 0.69 + 0.01 * math.sin(n * 1.7)}),
        ("slower", lambda n, tick: {"at_s": n + 3.0 * max(0, n - 1_000)}),
        ("waits_for_input", lambda n, tick: {"waited_s": 0.8}),
        ("memory_grows", lambda n, tick: {"memory_bytes": GB + 500_000 * n}),
    ],
)
def test_a_run_that_goes_nowhere_raises_its_alarm_and_no_other(kind, change):
    assert set(kinds(changed(change))) == {kind}


def test_an_alarm_of_one_kind_comes_once_in_five_minutes():
    assert kinds(changed(lambda n, tick: {"loss": math.nan})) == ["not_finite"] * 7


def test_a_run_may_be_silent_for_ten_usual_steps_and_twice_its_longest_pause():
    sentinel = Sentinel()
    assert sentinel.patience_s(5.0) == 5.0
    for tick in learning(steps=100):
        sentinel.see(Tick(**tick))
    assert sentinel.patience_s(5.0) == pytest.approx(10.0)
    assert sentinel.patience_s(300.0) == 300.0
    # An evaluation took 50 s.
    sentinel.see(Tick(at_s=149.0, loss=0.3))
    assert sentinel.patience_s(5.0) == pytest.approx(100.0)


def test_a_run_without_a_loss_is_watched_for_all_else():
    assert set(kinds(changed(lambda n, tick: {"loss": None}))) == set()
    assert set(kinds(changed(lambda n, tick: {"loss": None, "waited_s": 0.8}))) == {"waits_for_input"}


def test_memory_that_will_last_until_the_end_is_left_alone():
    ticks = changed(lambda n, tick: {"memory_bytes": GB + 100_000 * n})
    sentinel = Sentinel(most_memory_bytes=4 * GB, lasts_s=3_000.0)
    assert [alarm for tick in ticks for alarm in sentinel.see(Tick(**tick))] == []
