"""Batches against their fact: what refuses the batch, and what sets a row aside."""

import math

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.facts import INSTANT, BadBatch, KnownRule, SetAside
from pressroom.facts.check import check

EVENT = "2013-01-01T00:00Z"


def checked(landing, columns, *, known="event", **more):
    return check(pa.table(columns), landing.schema, known=KnownRule.parse(known), now=5_000_000, **more)


def refusal(landing, columns, **more):
    with pytest.raises(BadBatch) as refused:
        checked(landing, columns, **more)
    return str(refused.value)


def test_right_rows_come_out_in_their_order_as_the_fact_has_its_columns(landing):
    got = checked(landing, {"delay": ["1", "2"], "tail": ["N1", "N2"], "event": [EVENT, EVENT]})
    assert got.set_aside == ()
    assert got.table.column_names == ["event", "known", "tail", "delay", "seats", "smooth", "gate", "planned"]
    assert got.table.column("tail").to_pylist() == ["N1", "N2"]
    assert got.table.column("seats").null_count == 2, "an optional column that is missing is null"


def test_a_wrong_type_sets_its_row_aside(landing):
    got = checked(landing, {"event": [EVENT] * 3, "tail": ["N1", "N2", "N3"], "delay": ["1", "x", "3"]})
    assert got.set_aside == (SetAside(row=2, field="delay", value="x", reason="expected a number"),)
    assert got.table.column("tail").to_pylist() == ["N1", "N3"]


def test_a_missing_key_sets_its_row_aside(landing):
    got = checked(landing, {"event": [EVENT] * 2, "tail": [None, "N2"]})
    assert got.set_aside == (SetAside(row=1, field="tail", value="", reason="the key is missing"),)


def test_a_missing_instant_sets_its_row_aside(landing):
    got = checked(landing, {"event": [EVENT, None], "tail": ["N1", "N2"]})
    assert got.set_aside == (SetAside(row=2, field="event", value="", reason="the value is missing"),)


def test_a_naive_time_is_set_aside_without_a_zone_and_read_with_one(landing):
    columns = {"event": ["2013-01-01T00:00"], "tail": ["N1"]}
    assert checked(landing, columns).set_aside == (
        SetAside(
            row=1,
            field="event",
            value="2013-01-01T00:00",
            reason="expected an instant with a zone, like 2013-10-01T05:00Z; this one is naive: "
            "name the zone it is local to",
        ),
    )
    local = checked(landing, columns, zone="America/New_York").table
    assert local.column("event").cast(pa.int64()).to_pylist() == [1_357_016_400_000_000]


def test_a_fraction_a_bool_and_an_overflow_are_no_whole_numbers(landing):
    got = checked(
        landing, {"event": [EVENT] * 4, "tail": list("abcd"), "seats": ["1.5", "true", "9223372036854775808", "4"]}
    )
    assert [(row.row, row.field, row.reason) for row in got.set_aside] == [
        (row, "seats", "expected a whole number of 64 bits") for row in (1, 2, 3)
    ]


def test_bytes_that_are_no_text_are_set_aside(landing):
    got = checked(landing, {"event": [EVENT] * 2, "tail": ["N1", "N2"], "gate": [b"\xff", b"B1"]})
    assert got.set_aside == (SetAside(row=1, field="gate", value="\\xff", reason="expected UTF-8 text"),)


def test_only_the_first_thing_wrong_with_a_row_is_said(landing):
    got = checked(landing, {"event": ["x"], "tail": [None], "delay": ["y"]})
    assert [(row.row, row.field) for row in got.set_aside] == [(1, "event")]


def test_a_row_that_says_the_same_as_an_earlier_one_is_set_aside(landing):
    columns = {"event": [EVENT] * 4, "tail": ["N1", "N2", "N1", "N1"], "delay": [1.0, 1.0, 1.0, 2.0]}
    got = checked(landing, columns)
    assert got.set_aside == (SetAside(row=3, field="", value="row 1", reason="says the same as an earlier row"),)
    assert checked(landing, columns, repeats=True).set_aside == ()


def test_nan_says_the_same_as_nan_and_not_as_null(landing):
    columns = {"event": [EVENT] * 3, "tail": ["N1"] * 3, "delay": [math.nan, None, math.nan]}
    assert [row.row for row in checked(landing, columns).set_aside] == [3]


def test_a_row_is_no_repetition_of_one_that_was_set_aside(landing):
    got = checked(landing, {"event": [EVENT] * 2, "tail": ["N1", "N1"], "delay": ["x", None]})
    assert [row.row for row in got.set_aside] == [1]
    assert got.table.num_rows == 1


@given(
    rows=st.lists(st.tuples(st.integers(0, 2), st.sampled_from("ab"), st.sampled_from([None, 1.0, 2.0])), max_size=12)
)
def test_of_equal_rows_the_first_is_kept(landing, rows):
    columns = {
        "event": pa.array([row[0] for row in rows], INSTANT),
        "tail": pa.array([row[1] for row in rows], pa.string()),
        "delay": pa.array([row[2] for row in rows], pa.float64()),
    }
    got = checked(landing, columns)
    kept = zip(
        got.table.column("event").cast(pa.int64()).to_pylist(),
        got.table.column("tail").to_pylist(),
        got.table.column("delay").to_pylist(),
        strict=True,
    )
    assert list(kept) == list(dict.fromkeys(rows))
    assert len(got.set_aside) == len(rows) - len(set(rows))


def test_an_unknown_column_refuses_the_batch_and_suggests_the_nearest(landing):
    assert refusal(landing, {"event": [EVENT], "tail": ["N1"], "dely": [1.0]}) == (
        "landing has no field 'dely'. Did you mean 'delay'? Rename or drop the column, or declare the field."
    )
    assert refusal(landing, {"event": [EVENT], "tail": ["N1"], "zzz": [1.0]}) == (
        "landing has no field 'zzz'. There are: delay, event, gate, planned, seats, smooth, tail. "
        "Rename or drop the column, or declare the field."
    )


def test_a_missing_column_refuses_the_batch(landing):
    assert refusal(landing, {"event": [EVENT], "delay": [1.0]}) == (
        "The column 'tail' of landing is missing. There are: event, delay. Add the column or declare it optional."
    )


def test_two_columns_of_one_name_refuse_the_batch(landing):
    table = pa.Table.from_arrays([pa.array([EVENT]), pa.array(["a"]), pa.array(["b"])], ["event", "tail", "tail"])
    with pytest.raises(BadBatch) as refused:
        check(table, landing.schema, known=KnownRule.parse("event"), now=0)
    assert str(refused.value) == "Two columns have the same name. Give every column a name of its own."


@pytest.mark.parametrize(("known", "want"), [("event", 0), ("event + 5min", 300_000_000), ("now", 5_000_000)])
def test_when_a_fact_was_known_is_what_the_rule_says(landing, known, want):
    got = checked(landing, {"event": ["1970-01-01T00:00Z"], "tail": ["N1"]}, known=known)
    assert got.table.column("known").cast(pa.int64()).to_pylist() == [want]


def test_a_column_says_when_each_fact_was_known(landing):
    columns = {"event": [EVENT] * 2, "tail": ["N1", "N2"], "known": ["1970-01-01T00:00:01Z", None]}
    got = checked(landing, columns, known="column")
    assert got.table.column("known").cast(pa.int64()).to_pylist() == [1_000_000]
    assert got.set_aside == (SetAside(row=2, field="known", value="", reason="the value is missing"),)


def test_a_column_called_known_must_be_asked_for_and_be_there(landing):
    columns = {"event": [EVENT], "tail": ["N1"]}
    assert refusal(landing, columns, known="column").startswith("The column 'known' of landing is missing.")
    assert refusal(landing, {**columns, "known": [EVENT]}).startswith("landing has no field 'known'.")


def test_a_zone_that_does_not_exist_is_refused(landing):
    with pytest.raises(Exception, match="'Nowhere/At_all' is no time zone"):
        checked(landing, {"event": ["2013-01-01T00:00"], "tail": ["N1"]}, zone="Nowhere/At_all")
