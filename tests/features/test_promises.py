import pytest

from pressroom.facts import Entity, Fact, Key
from pressroom.features import BadView, FeatureView
from pressroom.values import InvalidInput, from_document, to_document


class Rider(Entity):
    """Who rides."""


class Ride(Fact):
    """A ride."""

    rider: Key[Rider]


def view(**promises):
    features = {"rides": Ride.count(window="1h"), "__doc__": "How somebody rides."}
    return type(FeatureView)("Habit", (FeatureView,), features, entity=Rider, **promises).view


def test_nothing_is_promised_unless_it_is_said():
    assert (view().intent, view().freshness_us, view().availability) == ("", None, None)


def test_promises_are_kept_with_the_view_and_change_no_answer():
    promising = view(owner="ops", intent="  To see who rides. ", freshness="2h", availability=1)
    assert (promising.intent, promising.freshness_us) == ("To see who rides.", 7_200_000_000)
    assert (promising.availability, type(promising.availability)) == (1.0, float)
    assert promising.digest() == view().digest()
    assert from_document(to_document(promising), type(promising)) == promising


@pytest.mark.parametrize("availability", [0, -0.1, 99.9, 1.01, float("nan"), True])
def test_an_availability_is_a_share_of_requests(availability):
    with pytest.raises(BadView, match="habit promises an availability of") as refused:
        view(availability=availability)
    assert "availability=0.999" in refused.value.next_step


@pytest.mark.parametrize("freshness", ["", "soon", "0h", "2"])
def test_a_freshness_is_a_duration(freshness):
    with pytest.raises(InvalidInput):
        view(freshness=freshness)
