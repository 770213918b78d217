"""What facts declare about their rows: refused where it means nothing, measured at every append, kept as facts."""

import math
from collections import Counter

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.facts import QUALITY, BadDefinition, Entity, Fact, Float, Int, Key, Measure, String
from pressroom.facts import field as say
from pressroom.facts.quality import declared, measure
from pressroom.values import digest_bytes, digest_document, from_document, to_document

EVENT = "2013-05-31T23:00Z"


class Order(Entity):
    """An order."""


class Ordered(Fact, unique=("order",), fresh="2h"):
    """A customer ordered."""

    order: Key[Order]
    amount: Float = say(optional=True, low=0, high=100, most_nulls=0.25)
    pieces: Int = say(optional=True, low=1)
    channel: String = say(optional=True, most_nulls=0.5)


class Returned(Fact):
    """An order came back."""

    order: Key[Order]
    amount: Float = say(unit="eur")


def found(desk, fact=Ordered):
    return {(one.check, one.field): (one.expected, one.measured, one.passed) for one in desk.facts.quality(fact.schema)}


def rows(**columns):
    count = max(map(len, columns.values()))
    return pa.table({"event": [EVENT] * count, "order": [f"o{n}" for n in range(count)], **columns})


def test_every_check_of_a_batch_is_measured_and_kept_with_it(desk, batch_of):
    table = rows(order=["a", "b", "a", "c"], amount=["-1", "5", "", "101"], pieces=["1", "2", "3", "4"])
    raw = table.set_column(2, "amount", pa.array(["-1", "5", None, "101"]))
    desk.facts.append(batch_of(raw, fact=Ordered.schema, batch="monday"))
    assert found(desk) == {
        ("low", "amount"): (0.0, -1.0, False),
        ("high", "amount"): (100.0, 101.0, False),
        ("nulls", "amount"): (0.25, 0.25, True),
        ("low", "pieces"): (1.0, 1.0, True),
        ("nulls", "channel"): (0.5, 1.0, False),
        ("unique", "order"): (0.0, 1.0, False),
        ("fresh", "event"): (7_200.0, 3_600.0, True),
    }
    kept = desk.facts.read(QUALITY)[0].to_pylist()
    assert len(kept) == 6
    assert {(row["fact"], row["batch"], row["source"], row["rows"]) for row in kept} == {
        ("ordered", "monday", "test", 4)
    }
    assert desk.facts.read(Ordered.schema)[0].num_rows == 4, "a check keeps nothing out"


def test_a_batch_and_its_measures_go_in_together_and_once(desk, batch_of):
    batch = batch_of(rows(amount=["1"]), fact=Ordered.schema, batch="monday")
    last = desk.log.last()
    for _ in range(2):
        desk.facts.append(batch)
    assert [stored.entry.topic for stored in desk.log.read(last)] == ["ordered", "quality"]


def test_the_newest_measure_is_shown_and_the_others_stay(desk, batch_of):
    for name, amount in (("monday", "500"), ("tuesday", "50")):
        desk.facts.append(batch_of(rows(amount=[amount]), fact=Ordered.schema, batch=name))
        desk.clock.advance("1min")
    (high,) = [one for one in desk.facts.quality(Ordered.schema) if one.check == "high"]
    assert (high.batch, high.measured, high.passed, high.rows) == ("tuesday", 50.0, True, 1)
    assert desk.facts.read(QUALITY)[0].num_rows == 12


def test_a_check_that_was_never_measured_says_nothing_but_freshness_is_asked_now(desk):
    assert found(desk) == {
        ("low", "amount"): (0.0, None, None),
        ("high", "amount"): (100.0, None, None),
        ("nulls", "amount"): (0.25, None, None),
        ("low", "pieces"): (1.0, None, None),
        ("nulls", "channel"): (0.5, None, None),
        ("unique", "order"): (0.0, None, None),
        ("fresh", "event"): (7_200.0, None, False),
    }


def test_facts_grow_stale_by_themselves(desk, batch_of):
    desk.facts.append(batch_of(rows(amount=["1"]), fact=Ordered.schema))
    desk.clock.advance("90min")
    assert found(desk)["fresh", "event"] == (7_200.0, 9_000.0, False)


def test_a_fact_without_checks_is_not_measured(desk, batch_of):
    desk.facts.append(batch_of(rows(amount=["1"]), fact=Returned.schema))
    assert desk.facts.quality(Returned.schema) == []
    assert desk.facts.read(QUALITY)[0].num_rows == 0


def test_rows_set_aside_are_not_measured(desk, batch_of):
    desk.facts.append(batch_of(rows(amount=["5", "much"]), fact=Ordered.schema))
    assert found(desk)["nulls", "amount"] == (0.25, 0.0, True)


def test_no_bounds_hold_a_value_that_is_no_number(desk, batch_of):
    desk.facts.append(batch_of(rows(amount=["5", "nan"]), fact=Ordered.schema))
    expected, measured, passed = found(desk)["high", "amount"]
    assert (expected, passed) == (100.0, False)
    assert math.isnan(measured)


def test_bounds_of_nothing_but_nulls_pass(desk, batch_of):
    desk.facts.append(batch_of(rows(pieces=pa.array([None], pa.int64())), fact=Ordered.schema))
    assert found(desk)["low", "pieces"] == (1.0, None, True)


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from([0, 1, None])), min_size=1, max_size=30))
def test_repeats_are_counted_over_all_unique_fields_and_nulls_repeat_nothing(keys):
    class Pair(Fact, unique=("order", "pieces")):
        order: Key[Order]
        pieces: Int = say(optional=True)

    table = pa.table(
        {"order": [order for order, _ in keys], "pieces": pa.array([pieces for _, pieces in keys], pa.int64())}
    )
    measured = measure(Pair.schema, table, source="s", batch="b", now=0)
    counts = Counter((order, pieces) for order, pieces in keys if pieces is not None)
    assert measured.column("measured").to_pylist() == [sum(counts.values()) - len(counts)]


def test_expectations_are_no_part_of_the_document_where_there_are_none():
    order = b'{"doc":"","entity":"order","labels":[],"name":"order","optional":false,"type":"string","unit":""}'
    amount = b'{"doc":"","entity":null,"labels":[],"name":"amount","optional":false,"type":"float","unit":"eur"}'
    fields = b"[" + order + b"," + amount + b"]"
    document = b'{"doc":"An order came back.","fields":' + fields + b',"name":"returned","purposes":[]}'
    assert to_document(Returned.schema) == document
    assert digest_document(Returned.schema) == digest_bytes(document)
    assert from_document(document, type(Returned.schema)) == Returned.schema


def test_expectations_are_part_of_the_schema_and_survive_the_document():
    again = from_document(to_document(Ordered.schema), type(Ordered.schema))
    assert again == Ordered.schema
    assert hash(again) == hash(Ordered.schema)
    assert [(one.check, one.field, one.expected) for one in declared(again)] == [
        ("low", "amount", 0.0),
        ("high", "amount", 100.0),
        ("nulls", "amount", 0.25),
        ("low", "pieces", 1.0),
        ("nulls", "channel", 0.5),
        ("unique", "order", 0.0),
        ("fresh", "event", 7_200.0),
    ]
    assert declared(Ordered.schema.unchecked()) == []
    assert Ordered.schema.unchecked().unchecked() == Ordered.schema.unchecked()


def test_one_unique_field_needs_no_tuple():
    class Paid(Fact, unique="order"):
        order: Key[Order]

    assert [one.field for one in declared(Paid.schema)] == ["order"]


@pytest.mark.parametrize(
    ("kind", "options"),
    [
        (String, {"low": 1, "optional": True}),
        (Float, {"low": 2, "high": 1}),
        (Float, {"low": math.nan}),
        (Float, {"high": True}),
        (Float, {"most_nulls": 1.5, "optional": True}),
        (Float, {"most_nulls": 0.5}),
    ],
)
def test_what_can_not_be_expected_of_a_field_is_refused(kind, options):
    with pytest.raises(BadDefinition):
        type("Wrong", (Fact,), {"__annotations__": {"order": Key[Order], "field": kind}, "field": say(**options)})


@pytest.mark.parametrize("options", [{"unique": ("nobody",)}, {"fresh": "soon"}])
def test_what_can_not_be_expected_of_a_fact_is_refused(options):
    with pytest.raises(Exception, match=r"nobody|soon"):
        type("Wrong", (Fact,), {"__annotations__": {"order": Key[Order]}}, **options)


def test_no_fact_may_be_called_like_the_measures():
    with pytest.raises(BadDefinition):
        type("Quality", (Fact,), {"__annotations__": {"order": Key[Order]}})


def test_measures_compare_by_content():
    one = Measure(fact="f", check="low", field="x", expected=1.0)
    assert one == Measure(fact="f", check="low", field="x", expected=1.0)
