"""Questions that a field can't have are refused where they are written."""

import copy
import enum

import pytest

from pressroom.facts import BadDefinition, Bytes, Entity, Enum, Fact, Key, String, Vector, field


class Order(Entity):
    """An order."""


class Status(enum.Enum):
    PAID = "paid"
    REFUSED = "refused"


class Scanned(Fact):
    """A receipt was scanned."""

    order: Key[Order]
    photo: Bytes
    embedding: Vector[64] = field(optional=True)
    status: Enum[Status]
    note: String = field(optional=True)


@pytest.mark.parametrize("kind", ["sum", "mean", "std", "min", "max", "quantile", "decayed_mean", "next"])
@pytest.mark.parametrize("name", ["photo", "embedding", "status", "note", "order"])
def test_only_numbers_are_reckoned_with(name, kind):
    with pytest.raises(BadDefinition, match=rf"scanned\.{name} is .*, which has no {kind}\. Ask for .*last"):
        getattr(getattr(Scanned, name), kind)(window="7d")


def test_the_sentence_says_what_the_field_is_and_what_it_has():
    with pytest.raises(BadDefinition) as refused:
        Scanned.embedding.mean(window="7d")
    assert str(refused.value) == (
        "scanned.embedding is a vector, which has no mean. "
        "Ask for first, last; or for the count or the age of the facts."
    )


@pytest.mark.parametrize("name", ["photo", "embedding"])
def test_bytes_and_vectors_are_not_compared(name):
    with pytest.raises(BadDefinition, match="which has no distinct"):
        getattr(Scanned, name).distinct(window="7d")
    with pytest.raises(BadDefinition, match="which is not compared"):
        getattr(Scanned, name).equals("x")


@pytest.mark.parametrize("name", ["photo", "embedding", "status"])
def test_the_newest_and_the_earliest_value_keep_type_length_and_values(name):
    schema = Scanned.schema.field(name)
    for aggregate in (getattr(Scanned, name).last(ttl="7d"), getattr(Scanned, name).first(window="7d")):
        result = aggregate.result("x")
        assert (result.type, result.length, result.values) == (schema.type, schema.length, schema.values)


def test_a_vector_of_another_length_means_something_else():
    def aggregate(length):
        made = type("Scanned", (Fact,), {"__annotations__": {"order": Key[Order], "embedding": Vector[length]}})
        return made.embedding.last().meaning()

    assert aggregate(3) != aggregate(4)
    assert aggregate(3) == aggregate(3)


def test_a_value_that_is_not_listed_is_refused_in_a_condition():
    with pytest.raises(BadDefinition, match=r"scanned.status is never 'payed'. Did you mean 'paid'\?"):
        Scanned.status.equals("payed")
    assert Scanned.status.equals(Status.PAID, "refused").words() == "status is paid or refused"


def test_only_an_optional_field_is_asked_whether_it_is_null():
    assert Scanned.embedding.is_null().words() == "embedding is null"
    assert Scanned.note.is_not_null().words() == "note is not null"
    with pytest.raises(BadDefinition, match=r"scanned\.photo is never null"):
        Scanned.photo.is_null()


def test_what_no_field_has_is_no_attribute():
    assert not hasattr(Scanned.photo, "colour")
    assert copy.copy(Scanned.photo).schema == Scanned.photo.schema
