"""Buckets: the same for ever, even, and independent under different salts."""

import numpy as np
import pytest
import xxhash
from scipy.stats import chi2, chi2_contingency

from pressroom.values import BUCKETS, bucket_of, buckets_of

UNITS = [f"member-{number}" for number in range(200_000)]


@pytest.mark.parametrize(
    ("salt", "unit", "bucket"),
    [("", "", 1_883), ("ranking", "member-1", 462), ("ranking", "member-2", 3_554), ("prices", "member-1", 8_499),
     ("ranking", "größe", 2_087)],
)  # fmt: skip
def test_a_unit_is_in_the_same_bucket_for_ever(salt, unit, bucket):
    assert bucket_of(salt, unit) == bucket


def test_the_hash_is_the_published_one():
    assert xxhash.xxh3_64_intdigest(b"") == 0x2D06_8005_38D3_94C2
    assert bucket_of("", "") == xxhash.xxh3_64_intdigest(b"\0") % 10_000


def test_salt_and_unit_are_kept_apart():
    assert bucket_of("ab", "c") != bucket_of("a", "bc")


def test_many_units_are_each_in_their_own_bucket():
    assert buckets_of("ranking", UNITS[:100]).tolist() == [bucket_of("ranking", unit) for unit in UNITS[:100]]
    assert buckets_of("ranking", []).tolist() == []


@pytest.mark.parametrize("salt", ["ranking", "prices", "x"])
def test_buckets_are_filled_evenly(salt):
    found = buckets_of(salt, UNITS)
    assert 0 <= found.min() <= found.max() < BUCKETS
    counts = np.bincount(found, minlength=BUCKETS)
    expected = len(UNITS) / BUCKETS
    p = chi2.sf(((counts - expected) ** 2 / expected).sum(), BUCKETS - 1)
    assert 1e-4 < p < 1 - 1e-4


@pytest.mark.parametrize(("one", "other"), [("ranking", "prices"), ("exp-1", "exp-2"), ("a", "aa")])
def test_buckets_under_two_salts_are_independent(one, other):
    tenth = [buckets_of(salt, UNITS) // (BUCKETS // 10) for salt in (one, other)]
    table = np.bincount(tenth[0] * 10 + tenth[1], minlength=100).reshape(10, 10)
    assert chi2_contingency(table).pvalue > 1e-4
