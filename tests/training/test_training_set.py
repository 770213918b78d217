import dataclasses

import pytest
from tests.projects import DEFINITIONS, declared

from pressroom.facts import BadDefinition
from pressroom.training import split_by_time
from pressroom.values import InvalidInput, parse_instant
from pressroom.workspace import BadDefinitions


@pytest.fixture
def late(tmp_path):
    return declared(tmp_path).training_set("late")


def changed(folder, *pairs):
    text = DEFINITIONS
    for before, after in pairs:
        assert before in text
        text = text.replace(before, after)
    return declared(folder / "changed", text)


def test_a_training_set_says_what_is_asked_and_what_is_learnt(late):
    assert (late.name, late.purpose, late.owner, late.baseline) == ("late", "operations", "shop", ("channel",))
    assert [field.name for field in late.question.keys] == ["order", "customer", "quarter"], (
        "the label's key comes along"
    )
    assert late.label.words() == "next delivered.delay within 1d > 10"
    assert late.label_key() == "order"
    assert late.split.train_until == parse_instant("2025-03-28T00:00Z")


def test_a_split_is_written_with_zones_and_trains_before_it_validates():
    split = split_by_time(train_until="2025-03-28T00:00+01:00", validate_until="2025-03-28T00:00Z")
    assert split.validate_until - split.train_until == 3_600_000_000
    for train_until in ("2025-03-28T00:00Z", "2025-03-29T00:00Z"):
        with pytest.raises(BadDefinition, match="validates before it trains"):
            split_by_time(train_until=train_until, validate_until="2025-03-28T00:00Z")
    with pytest.raises(InvalidInput, match="no zone"):
        split_by_time(train_until="2025-03-28", validate_until="2025-03-29")


@pytest.mark.parametrize(
    ("before", "after", "word"),
    [
        ("baseline=[Placed.channel]", "baseline=[]", "has no baseline"),
        ("baseline=[Placed.channel]", "baseline=[Placed.order]", "goes by order"),
        ('"late",\n', '"Late!",\n', "can't name"),
        ("by=Delivered.order", "by=Delivered.customer", "no customer"),
        ("        Habit,\n", "        Habit,\n        Habit,\n", "twice"),
    ],
)
def test_a_declaration_that_cannot_mean_anything_is_refused(tmp_path, before, after, word):
    if word == "no customer":
        assert changed(tmp_path, (before, after)).training_set("late").label_key() == "customer"
        return
    with pytest.raises(BadDefinitions, match=word):
        changed(tmp_path, (before, after))


def test_its_identity_is_what_the_rows_depend_on(tmp_path, late):
    same = changed(tmp_path, ('owner="shop"', 'owner="us"'), ('purpose="operations"', 'purpose="pricing"'))
    assert same.training_set("late").digest() == late.digest()
    for before, after in (
        (") > 10", ") > 11"),
        ('within="24h"', 'within="25h"'),
        ('window="7d"', 'window="8d"'),
        ("Placed.pieces, ", ""),
        ("2025-03-28T00:00Z", "2025-03-27T00:00Z"),
    ):
        assert changed(tmp_path, (before, after)).training_set("late").digest() != late.digest()


def test_its_labels_are_those_of_its_inputs_and_of_its_label(tmp_path, late):
    assert late.labels() == ()
    found = changed(tmp_path, ("distance: pr.Float = pr.field(", 'distance: pr.Float = pr.field(labels=("geo",), '))
    assert found.training_set("late").labels() == ("geo",)
    labelled = dataclasses.replace(late.label.fact.fields[-1], labels=("pii",))
    fact = dataclasses.replace(late.label.fact, fields=(*late.label.fact.fields[:-1], labelled))
    assert dataclasses.replace(late, label=dataclasses.replace(late.label, fact=fact)).labels() == ("pii",)
