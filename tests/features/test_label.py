"""Labels look forward, and only as far as is known."""

import math

import pyarrow as pa
import pytest

from pressroom.facts import INSTANT, Entity, Fact, Float, Int, Key
from pressroom.features import BadView, label_key

T = 1_357_000_000_000_000
HOUR = 3_600_000_000
LONG_AFTER = T + 1_000 * HOUR


class Plane(Entity):
    """One aircraft."""


class Landing(Fact):
    """A plane landed."""

    plane: Key[Plane]
    delay: Float
    seats: Int


class Flight(Fact):
    """A plane is to fly; a second one stands by."""

    plane: Key[Plane]
    other: Key[Plane]


class Swap(Fact):
    """One plane took another's place."""

    plane: Key[Plane]
    other: Key[Plane]
    delay: Float


class Storm(Fact):
    """Over an airport."""

    airport: Key["airport"]  # noqa: F821
    force: Float


def spine(*rows):
    return pa.table(
        {
            "as_of": pa.array([instant for _, instant in rows], INSTANT),
            "plane": pa.array([plane for plane, _ in rows], pa.string()),
        }
    )


def labels(floor, label, *rows, known_at=LONG_AFTER):
    array, _ = floor.features.label(label, Flight.schema, spine(*rows), known_at=known_at)
    assert array.type == pa.float64()
    return array.to_pylist()


def landing(event, delay=0.0, *, known=None, plane="N1", seats=0):
    return {"event": event, "known": event if known is None else known, "plane": plane, "delay": delay, "seats": seats}


VALUE = Landing.delay.next(within="1h").label


def test_a_label_is_the_first_fact_after_the_instant(floor):
    floor.append(Landing, landing(T, 1.0), landing(T + 20, 3.0), landing(T + 10, 2.0))
    assert labels(floor, VALUE, ("N1", T - 1), ("N1", T), ("N1", T + 10), ("N1", T + 20)) == [1.0, 2.0, 3.0, None]


def test_the_end_of_its_time_belongs_to_a_label(floor):
    floor.append(Landing, landing(T, 1.0))
    assert labels(floor, VALUE, ("N1", T - HOUR), ("N1", T - HOUR - 1)) == [1.0, None]


def test_what_is_not_known_yet_is_null_and_no_guess(floor):
    floor.append(Landing, landing(T, 1.0, known=T + 50))
    assert labels(floor, VALUE, ("N1", T - 1), known_at=T + 49) == [None]
    assert labels(floor, VALUE, ("N1", T - 1), known_at=T + 50) == [1.0]


def test_an_unknown_first_fact_lets_the_next_known_one_answer(floor):
    floor.append(Landing, landing(T, 1.0, known=T + 50), landing(T + 5, 2.0))
    assert labels(floor, VALUE, ("N1", T - 1), known_at=T + 49) == [2.0]


def test_of_several_facts_of_one_instant_the_one_known_last_is_the_label(floor):
    floor.append(Landing, landing(T, 2.0, known=T + 2), landing(T, 1.0, known=T + 1))
    assert labels(floor, VALUE, ("N1", T - 1)) == [2.0]
    assert labels(floor, VALUE, ("N1", T - 1), known_at=T + 1) == [1.0]


def test_a_label_is_of_its_own_entity_in_the_order_of_the_rows(floor):
    floor.append(Landing, landing(T, 1.0), landing(T, 2.0, plane="N2"))
    rows = [("N2", T - 1), ("nobody", T - 1), (None, T - 1), ("N1", T - 1), ("N2", T - 1)]
    assert labels(floor, VALUE, *rows) == [2.0, None, None, 1.0, 2.0]


@pytest.mark.parametrize(
    ("label", "answers"),
    [
        (Landing.delay.next(within="1h") > 15, [0.0, 0.0, 1.0]),
        (Landing.delay.next(within="1h") >= 15, [0.0, 1.0, 1.0]),
        (Landing.delay.next(within="1h") < 15, [1.0, 0.0, 0.0]),
        (Landing.delay.next(within="1h") <= 15, [1.0, 1.0, 0.0]),
        (Landing.seats.next(within="1h") > 15, [0.0, 0.0, 1.0]),
    ],
)
def test_a_comparison_gives_one_or_zero_and_null_where_nothing_followed(floor, label, answers):
    for number, delay in enumerate((14, 15, 16)):
        floor.append(Landing, landing(T, float(delay), plane=f"N{number}", seats=delay))
    assert labels(floor, label, ("N0", T - 1), ("N1", T - 1), ("N2", T - 1), ("N3", T - 1)) == [*answers, None]


def test_a_label_without_any_facts_is_null(floor):
    assert labels(floor, VALUE, ("N1", T)) == [None]
    floor.append(Landing, landing(T, known=T + 1))
    assert labels(floor, VALUE, ("N1", T - 1), known_at=T) == [None]


def test_no_rows_have_no_labels(floor):
    floor.append(Landing, landing(T))
    assert labels(floor, VALUE) == []


def test_extreme_values_are_labels_too(floor):
    floor.append(Landing, landing(T, math.inf, seats=2**63 - 1))
    assert labels(floor, VALUE, ("N1", T - 1)) == [math.inf]
    assert labels(floor, Landing.seats.next(within="1h").label, ("N1", T - 1)) == [float(2**63)]


def test_a_label_says_in_words_what_it_asks_and_what_comes_out():
    label = Landing.delay.next(within="24h") > 15
    assert label.words() == "next landing.delay within 1d > 15"
    assert (label.result().name, label.result().type, label.result().optional) == ("label", "float", True)


def test_a_label_goes_by_the_key_it_shares_with_the_spine():
    assert label_key(VALUE, Flight.schema) == "plane"
    assert label_key(Swap.delay.next(within="1h", by=Swap.other).label, Flight.schema) == "other"


def test_a_label_with_two_common_keys_must_say_which():
    with pytest.raises(BadView) as refused:
        label_key(Swap.delay.next(within="1h").label, Flight.schema)
    assert str(refused.value) == (
        "next swap.delay within 1h: which key of flight is meant? Both have plane, other. "
        "Say it: swap.<field>.next(within=..., by=swap.<key>)."
    )


def test_a_label_without_a_common_key_is_refused():
    with pytest.raises(BadView, match="Both have none in common"):
        label_key(Storm.force.next(within="1h").label, Flight.schema)
