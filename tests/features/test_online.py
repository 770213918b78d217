"""Online answers: what they refuse, and what they say besides the values."""

import pytest

from pressroom.facts import Bool, Entity, Fact, Float, Key, String, Timestamp
from pressroom.features import FeatureView, NotOnline, question_of, request

T = 1_357_000_000_000_000
HOUR = 3_600_000_000


class Plane(Entity):
    """One aircraft."""


class Landing(Fact):
    """A plane landed."""

    plane: Key[Plane]
    delay: Float
    smooth: Bool
    gate: String
    planned: Timestamp


class Refuelling(Fact):
    """A plane took fuel."""

    plane: Key[Plane]
    litres: Float


class Flight(Fact):
    """A plane is to fly."""

    plane: Key[Plane]
    distance: Float


class Punctuality(FeatureView, entity=Plane):
    """From two facts."""

    landings = Landing.count(window="1h")
    mean_delay = Landing.delay.mean(window="1h")
    smooth = Landing.smooth.last()
    planned = Landing.planned.last()
    age = Landing.age()
    litres = Refuelling.litres.sum(window="2h")


class Gates(FeatureView, entity=Plane):
    """Text."""

    gate = Landing.gate.last()


QUESTION = question_of(Flight.schema, [Punctuality, request(Flight.distance)])


def landing(event, **more):
    return {"event": event, "plane": "N1", "delay": 5.0, "smooth": True, "gate": "B1", "planned": T - 7, **more}


def values(floor, plane, instant, question=QUESTION):
    row = {"plane": plane, "distance": 12.0}
    return floor.online(question).answer([row], [instant])[0].values


def test_a_view_that_was_never_followed_is_refused(floor):
    with pytest.raises(NotOnline) as refused:
        floor.online(QUESTION)
    assert str(refused.value) == "Not materialised: punctuality. Run `pressroom apply` first."


def test_text_is_a_value_like_any_other(floor):
    floor.append(Landing, landing(T, gate="B\0ö"), landing(T - 1))
    floor.follow(Gates.view)
    assert values(floor, "N1", T, question_of(Flight.schema, [Gates])) == {"gates.gate": "B\0ö"}


def test_every_value_comes_as_the_python_type_of_its_field(floor):
    floor.append(Landing, landing(T))
    floor.append(Refuelling, {"event": T, "plane": "N1", "litres": 0.5})
    floor.follow(Punctuality.view)
    answer = values(floor, "N1", T + HOUR // 2)
    assert answer == {
        "punctuality.landings": 1,
        "punctuality.mean_delay": 5.0,
        "punctuality.smooth": True,
        "punctuality.planned": T - 7,
        "punctuality.age": 1800.0,
        "punctuality.litres": 0.5,
        "distance": 12.0,
    }
    assert [type(value).__name__ for value in answer.values()] == ["int", "float", "bool", "int", "float"] + [
        "float"
    ] * 2


def test_an_unknown_entity_counts_nothing_and_a_null_one_has_nulls(floor):
    floor.append(Landing, landing(T))
    floor.follow(Punctuality.view)
    unknown, null = values(floor, "N9", T + 1), values(floor, None, T + 1)
    assert unknown["punctuality.landings"] == 0
    assert [value for name, value in unknown.items() if name not in ("punctuality.landings", "distance")] == [None] * 5
    assert [value for name, value in null.items() if name != "distance"] == [None] * 6


def test_a_planted_leak_is_not_read(floor):
    floor.append(Landing, landing(T - 10), landing(T - 5, known=T + 1, delay=999.0))
    floor.follow(Punctuality.view)
    assert values(floor, "N1", T)["punctuality.mean_delay"] == 5.0
    assert values(floor, "N1", T + 1)["punctuality.mean_delay"] == 502.0


def test_many_rows_are_answered_in_their_order_each_as_of_its_own_instant(floor):
    floor.append(Landing, landing(T), landing(T, plane="N2"))
    floor.follow(Punctuality.view)
    asked = [("N2", T), ("N1", T + 1), ("nobody", T + 1), ("N1", T + 1), ("N2", T + HOUR + 1)]
    rows = [{"plane": plane, "distance": 0.0} for plane, _ in asked]
    answers = floor.online(QUESTION).answer(rows, [instant for _, instant in asked])
    assert [answer.values["punctuality.landings"] for answer in answers] == [0, 1, 0, 1, 0]
    assert floor.online(QUESTION).answer([], []) == []


def test_the_age_of_what_is_behind_each_feature_is_told(floor):
    floor.append(Landing, landing(T))
    floor.follow(Punctuality.view)
    answered = floor.online(QUESTION).answer([{"plane": "N1", "distance": 0.0}], [T + 3_000_000])[0]
    assert answered.ages_s["punctuality.landings"] == 3.0
    assert answered.ages_s["punctuality.litres"] is None


def test_answers_follow_the_store_without_being_compiled_again(floor):
    floor.follow(Punctuality.view)
    online = floor.online(QUESTION)
    floor.append(Landing, landing(T))
    floor.follow(Punctuality.view)
    assert online.answer([{"plane": "N1", "distance": 0.0}], [T + 1])[0].values["punctuality.landings"] == 1
