import dataclasses

import pytest

from pressroom.backends.memory.records import MemoryRecords
from pressroom.catalog import Catalog, Entry, StageChange
from pressroom.facts import Entity, Fact, Float, Key
from pressroom.features import (
    FEATURE_USE,
    FeatureUser,
    FeatureView,
    NotShared,
    Uses,
    check_may_use,
    question_of,
    record_use,
    reference_to,
    uses_of,
)

SHARED = StageChange(stage="shared", by="ann", at=1, why="")


class Rider(Entity):
    """Who rides."""


class Ride(Fact):
    """A ride."""

    rider: Key[Rider]
    fare: Float


class Habit(FeatureView, entity=Rider, owner="ops"):
    """How somebody rides."""

    rides = Ride.count(window="1h")
    fares = Ride.fare.sum(window="1h")


class Pace(FeatureView, entity=Rider, owner="speed"):
    """How fast somebody rides."""

    age = Ride.age()


QUESTION = question_of(Ride.schema, [Habit, Pace])


def user(owner="growth", what="late", how="train"):
    return FeatureUser(owner=owner, what=what, how=how)


@pytest.fixture
def catalog():
    return Catalog(MemoryRecords())


def share(catalog, view):
    catalog.stages.move(reference_to(view.view), SHARED)


def test_another_owners_private_views_are_refused_all_at_once_with_whom_to_ask(catalog):
    with pytest.raises(NotShared) as refused:
        check_may_use(QUESTION, user(), catalog=catalog)
    assert refused.value.message == (
        "habit is private to ops and pace is private to speed: late, which is growth's, may not use them."
    )
    assert refused.value.next_step == "Ask ops to promote it: pressroom promote habit --by WHO."


def test_what_is_shared_or_ones_own_may_be_used(catalog):
    share(catalog, Habit)
    with pytest.raises(NotShared, match=r"^pace is private to speed"):
        check_may_use(QUESTION, user("ops"), catalog=catalog)
    check_may_use(QUESTION, user("speed"), catalog=catalog)
    share(catalog, Pace)
    check_may_use(QUESTION, user("growth"), catalog=catalog)


def test_without_an_owner_everything_may_be_used(catalog):
    check_may_use(QUESTION, user(""), catalog=catalog)


def test_the_owner_in_force_counts_and_not_the_one_that_is_claimed(catalog):
    entry = Entry(kind="view", name="habit", digest=Habit.view.digest(), version="1", created=0, owner="ops")
    catalog.publish(entry)
    claimed = dataclasses.replace(Habit.view, owner="growth")
    bound = dataclasses.replace(QUESTION.views[0], view=claimed)
    question = dataclasses.replace(QUESTION, views=(bound,))
    with pytest.raises(NotShared):
        check_may_use(question, user("growth"), catalog=catalog)
    catalog.reword(dataclasses.replace(entry, owner="growth"))
    check_may_use(question, user("growth"), catalog=catalog)


def test_every_feature_of_a_question_is_written_down_with_who_what_how_and_when(floor):
    record_use(QUESTION, user(), facts=floor.facts)
    rows = floor.facts.read(FEATURE_USE)[0].drop_columns(["event", "known", "seq"]).to_pylist()
    assert rows == [
        {"view": view, "feature": feature, "by": "growth", "what": "late", "how": "train"}
        for view, feature in (("habit", "rides"), ("habit", "fares"), ("pace", "age"))
    ]


def test_uses_count_each_owner_once_and_know_the_last(floor):
    assert uses_of(floor.facts) == {}
    for minute, one in enumerate([user(), user("ops", "risk", "push"), user(), user("", "trial")]):
        floor.clock.set(1_000_000 * minute)
        record_use(question_of(Ride.schema, [Habit]), one, facts=floor.facts)
    floor.clock.set(60_000_000)
    record_use(question_of(Ride.schema, [Pace]), user("speed"), facts=floor.facts)
    found = uses_of(floor.facts)
    uses = Uses(owners=("growth", "ops"), whats=("late", "risk", "trial"), last=3_000_000)
    assert found["habit", "rides"] == found["habit", "fares"] == uses
    assert found["pace", "age"].last == 60_000_000
