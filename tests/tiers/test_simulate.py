"""The simulator: days of a cluster in seconds, with the admission that the machine has too."""

import pytest

from pressroom.tiers import TIERS, Quota, Rules, Share, Traced, replay, synthetic_trace

_GIB = 1 << 30


@pytest.fixture(scope="module")
def rules():
    capacity = Share(cpu=256.0, memory_bytes=1024 * _GIB)
    return Rules(capacity=capacity, quotas={f"team-{n}": Quota(sure=capacity.times(0.2)) for n in range(1, 6)})


@pytest.fixture(scope="module")
def trace(rules):
    return synthetic_trace(rules, jobs=3000)


@pytest.fixture(scope="module")
def replayed(rules, trace):
    return replay(rules, trace)


def nth(values, part):
    return sorted(values)[int(part * len(values))]


def test_all_work_of_the_trace_is_done(trace, replayed):
    assert sorted(done.traced.name for done in replayed.done) == [
        each.name for each in sorted(trace, key=lambda e: e.name)
    ]
    for done in replayed.done:
        assert done.took_s() >= done.traced.work_s - 1e-6


def test_production_takes_hardly_longer_than_on_an_empty_cluster(rules, trace, replayed):
    alone = replay(rules, [each for each in trace if each.tier == "production"]).of("production")
    among = replayed.of("production")
    assert len(among) == len(alone) > 300
    for part in (0.5, 0.9, 0.99):
        assert nth([d.took_s() for d in among], part) <= 1.05 * nth([d.took_s() for d in alone], part)
    assert sum(d.took_s() for d in among) <= 1.05 * sum(d.took_s() for d in alone)


def test_backfill_is_stretched_at_most_five_times(replayed):
    assert max(done.stretch() for done in replayed.of("backfill")) <= 5.0


def test_the_cluster_is_used_and_little_is_lost(replayed):
    assert replayed.utilisation() >= 0.9
    assert replayed.lost_cpu_s <= 0.03 * replayed.used_cpu_s


def test_a_stream_of_production_that_never_ends_starves_nobody():
    rules = Rules(capacity=Share(cpu=2.0), floor=0.25)
    stream = [
        Traced(name=f"p{n:03}", tier="production", team="ads", ask=Share(cpu=1.0), comes_s=100.0 * n, work_s=260.0,
               expected_s=260.0)
        for n in range(400)
    ]  # fmt: skip
    low = [
        Traced(name=tier, tier=tier, team="ads", ask=Share(cpu=cpu), comes_s=1.0, work_s=300.0, expected_s=300.0)
        for tier, cpu in zip(TIERS[2:], (1.0, 2.0, 1.0), strict=True)
    ]
    done = {each.traced.name: each for each in replay(rules, [*stream, *low]).done}
    assert all(done[work.name].ended_s < stream[-1].comes_s / 2 for work in low)


def test_a_trace_is_the_same_for_the_same_seed(rules):
    assert synthetic_trace(rules, jobs=50, seed=3) == synthetic_trace(rules, jobs=50, seed=3)
    assert synthetic_trace(rules, jobs=50, seed=3) != synthetic_trace(rules, jobs=50, seed=4)


def test_a_piece_of_work_that_is_stopped_goes_on_from_what_it_put_away():
    rules = Rules(capacity=Share(cpu=1.0), min_run_s=0.0, grace_s=10.0)
    low = Traced(name="low", tier="batch", team="", ask=Share(cpu=1.0), comes_s=0.0, work_s=1000.0, expected_s=0.0,
                 saves_s=100.0)  # fmt: skip
    high = Traced(
        name="high", tier="production", team="", ask=Share(cpu=1.0), comes_s=250.0, work_s=50.0, expected_s=50.0
    )
    done = {each.traced.name: each for each in replay(rules, [low, high]).done}
    assert done["high"].ended_s == 310.0
    # 200 of the first 260 seconds were put away, so 800 are left at 310.
    assert (done["low"].ended_s, done["low"].lost_s, done["low"].stops) == (1110.0, 60.0, 1)


def test_the_load_that_came_is_told():
    rules = Rules(capacity=Share(cpu=2.0))
    work = [
        Traced(
            name=str(n), tier="batch", team="", ask=Share(cpu=1.0), comes_s=100.0 * n, work_s=400.0, expected_s=400.0
        )
        for n in range(11)
    ]
    # Eleven times 400 seconds of a core, on two cores that had a thousand seconds.
    assert replay(rules, work).offered() == pytest.approx(4400 / 2000)
