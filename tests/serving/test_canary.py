import pytest

from pressroom.serving import BOUNDS_US, CANARY, STABLE, CanaryPromise, Tally, broken_promise

PROMISE = CanaryPromise(least=100, most_errors=0.05, most_slower=3.0, most_shift=0.1)


def tally(rows=200, failed=0, each_us=300, mean=0.5):
    made = Tally()
    for _ in range(rows - failed):
        made.note([mean], each_us)
    made.note_failed(failed)
    return made


def judged(canary, stable=None):
    return broken_promise({CANARY: canary, STABLE: stable or tally()}, PROMISE)


def test_a_canary_that_does_as_the_others_do_stays():
    assert judged(tally()) is None


def test_a_young_canary_is_not_judged():
    assert judged(tally(rows=99, failed=99)) is None


def test_too_many_errors_end_it():
    assert judged(tally(failed=10)) is None
    assert "5.5% of its 200 answers failed" in judged(tally(failed=11))


def test_being_much_slower_ends_it():
    assert judged(tally(each_us=900)) is None
    assert "99th percentile is 10,000 us, the others' 500 us" in judged(tally(each_us=9_000))


def test_a_mean_that_moved_too_far_ends_it():
    assert judged(tally(mean=0.59)) is None
    assert "+0.2 from the others'" in judged(tally(mean=0.7))
    assert broken_promise({CANARY: tally(mean=0.9), STABLE: tally()}, CanaryPromise()) is None


def test_without_others_to_compare_with_only_errors_count():
    assert broken_promise({CANARY: tally(each_us=900_000)}, PROMISE) is None
    assert broken_promise({CANARY: tally(failed=100)}, PROMISE)


@pytest.mark.parametrize("each_us", [0, 1, 50, 51, 999_999, 5_000_000])
def test_a_quantile_is_the_bound_of_its_class(each_us):
    found = tally(each_us=each_us).quantile_us(0.99)
    assert found >= min(each_us, BOUNDS_US[-1])
    assert found in (*BOUNDS_US, 2 * BOUNDS_US[-1])
