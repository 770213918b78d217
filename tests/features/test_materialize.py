"""Following the log: each fact once, into every view, also when views come at different times."""

import pyarrow as pa
import pytest

from pressroom.facts import Entity, Fact, Facts, Float, Int, Key, arrow_schema, field
from pressroom.features import FeatureView, OfflineOnly, materialize, question_of

T = 1_357_000_000_000_000
HOUR = 3_600_000_000


class Plane(Entity):
    """One aircraft."""


class Landing(Fact):
    """A plane landed."""

    plane: Key[Plane]
    delay: Float


class Odd(Fact):
    """Its fields are called what packed rows call their own."""

    plane: Key[Plane]
    nulls: Float
    exact_from: Int


class Flight(Fact):
    """A plane is to fly."""

    plane: Key[Plane]


class Totals(FeatureView, entity=Plane):
    """Of an hour."""

    delay = Landing.delay.sum(window="1h")


class Counts(FeatureView, entity=Plane):
    """Of an hour."""

    landings = Landing.count(window="1h")


class Odds(FeatureView, entity=Plane):
    """Of fields with odd names."""

    one = Odd.nulls.sum(window="1h")
    other = Odd.exact_from.last()


def landing(event=T, plane="N1", delay=1.0):
    return {"event": event, "plane": plane, "delay": delay}


def told(floor, view, plane="N1", instant=T + 1):
    answered = floor.online(question_of(Flight.schema, [view])).answer([{"plane": plane}], [instant])
    return next(iter(answered[0].values.values()))


def test_following_says_how_many_facts_were_applied(floor):
    floor.follow(Totals.view)
    floor.append(Landing, landing(), landing())
    assert floor.follow(Totals.view) == 2
    assert floor.follow(Totals.view) == 0


def test_no_views_follow_nothing(floor):
    assert floor.follow() == 0


def test_a_new_view_is_filled_from_the_table_and_the_log(floor):
    floor.append(Landing, landing())
    floor.facts.settle()
    floor.facts.trim(floor.facts.log_end())
    floor.append(Landing, landing())
    floor.follow(Totals.view)
    assert told(floor, Totals) == 2.0


def test_a_view_that_comes_later_does_not_count_again_in_the_first(floor):
    floor.follow(Totals.view)
    floor.append(Landing, landing())
    floor.follow(Totals.view)
    floor.append(Landing, landing())
    floor.follow(Totals.view, Counts.view)
    assert (told(floor, Totals), told(floor, Counts)) == (2.0, 2)


def test_views_that_were_followed_apart_are_followed_together(floor):
    floor.follow(Totals.view, Counts.view)
    floor.append(Landing, landing())
    floor.follow(Totals.view)
    floor.append(Landing, landing())
    floor.follow(Counts.view, Totals.view)
    assert (told(floor, Totals), told(floor, Counts)) == (2.0, 2)


def test_a_view_that_fell_behind_a_trimmed_log_is_filled_again(floor):
    floor.follow(Totals.view)
    floor.append(Landing, landing())
    floor.facts.settle()
    floor.facts.trim(floor.facts.log_end())
    floor.append(Landing, landing())
    floor.follow(Totals.view)
    assert told(floor, Totals) == 2.0


def test_a_view_at_the_end_of_a_trimmed_log_is_not_filled_again(floor, monkeypatch):
    floor.append(Landing, landing())
    floor.facts.settle()
    floor.append(Odd, {"event": T, "plane": "N1", "nulls": 1.0, "exact_from": 1})
    floor.facts.settle()
    floor.facts.trim(floor.facts.log_end())
    floor.follow(Totals.view)
    monkeypatch.setattr(Facts, "read", None)
    assert floor.follow(Totals.view) == 0


def test_many_facts_are_written_in_parts(floor, monkeypatch):
    monkeypatch.setattr(materialize, "_AT_ONCE", 2)
    floor.follow(Totals.view, Counts.view)
    for _ in range(5):
        floor.append(Landing, landing(), landing(plane="N2"))
    floor.follow(Totals.view, Counts.view)
    assert [told(floor, view, plane) for view in (Totals, Counts) for plane in ("N1", "N2")] == [5.0, 5.0, 5, 5]


def test_facts_that_no_view_asks_for_are_passed_over(floor):
    floor.follow(Totals.view)
    floor.append(Odd, {"event": T, "plane": "N1", "nulls": 1.0, "exact_from": 1})
    assert floor.follow(Totals.view) == 0
    assert told(floor, Totals) is None


def test_field_names_of_facts_do_not_clash_with_those_of_packed_rows(floor):
    floor.append(Odd, {"event": T, "plane": "N1", "nulls": 1.5, "exact_from": 3})
    floor.follow(Odds.view)
    answered = floor.online(question_of(Flight.schema, [Odds])).answer([{"plane": "N1"}], [T + 1])
    assert answered[0].values == {"odds.one": 1.5, "odds.other": 3}


def test_more_fields_of_one_fact_than_a_packed_row_can_mark_null_are_refused():
    names = [f"f{number}" for number in range(65)]
    wide = type("Wide", (Fact,), {"__annotations__": {"plane": Key[Plane], **dict.fromkeys(names, Float)}})

    class All(FeatureView, entity=Plane):
        locals().update({name: getattr(wide, name).last() for name in names})

    with pytest.raises(OfflineOnly) as refused:
        materialize.streams_of(All.view)
    assert str(refused.value) == (
        "all: 65 fields of wide are more than the 64 that are kept online together. Split the view into several."
    )


@pytest.mark.parametrize("plane", ["", "N/1", "ö", "position/", "x" * 5_000])
def test_any_text_names_an_entity(floor, plane):
    floor.append(Landing, landing(plane=plane), landing(plane="other"))
    floor.follow(Totals.view)
    assert told(floor, Totals, plane) == 1.0


def test_facts_that_a_room_made_itself_are_followed_like_all_others(floor):
    floor.follow(Totals.view)
    schema = arrow_schema(Landing.schema)
    rows = pa.table({"event": [T], "known": [T], "plane": ["N1"], "delay": [4.0]}).cast(schema)
    assert floor.facts.append_checked([(Landing.schema, rows)]) == 1
    floor.follow(Totals.view)
    assert told(floor, Totals) == 4.0


def test_a_log_that_is_trimmed_while_it_is_followed_loses_no_fact(floor):
    floor.follow(Totals.view)
    floor.append(Landing, landing())
    reading = floor.log.read

    def overtaken(position=0):
        floor.log.read = reading
        floor.append(Landing, landing())
        floor.facts.settle()
        floor.facts.trim(floor.facts.log_end())
        floor.append(Landing, landing())
        return reading(position)

    floor.log.read = overtaken
    floor.follow(Totals.view)
    assert told(floor, Totals) == 3.0


def test_a_log_that_is_trimmed_behind_who_follows_it_is_followed_on(floor, monkeypatch):
    monkeypatch.setattr(materialize, "_AT_ONCE", 1)
    floor.append(Landing, landing())
    floor.facts.settle()
    floor.follow(Totals.view)
    floor.append(Landing, landing(), landing())
    trimmed = floor.log.read

    def trimming(position=0):
        floor.log.read = trimmed
        floor.facts.trim(1)
        return trimmed(position)

    floor.log.read = trimming
    assert floor.follow(Totals.view) == 2
    assert told(floor, Totals) == 3.0


def test_a_field_that_was_added_later_is_null_in_the_facts_before(floor):
    def landing_with(**more):
        annotations = {"plane": Key[Plane], "delay": Float, **more}
        optional = {name: field(optional=True) for name in more}
        return type("Landing", (Fact,), {"__annotations__": annotations, **optional})

    old, new = landing_with(), landing_with(seats=Int)

    class Seats(FeatureView, entity=Plane):
        last = new.seats.last()
        total = new.seats.sum(window="1h")
        landings = new.count(window="1h")

    question = question_of(Flight.schema, [Seats])
    floor.append(old, landing())
    floor.facts.settle()
    floor.append(old, landing())
    floor.follow(Seats.view)
    floor.append(old, landing())
    floor.append(new, {**landing(), "seats": 150})
    floor.follow(Seats.view)
    answered = floor.online(question).answer([{"plane": "N1"}], [T + 1])[0].values
    assert answered == {"seats.last": 150, "seats.total": 150.0, "seats.landings": 4}
    assert [answered] == floor.offline(question, [{"as_of": T + 1, "plane": "N1"}])
