from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.models.partial.cache import PartialCache
from pressroom.values import InvalidInput


def squares(keys):
    """Parts that say which key they are of."""
    return lambda places: (np.array([[keys[place] ** 2] * 4 for place in places], dtype=np.float64),)


@given(
    batches=st.lists(st.lists(st.integers(0, 30), min_size=1, max_size=12), max_size=12),
    most=st.sampled_from([0, 500, 3_000, 10**6]),
)
def test_every_row_gets_its_own_part_whatever_was_kept_or_dropped(batches, most):
    cache = PartialCache(most)
    for keys in batches:
        (part,) = cache.rows("model", keys, squares(keys))
        assert part[:, 0].tolist() == [key**2 for key in keys]
        assert cache.counts().held_bytes <= most
    counts = cache.counts()
    assert counts.hits + counts.misses == sum(len(set(keys)) if most else len(keys) for keys in batches)


def test_what_was_computed_is_not_computed_again():
    cache = PartialCache()
    cache.rows("model", [1, 2, 2], squares([1, 2, 2]))
    asked = []
    cache.rows("model", [2, 3, 1], lambda places: asked.extend(places.tolist()) or squares([2, 3, 1])(places))
    assert asked == [1]
    assert (cache.counts().hits, cache.counts().misses) == (2, 3)


def test_another_model_never_meets_the_parts_of_this_one():
    cache = PartialCache()
    cache.rows("old", [1], squares([1]))
    (part,) = cache.rows("new", [1], squares([7]))
    assert part[0, 0] == 49


def test_the_least_recently_used_goes_first():
    cache = PartialCache(4_000)
    for key in range(8):
        cache.whole(key, lambda: (np.zeros(100),))
        cache.whole(0, lambda: (np.zeros(100),))
    before = cache.counts().misses
    cache.whole(0, lambda: (np.zeros(100),))
    assert cache.counts().misses == before
    assert cache.counts().dropped > 0


def test_a_part_that_is_larger_than_the_room_is_computed_and_not_kept():
    cache = PartialCache(1_000)
    for _ in range(2):
        (part,) = cache.whole("large", lambda: (np.ones(10_000),))
        assert part.sum() == 10_000
    assert cache.counts().held_bytes == 0


def test_kept_parts_can_not_be_written_to():
    (part,) = PartialCache().whole("k", lambda: (np.ones(3),))
    with pytest.raises(ValueError, match="read-only"):
        part[0] = 2.0


def test_threads_see_their_own_rows():
    cache = PartialCache(20_000)

    def ask(seed):
        keys = np.random.default_rng(seed).integers(0, 200, 50).tolist()
        return all(cache.rows("m", keys, squares(keys))[0][:, 0] == np.array(keys) ** 2)

    with ThreadPoolExecutor(4) as pool:
        assert all(pool.map(ask, range(200)))


def test_room_below_none_is_refused():
    with pytest.raises(InvalidInput, match="-1 bytes"):
        PartialCache(-1)
