from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.serving import Route, Share
from pressroom.serving.route import choose, ranges
from pressroom.values import BUCKETS, InvalidInput, bucket_of

UNITS = [f"unit {number}" for number in range(400)]


def routes(*parts):
    shares = [Share(model=f"m{place}", share=part, variant=f"v{place}") for place, part in enumerate(parts)]
    return [
        Route(variant=share.variant, model=share.model, version="1.0.0", digest=share.model, low=low, high=high)
        for share, (low, high) in zip(shares, ranges(shares), strict=True)
    ]


def arms(spread, salt="salt"):
    return {unit: choose(spread, salt, unit).variant for unit in UNITS}


@given(st.lists(st.integers(0, 1_000), min_size=1, max_size=6).filter(lambda weights: sum(weights) > 0))
def test_ranges_lie_side_by_side_and_cover_all_buckets(weights):
    parts = [weight / sum(weights) for weight in weights]
    found = ranges([Share(model="m", share=part) for part in parts])
    assert found[0][0] == 0
    assert found[-1][1] == BUCKETS
    assert all(before[1] == after[0] for before, after in pairwise(found))
    for part, (low, high) in zip(parts, found, strict=True):
        assert abs((high - low) - part * BUCKETS) <= 1


@pytest.mark.parametrize("parts", [(), (0.5,), (0.5, 0.4), (0.7, 0.7), (1.5, -0.5), (float("nan"), 0.5), (0.0, 0.0)])
def test_shares_that_do_not_add_up_to_one_are_refused(parts):
    with pytest.raises(InvalidInput, match="shares"):
        ranges([Share(model="m", share=part) for part in parts])


@given(st.lists(st.integers(0, BUCKETS), min_size=2, max_size=8))
def test_a_ramp_moves_nobody_but_those_the_boundary_passes_over(boundaries):
    before = None
    for boundary in boundaries:
        now = arms(routes(boundary / BUCKETS, 1 - boundary / BUCKETS))
        for unit in UNITS:
            assert now[unit] == ("v0" if bucket_of("salt", unit) < boundary else "v1")
            if before is not None:
                passed = min(before[0], boundary) <= bucket_of("salt", unit) < max(before[0], boundary)
                assert (now[unit] != before[1][unit]) == passed
        before = boundary, now


def test_the_same_unit_falls_into_the_same_arm_again_and_another_salt_deals_anew():
    spread = routes(0.5, 0.5)
    assert arms(spread) == arms(spread)
    assert arms(spread) != arms(spread, salt="another")


def test_assignment_does_not_change_from_one_release_to_the_next():
    assert [bucket_of("trial", unit) for unit in ("c1", "Zoë", "")] == [2318, 8294, 7699]


def test_an_arm_without_a_share_answers_nobody():
    assert set(arms(routes(0.0, 1.0)).values()) == {"v1"}
    assert set(arms(routes(1.0, 0.0)).values()) == {"v0"}


def test_one_route_answers_all():
    assert set(arms(routes(1.0)).values()) == {"v0"}
