"""Single values: what is read as what, and what is refused."""

import math
from datetime import UTC, datetime
from decimal import Decimal

import pytest

from pressroom.facts import EXPECTED, cast_value


@pytest.mark.parametrize(
    ("value", "kind", "read"),
    [
        (3, "int", 3), (3.0, "int", 3), ("3", "int", 3), (b" -3 ", "int", -3), (2**63 - 1, "int", 2**63 - 1),
        (-(2**63), "int", -(2**63)), (Decimal("3.00"), "int", 3),
        (3, "float", 3.0), ("1e3", "float", 1000.0), (b"-0", "float", -0.0), ("inf", "float", math.inf),
        (Decimal("0.1"), "float", 0.1), (2**70, "float", float(2**70)),
        (True, "bool", True), ("TRUE", "bool", True), (b" false ", "bool", False), ("1", "bool", True),
        (b"0", "bool", False), ("ö", "string", "ö"), ("ö".encode(), "string", "ö"), ("", "string", ""),
        ("1970-01-01T00:00:01Z", "timestamp", 1_000_000), (b"1970-01-01T01:00+01:00", "timestamp", 0),
        (datetime(1970, 1, 1, tzinfo=UTC), "timestamp", 0),
    ],
)  # fmt: skip
def test_a_value_that_fits_is_read(value, kind, read):
    got = cast_value(value, kind)
    assert (got, type(got)) == (read, type(read))
    assert math.copysign(1, got) == math.copysign(1, read) if kind == "float" else True


@pytest.mark.parametrize(
    ("value", "kind"),
    [
        (1.5, "int"), ("1.5", "int"), ("1.0", "int"), (2**63, "int"), (-(2**63) - 1, "int"), (True, "int"),
        (math.nan, "int"), (math.inf, "int"), ("", "int"), ("0x1F", "int"), ("1_000", "int"), ("٣", "int"),
        (Decimal("1.5"), "int"), (b"\xff", "int"), ([1], "int"), (None, "int"),
        (True, "float"), ("x", "float"), ("1,5", "float"), ("1_0", "float"), (b"\xff", "float"), (10**400, "float"),
        (1, "bool"), (1.0, "bool"), ("yes", "bool"), (b"\xff", "bool"), ("", "bool"),
        (12, "string"), (b"\xff", "string"), ("\ud800", "string"), (True, "string"),
        (1_357_000_000, "timestamp"), ("yesterday", "timestamp"), (b"\xff", "timestamp"), ("", "timestamp"),
    ],
)  # fmt: skip
def test_a_value_that_does_not_fit_says_what_was_expected(value, kind):
    with pytest.raises(ValueError, match=r".") as refused:
        cast_value(value, kind)
    assert str(refused.value) == EXPECTED[kind]


@pytest.mark.parametrize("value", ["2013-07-01T12:00", b"2013-07-01T12:00", datetime(2013, 7, 1, 12)])  # noqa: DTZ001
def test_a_naive_time_needs_the_zone_that_it_is_local_to(value):
    with pytest.raises(ValueError, match="this one is naive: name the zone it is local to"):
        cast_value(value, "timestamp")
    aware = cast_value("2013-07-01T12:00-04:00", "timestamp")
    assert cast_value(value, "timestamp", zone="America/New_York") == aware
    assert cast_value("2013-07-01T12:00Z", "timestamp", zone="America/New_York") != aware, "a zone in the text wins"
