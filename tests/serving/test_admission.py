"""Who may wait: laws of the decision, and a worker simulated over a minute of too many requests."""

import heapq
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.serving import TIERS, Cost, admit, batch_rows

WORK = st.fixed_dictionaries({tier: st.floats(0, 1e7) for tier in TIERS})
LONGEST_US = 100_000.0


@given(WORK)
def test_a_lower_tier_is_never_let_in_where_a_higher_one_is_shed(queued):
    admitted = [admit(tier, queued, longest_us=LONGEST_US) is None for tier in TIERS]
    assert admitted == sorted(admitted, reverse=True)


@given(WORK, st.sampled_from(TIERS))
def test_who_is_let_in_waits_no_longer_than_promised(queued, tier):
    ahead = sum(queued[each] for each in TIERS[: TIERS.index(tier) + 1])
    if admit(tier, queued, longest_us=LONGEST_US) is None:
        assert ahead <= LONGEST_US


@given(WORK, st.sampled_from(TIERS))
def test_who_is_shed_is_told_to_come_back_later(queued, tier):
    shed = admit(tier, queued, longest_us=LONGEST_US)
    assert shed is None or shed.retry_after_s >= 1.0


def test_an_idle_worker_lets_everybody_in():
    assert all(admit(tier, {}, longest_us=LONGEST_US) is None for tier in TIERS)


@given(WORK, st.floats(0, 1e9))
def test_work_of_lower_tiers_is_in_no_higher_one_s_way(queued, more):
    crowded = {**queued, "low": queued["low"] + more}
    for tier in ("high", "normal"):
        assert admit(tier, crowded, longest_us=LONGEST_US) == admit(tier, queued, longest_us=LONGEST_US)


@pytest.mark.parametrize("seed", range(5))
def test_at_five_times_its_capacity_a_worker_keeps_the_high_tier_quick_and_sheds_the_low_one(seed):
    unloaded = simulate(seed, {"high": 0.3})
    overloaded = simulate(seed, {"high": 0.3, "low": 4.7})
    assert overloaded["high"].shed == 0
    assert overloaded["high"].p99() <= 3 * unloaded["high"].p99()
    assert overloaded["low"].shed > 0.6 * overloaded["low"].came
    assert overloaded["low"].waits, "what capacity is left is used"
    assert max(overloaded["low"].waits) <= LONGEST_US, "whoever was let in is answered in time"


class Seen:
    def __init__(self):
        self.came, self.shed, self.waits = 0, 0, []

    def p99(self):
        return sorted(self.waits)[int(0.99 * len(self.waits))]


def simulate(seed, loads, *, service_us=1_000.0, seconds=20.0):
    """One worker, one request at a time, the highest tier first; loads are in parts of its capacity."""
    draw, seen = Random(seed), {tier: Seen() for tier in loads}
    arrivals = []
    for tier, load in loads.items():
        now = 0.0
        while now < seconds * 1e6:
            now += draw.expovariate(load / service_us)
            arrivals.append((now, tier))
    queue, queued_us, free_at = [], dict.fromkeys(TIERS, 0.0), 0.0

    def serve(until):
        nonlocal free_at
        while queue and free_at <= until:
            _, came, tier = heapq.heappop(queue)
            queued_us[tier] -= service_us
            free_at = max(free_at, came) + service_us
            seen[tier].waits.append(free_at - came)

    for now, tier in sorted(arrivals):
        serve(now)
        seen[tier].came += 1
        if admit(tier, queued_us, longest_us=LONGEST_US) is not None:
            seen[tier].shed += 1
            continue
        free_at = max(free_at, now) if not queue else free_at
        heapq.heappush(queue, (TIERS.index(tier), now, tier))
        queued_us[tier] += service_us
    serve(float("inf"))
    return seen


@given(st.floats(0, 5_000), st.floats(1, 500))
def test_a_cost_follows_what_batches_took(fixed_us, row_us):
    cost = Cost()
    for _ in range(50):
        for rows in (1, 10, 100):
            cost.learn(rows, fixed_us + row_us * rows)
    for rows in (1, 50, 200):
        assert cost.of(rows) == pytest.approx(fixed_us + row_us * rows, rel=0.05)


def test_of_batches_of_one_size_it_is_known_what_they_took():
    cost = Cost()
    for _ in range(50):
        cost.learn(4, 1_000.0)
    assert cost.of(4) == pytest.approx(1_000.0)
    assert 1_000.0 < cost.of(40) < 10_000.0


def test_a_batch_takes_what_fits_and_never_nothing():
    assert batch_rows(Cost(fixed_us=100.0, row_us=475.0), longest_us=2_000.0) == 4
    assert batch_rows(Cost(row_us=1e6), longest_us=2_000.0) == 1


@given(st.floats(100, 2_000), st.floats(20_000, 2_000_000))
def test_one_pause_of_the_machine_sends_nobody_away(usual_us, pause_us):
    cost = Cost()
    for _ in range(50):
        cost.learn(1, usual_us)
    cost.learn(1, pause_us)
    eight_wait = {"normal": 8 * cost.more(1, longest_us=2_000.0)}
    assert admit("normal", eight_wait, longest_us=100_000.0) is None


@given(st.floats(100, 2_000), st.floats(5_000, 500_000))
def test_what_got_slow_for_good_is_known_soon(usual_us, slow_us):
    cost = Cost()
    for _ in range(50):
        cost.learn(1, usual_us)
    for _ in range(40):
        cost.learn(1, slow_us)
    assert cost.of(1) > 0.8 * slow_us


@given(st.integers(1, 500), st.floats(3_000, 50_000))
def test_requests_that_fill_a_batch_each_wait_for_all_of_each_other(rows, took_us):
    cost = Cost()
    for _ in range(100):
        cost.learn(rows, took_us)
    assert cost.more(rows, longest_us=2_000.0) > 0.9 * took_us


@given(st.floats(50, 150), st.floats(1, 20))
def test_small_requests_share_what_a_batch_costs_besides(fixed_us, row_us):
    cost = Cost()
    for rows in (1, 2, 8, 32) * 20:
        cost.learn(rows, fixed_us + row_us * rows)
    assert cost.more(1, longest_us=2_000.0) < row_us + 0.2 * fixed_us
