"""Views asked through links: which key is meant, what the features are called, and what is refused."""

import pytest

from pressroom.facts import BadDefinition, Entity, Fact, Float, Key, field
from pressroom.features import BadView, FeatureView, Question, question_of
from pressroom.values import from_document, to_document


class Flight(Entity):
    """A flight, by number and day."""


class Aircraft(Entity):
    """An aircraft, by tail number."""


class Operator(Entity):
    """Who flies an aircraft."""


class Scheduled(Fact):
    """A flight was scheduled."""

    flight: Key[Flight]
    inbound: Key[Flight]
    distance: Float


class Assigned(Fact):
    """An aircraft was assigned to a flight."""

    flight: Key[Flight]
    tail: Key[Aircraft] = field(labels=("fleet",))


class Swapped(Fact):
    """A flight got another aircraft."""

    flight: Key[Flight]
    old: Key[Aircraft]
    new: Key[Aircraft]


class Owned(Fact):
    """An aircraft is operated by somebody."""

    tail: Key[Aircraft]
    operator: Key[Operator]


class Leased(Fact):
    """A flight is flown with somebody's aircraft."""

    flight: Key[Flight]
    tail: Key[Aircraft]
    operator: Key[Operator]


class Landing(Fact):
    """An aircraft landed."""

    tail: Key[Aircraft]
    operator: Key[Operator]
    delay: Float = field(labels=("pii",))


class Punctuality(FeatureView, entity=Aircraft):
    """How late an aircraft is."""

    delay = Landing.delay.mean(window="1d")


class Service(FeatureView, entity=Operator):
    """How late an operator is."""

    delay = Landing.delay.mean(window="1d")


class Habit(FeatureView, entity=(Aircraft, Operator)):
    """How late an aircraft is for an operator."""

    delay = Landing.delay.mean(window="1d")


def asked(*views, spine=Scheduled):
    return question_of(spine.schema, views)


def test_a_link_goes_by_the_only_other_key_and_the_spine_brings_that():
    question = asked(Punctuality.through(Assigned.tail, ttl="2d").on(Scheduled.inbound))
    (bound,) = question.views
    (link,) = bound.path()
    assert (link.by, link.fields, link.entity(), link.leads_to()) == ("flight", "tail", "flight", "aircraft")
    assert link.name() == "through.assigned.tail.by_flight.within_2d"
    assert [key.name for key in question.keys] == ["inbound"]
    assert [field.name for field in question.inputs()] == ["punctuality.delay"]
    assert [view.name for view in question.kept()] == [link.name(), "punctuality"]
    assert {fact.name for fact in question.facts()} == {"assigned", "landing"}
    assert asked(Punctuality.through(Assigned.tail), spine=Assigned).views[0].key == "flight"


def test_what_was_looked_at_on_the_way_is_in_words_and_labels():
    (field,) = asked(Punctuality.through(Assigned.tail, ttl="2d").on(Scheduled.flight)).inputs()
    assert field.labels == ("fleet", "pii")
    assert field.doc == ("mean of landing.delay over 1d, through the last assigned.tail of the flight, at most 2d old")


def test_links_are_chained_from_the_view_to_the_spine():
    (bound,) = asked(Service.through(Owned.operator).through(Assigned.tail).on(Scheduled.flight)).views
    assert [link.name() for link in bound.path()] == [
        "through.assigned.tail.by_flight",
        "through.owned.operator.by_tail",
    ]
    assert bound.key == "flight"


def test_a_link_may_lead_to_several_entities_together_and_go_by_several_keys():
    (pair,) = asked(Habit.through(Leased.tail, Leased.operator).on(Scheduled.flight)).views
    assert (pair.key, pair.path()[0].leads_to()) == ("flight", "aircraft+operator")
    by_both = Punctuality.through(Swapped.new, by=(Swapped.flight, Swapped.old))
    (both,) = asked(by_both.on(Swapped.flight, Swapped.old), spine=Swapped).views
    assert (both.key, both.path()[0].entity()) == ("flight+old", "flight+aircraft")


def test_a_question_with_links_is_stored_and_is_another_than_one_without():
    direct = asked(Punctuality, spine=Assigned)
    questions = [
        direct,
        asked(Punctuality.on(Assigned.tail, as_="late"), spine=Assigned),
        asked(Punctuality.through(Assigned.tail), spine=Assigned),
        asked(Punctuality.through(Assigned.tail, ttl="1d"), spine=Assigned),
        asked(Punctuality.through(Assigned.tail, as_="late"), spine=Assigned),
    ]
    assert len({question.digest() for question in questions}) == len(questions)
    for question in questions:
        assert from_document(to_document(question), Question) == question
    assert b"links" not in to_document(direct)
    assert b"alias" not in to_document(direct)


def test_a_view_asked_twice_needs_another_name():
    through, late = Punctuality.through(Assigned.tail), Punctuality.through(Assigned.tail, as_="late")
    with pytest.raises(BadView, match=r"Asked twice: punctuality\.delay\."):
        asked(Punctuality, through, spine=Assigned)
    question = asked(Punctuality, late, spine=Assigned)
    assert [field.name for field in question.inputs()] == ["punctuality.delay", "late.delay"]
    assert Punctuality.through(Assigned.tail).on(Scheduled.flight, as_="late").alias == "late"
    with pytest.raises(BadView, match="can't stand in the place of a view's name"):
        Punctuality.through(Assigned.tail, as_="a.b")


@pytest.mark.parametrize(
    ("make", "words"),
    [
        (
            lambda: Punctuality.through(Assigned.flight),
            "assigned.flight leads to flight, and punctuality wants aircraft",
        ),
        (lambda: Punctuality.through(Swapped.new), r"swapped has 2 other keys \(flight, old\) by which new could be"),
        (lambda: Punctuality.through(Assigned.tail, by=Swapped.flight), r"swapped\.flight is no key of assigned"),
        (lambda: Punctuality.through(Assigned.tail, by=Assigned.tail), r"assigned\.tail can't be looked up by tail"),
        (lambda: Habit.through(Assigned.tail, Owned.operator), r"owned\.operator is no key of assigned"),
        (lambda: Punctuality.on(Scheduled.flight).through(Assigned.tail), "punctuality goes by flight already"),
        (
            lambda: asked(Punctuality.through(Assigned.tail)),
            "asked through assigned of a flight, asked by no key in par",
        ),
        (lambda: asked(Punctuality.through(Assigned.tail), spine=Owned), "owned has none"),
    ],
)
def test_what_can_not_be_meant_is_refused(make, words):
    with pytest.raises(BadView, match=words) as refused:
        make()
    assert refused.value.next_step


def test_what_is_no_key_is_refused_with_words():
    with pytest.raises(BadDefinition, match=r"landing\.delay is no key"):
        Punctuality.through(Landing.delay)
    with pytest.raises(BadDefinition, match=r"\(\) is no key"):
        Punctuality.through()
