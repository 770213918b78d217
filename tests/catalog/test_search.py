import dataclasses

import pytest

from pressroom.catalog import FeatureCard, search

DELAY = FeatureCard(
    view="punctuality",
    feature="delay_24h",
    entity="aircraft",
    type="float",
    unit="min",
    doc="mean of landing.delay over 1d; actual minus scheduled arrival",
    about="How late this aircraft has been running.",
    facts=("landing",),
    labels=("operations", "pii"),
    owner="ops-ml",
    stage="shared",
    intent="To expect delays.",
    freshness_s=7_200.0,
    availability=0.999,
    age_s=60.0,
    used_by=("growth", "ops-ml"),
    uses=("late",),
    last_used=1,
)
FARES = dataclasses.replace(
    DELAY,
    view="spending",
    feature="fares",
    entity="member",
    unit="EUR",
    doc="sum of ride.fare",
    about="What is spent.",
    facts=("ride",),
    labels=(),
    intent="",
)


@pytest.mark.parametrize(
    "words",
    ["delay_24h", "Punctuality", "SCHEDULED", "min", "landing", "running", "expect", "late aircraft", "over 1d", ""],
)
def test_a_feature_is_found_by_any_word_on_its_card_in_any_case(words):
    assert DELAY in search([DELAY, FARES], words=[words])


def test_all_words_must_be_there():
    assert search([DELAY, FARES], words=["delay", "spent"]) == []
    assert search([DELAY, FARES], words=["delay", "landing"]) == [DELAY]
    assert search([DELAY, FARES], words=["delay landing"]) == [DELAY]


def test_an_entity_and_a_label_are_meant_exactly():
    assert search([DELAY, FARES], entity="member") == [FARES]
    assert search([DELAY, FARES], entity="mem") == []
    assert search([DELAY, FARES], label="pii") == [DELAY]
    assert search([DELAY, FARES], label="pi") == []
    assert search([DELAY, FARES], words=["delay"], entity="aircraft", label="pii") == [DELAY]


def test_nothing_asked_for_is_everything_in_order():
    assert search([FARES, DELAY]) == [FARES, DELAY]


@pytest.mark.parametrize(
    ("promised_s", "age_s", "fresh"),
    [(None, 1.0, None), (None, None, None), (60.0, 60.0, True), (60.0, 60.1, False), (60.0, None, False)],
)
def test_a_promised_freshness_is_kept_or_broken(promised_s, age_s, fresh):
    assert dataclasses.replace(DELAY, freshness_s=promised_s, age_s=age_s).fresh() is fresh


def test_features_of_several_entities_are_found_by_each_and_by_all_together():
    together = dataclasses.replace(DELAY, entity="airport+carrier")
    for entity in ("airport", "carrier", "airport+carrier"):
        assert search([together, FARES], entity=entity) == [together]
    assert search([together, FARES], entity="carrier+airport") == []
