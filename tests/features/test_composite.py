"""Features of several entities taken together: keys found or said, and never two of them taken for one."""

import pytest

from pressroom.facts import BadDefinition, Entity, Fact, Float, Key, field
from pressroom.features import BadView, FeatureView, label_key, question_of
from pressroom.features.view import View
from pressroom.values import digest_document, from_document, to_document


class Airport(Entity):
    """An airport."""


class Carrier(Entity):
    """An airline."""


class Landing(Fact):
    """An aircraft landed."""

    origin: Key[Airport]
    dest: Key[Airport]
    carrier: Key[Carrier]
    delay: Float = field(optional=True)


class Rain(Fact):
    """A carrier was rained upon."""

    airport: Key[Airport]
    carrier: Key[Carrier]
    mm: Float


class Planned(Fact):
    """A flight is planned."""

    start: Key[Airport]
    end: Key[Airport]
    carrier: Key[Carrier]


def view(*entities, name="RouteDelay", **features):
    return type(name, (FeatureView,), features, entity=entities)


def test_the_keys_of_a_fact_that_names_each_entity_once_are_found():
    made = view(Airport, Carrier, rains=Rain.count(window="1d")).view
    assert made.entity == "airport+carrier"
    assert made.features[0].aggregate.by == "airport+carrier"
    assert made.features[0].aggregate.columns() == ("airport", "carrier")
    turned = view(Carrier, Airport, rains=Rain.count(window="1d")).view
    assert (turned.entity, turned.features[0].aggregate.by) == ("carrier+airport", "carrier+airport")
    assert turned.digest() != made.digest(), "the order of the entities is part of what a view is"


def test_keys_are_said_where_there_are_several():
    made = view(Airport, Carrier, late=Landing.delay.mean(window="1d", by=(Landing.dest, Landing.carrier))).view
    assert made.features[0].aggregate.by == "dest+carrier"
    assert from_document(to_document(made), View) == made


def test_the_same_entity_may_be_there_twice():
    by = (Landing.dest, Landing.origin)
    route = view(Airport, Airport, landings=Landing.count(window="1d", by=by))
    assert (route.view.entity, route.view.features[0].aggregate.by) == ("airport+airport", "dest+origin")
    assert question_of(Planned.schema, [route.on(Planned.start, Planned.end)]).views[0].key == "start+end"
    for asked in (route, route.on(Planned.start, Planned.start), route.on(Planned.start)):
        with pytest.raises(
            BadView, match=r"route_delay is of airport\+airport, asked by .*; planned has \(start, end\)"
        ):
            question_of(Planned.schema, [asked])


def test_one_entity_in_brackets_is_that_entity():
    assert view(Carrier, rains=Rain.count(window="1d")).view == type(
        "RouteDelay", (FeatureView,), {"rains": Rain.count(window="1d")}, entity=Carrier
    ).view  # fmt: skip


@pytest.mark.parametrize(
    ("by", "message", "next_step"),
    [
        (
            None,
            "route_delay.n: landing does not name exactly one key for each part of airport+carrier: "
            "(origin, dest) + carrier.",
            "Say which ones, in this order, with by=(landing.<key>, ...).",
        ),
        (
            (Landing.carrier, Landing.origin),
            "route_delay.n goes by carrier+origin, which names no airport+carrier.",
            "Go by (origin, dest) + carrier, in this order.",
        ),
        (
            Landing.origin,
            "route_delay.n goes by origin, which names no airport+carrier.",
            "Go by (origin, dest) + carrier, in this order.",
        ),
    ],
)
def test_keys_that_are_ambiguous_or_fit_not_are_refused(by, message, next_step):
    with pytest.raises(BadView) as refused:
        view(Airport, Carrier, n=Landing.count(window="1d", by=by))
    assert (refused.value.message, refused.value.next_step) == (message, next_step)


def test_what_is_no_key_or_nothing_is_refused():
    with pytest.raises(BadDefinition, match=r"landing\.delay is no key"):
        Landing.count(window="1d", by=(Landing.origin, Landing.delay))
    with pytest.raises(BadDefinition, match=r"\(\) is no key"):
        Landing.count(window="1d", by=())
    with pytest.raises(BadDefinition, match=r"\(\) names no entity"):
        view(n=Rain.count(window="1d"))


def test_every_part_is_a_key_of_the_question():
    rains = view(Airport, Carrier, n=Rain.count(window="1d"))
    question = question_of(Planned.schema, [rains.on(Planned.end, Planned.carrier)], also=["start"])
    assert [key.name for key in question.keys] == ["start", "end", "carrier"]
    assert question.views[0].key == "end+carrier"
    with pytest.raises(BadView) as refused:
        question_of(Planned.schema, [rains])
    assert refused.value.message == (
        "route_delay is of airport+carrier, asked by no key in particular; planned has (start, end) + carrier."
    )
    assert refused.value.next_step == "Say which with View.on(Spine.key, ...), in this order."
    assert question_of(Rain.schema, [rains]).views[0].key == "airport+carrier"


def test_a_label_may_go_by_several_keys():
    label = Landing.delay.next(within="1d", by=(Landing.dest, Landing.carrier)).label
    assert label.by == "dest+carrier"
    assert label_key(label, Landing.schema) == "dest+carrier"
    with pytest.raises(BadView, match="which key of planned is meant"):
        label_key(label, Planned.schema)


def test_documents_and_identities_of_views_by_one_key_are_what_they_were():
    made = view(Carrier, late=Landing.delay.mean(window="1d"))
    assert b'"by":"carrier"' in to_document(made.view)
    assert made.view.digest() == "a063d686fcd9c27b431ca6ad8fad44dd1dd2a466ade2ff1f326dc4a0933cef4c"
    question = question_of(Planned.schema, [made])
    assert question.digest() == "da18281500dad36fc8955d21611fecc01bd71fe0b3a7bb1e439ecaa9d26f906e"
    assert digest_document(question) == "5858defdf6a4bc70b2c31ab494755b545d99a51083d9bc9abf465d04444d813d"
