"""Fact classes: what they say, and what they refuse."""

from typing import ClassVar

import pytest

from pressroom.facts import BadDefinition, Bool, Entity, Fact, Float, Int, Key, Label, String, Timestamp, field
from pressroom.values import FieldSchema, InvalidInput


class Plane(Entity):
    """One aircraft."""


class Landing(Fact, purposes=("operations",)):
    """An aircraft reached its gate.

    Not when it touched down.
    """

    tail: Key[Plane]
    dest: Key["airport"]  # noqa: F821
    delay: Float = field(unit="min", doc="actual minus scheduled", labels=("ops",))
    seats: Int = field(optional=True)


def fact(annotations, **attributes):
    return type("Odd", (Fact,), {"__annotations__": annotations, **attributes})


def refusal(annotations, **attributes):
    with pytest.raises(BadDefinition) as refused:
        fact(annotations, **attributes)
    return str(refused.value)


def test_a_class_says_its_schema():
    assert (Landing.schema.name, Landing.schema.purposes) == ("landing", ("operations",))
    assert Landing.schema.doc == "An aircraft reached its gate.\n\nNot when it touched down."
    assert Landing.schema.fields == (
        FieldSchema(name="tail", type="string", entity="plane"),
        FieldSchema(name="dest", type="string", entity="airport"),
        FieldSchema(name="delay", type="float", unit="min", doc="actual minus scheduled", labels=("ops",)),
        FieldSchema(name="seats", type="int", optional=True),
    )


def test_an_attribute_of_the_class_points_at_its_field():
    assert repr(Landing.delay) == "landing.delay"
    assert Landing.delay.schema.unit == "min"


def test_names_are_spelled_as_in_tables():
    class HTTPRequestSeen(Fact):
        who: Key["UserAccount"]  # noqa: F821

    assert HTTPRequestSeen.schema.name == "http_request_seen"
    assert HTTPRequestSeen.schema.fields[0].entity == "user_account"


def test_every_type_is_known():
    kinds = {"a": Key["x"], "b": Float, "c": Int, "d": Bool, "e": String, "f": Timestamp}
    assert [made.type for made in fact(kinds).schema.fields] == [
        "string", "float", "int", "bool", "string", "timestamp",
    ]  # fmt: skip


@pytest.mark.parametrize("annotation", [float, "float", str | None, ClassVar[int], list[Float]])
def test_an_unknown_annotation_is_refused(annotation):
    message = refusal({"who": Key[Plane], "odd": annotation})
    assert message.startswith("Odd.odd is annotated with ")
    assert message.endswith(
        "A field is Key[...], Float, Int, Bool, String, Timestamp, Enum[...], Bytes or Vector[...]; "
        "field(optional=True) allows null."
    )


@pytest.mark.parametrize("name", ["event", "known", "seq", "as_of", "label", "split", "schema", "count", "age", "at"])
def test_a_name_that_every_fact_has_already_is_refused(name):
    assert refusal({"who": Key[Plane], name: Float}) == (
        f"Odd.{name}: every fact has {name!r} already. Choose another name."
    )


def test_a_fact_about_nobody_is_refused():
    assert refusal({"delay": Float}) == "Odd is about nobody. Give it at least one field Key[...]."


def test_a_key_of_nothing_is_refused():
    assert refusal({"who": Key}) == "Odd.who names no entity. Write Key[...] with an entity."
    assert refusal({"who": Key[int]}).startswith("<class 'int'> is no entity. ")


def test_a_default_is_refused():
    assert refusal({"who": Key[Plane], "delay": Float}, delay=3) == "Odd.delay is set to 3. Say more with field(...)."


def test_a_field_without_a_type_is_refused_instead_of_overlooked():
    assert (
        refusal({"who": Key[Plane]}, delay=field(unit="min")) == "Odd.delay has no type. Say which: delay: Float = ..."
    )


@pytest.mark.parametrize("name", ["Delay", "delay-min", "1st", "ö"])
def test_a_name_that_columns_cannot_have_is_refused(name):
    with pytest.raises(InvalidInput, match="can't name a field"):
        fact({"who": Key[Plane], name: Float})


def test_spines_are_at_an_instant_or_before_it():
    class Scheduled(Fact):
        who: Key[Plane]
        departs: Timestamp

    spine = Scheduled.at(Scheduled.departs, before="2h")
    assert (spine.instant, spine.before_us, spine.words()) == (
        "departs", 7_200_000_000, "every scheduled at its departs, 2h before",
    )  # fmt: skip


def test_a_value_looked_up_forward_becomes_a_label_by_comparison():
    label = Landing.delay.next(within="24h") >= 15
    assert label == Label(fact=Landing.schema, field="delay", within_us=86_400_000_000, comparison=">=", threshold=15.0)
