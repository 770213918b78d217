"""The whole floor with features through another entity, and of several together: trained, served, logged, forgotten."""

from random import Random

import pytest
from tests.projects import END, HOUR, MINUTE, START, append, declared, mean_by

from pressroom.serving import PushRefused, Share, check_rows
from pressroom.testing.clock import TurnedClock
from pressroom.workspace import open_workspace

DEFINITIONS = '''"""Flights, of which nobody says with which aircraft they are flown until it is assigned."""

import pressroom as pr


class Flight(pr.Entity):
    """A flight, by number and day."""


class Aircraft(pr.Entity):
    """An aircraft, by tail number."""


class Airport(pr.Entity):
    """An airport."""


class Carrier(pr.Entity):
    """An airline."""


class Pilot(pr.Entity):
    """Who flies."""


class Scheduled(pr.Fact):
    """A flight was scheduled."""

    flight: pr.Key[Flight]
    origin: pr.Key[Airport]
    carrier: pr.Key[Carrier]
    distance: pr.Float


class Assigned(pr.Fact):
    """An aircraft was assigned to a flight."""

    flight: pr.Key[Flight]
    tail: pr.Key[Aircraft]


class Landing(pr.Fact):
    """A flight landed."""

    flight: pr.Key[Flight]
    tail: pr.Key[Aircraft]
    origin: pr.Key[Airport]
    carrier: pr.Key[Carrier]
    pilot: pr.Key[Pilot]
    delay: pr.Float


class Punctuality(pr.FeatureView, entity=Aircraft, owner="ops"):
    """How late an aircraft is."""

    delay_7d = Landing.delay.mean(window="7d")
    landings_7d = Landing.count(window="7d")
    pilot = Landing.pilot.last()


class Route(pr.FeatureView, entity=(Airport, Carrier), owner="ops"):
    """How a carrier does from an airport."""

    landings_7d = Landing.count(window="7d")


late = pr.training_set(
    "late",
    spine=Scheduled,
    features=[Punctuality.through(Assigned.tail, ttl="2d", as_="plane"), Route, pr.request(Scheduled.distance)],
    label=Landing.delay.next(within="24h", by=Landing.flight) > 10,
    split=pr.split_by_time(train_until="2025-03-20T00:00Z", validate_until="2025-04-10T00:00Z"),
    purpose="operations",
    baseline=[Scheduled.distance],
    owner="ops",
)

risk = pr.endpoint("risk", answers=late)
'''
GONE = "N-to-be-forgotten"
TAILS = [GONE, "N100", "N200"]
MODEL = mean_by("by_plane", "plane.landings_7d")


def history():
    """A flight every four hours: assigned an hour before it is scheduled (some later, some never), landed after."""
    draw = Random(7)
    scheduled, assigned, landed = [], [], []
    for number in range(180):
        event = START + number * 4 * HOUR
        keys = {"flight": f"f{number}", "origin": f"A{number % 2}", "carrier": f"C{number % 3}"}
        tail = draw.choice(TAILS)
        scheduled.append({"event": event, **keys, "distance": float(number % 3)})
        if number % 7:
            late = 2 * HOUR if number % 5 == 0 else -HOUR
            assigned.append({"event": event + late, "flight": keys["flight"], "tail": tail})
        if number < 175:
            delay = round(draw.gauss(12.0 if tail == GONE else 5.0, 6.0), 1)
            landed.append({"event": event + 3 * HOUR, **keys, "tail": tail, "pilot": f"p{number % 9}", "delay": delay})
    return scheduled, assigned, landed


@pytest.fixture
def trained(tmp_path):
    definitions = declared(tmp_path, DEFINITIONS)
    with open_workspace(tmp_path, clock=TurnedClock(END)) as workspace:
        workspace.apply(definitions)
        for name, rows in zip(("scheduled", "assigned", "landing"), history(), strict=True):
            append(workspace, definitions.facts[name], rows, name=name)
        train(workspace, definitions)
        yield workspace, definitions


def train(workspace, definitions):
    run = workspace.start_run("test")
    workspace.training.train(definitions.training_set("late"), [MODEL], run=run, known_at=END)


def push(workspace, definitions):
    return workspace.serving.push(definitions.endpoint("risk"), [Share(model="late.by_plane")])


def ask(workspace, rows, as_of):
    live = workspace.serving.live()
    live.refresh()
    predictor = live.predictor("risk")
    given = predictor.predict(check_rows(predictor.endpoint.question, rows), as_of)
    log = workspace.serving.prediction_log()
    log.add(given)
    log.close()
    return given


ROWS = [
    {"flight": f"f{number}", "origin": f"A{number % 2}", "carrier": f"C{number % 3}", "distance": 1.0}
    for number in (174, 176, 177, 178, 179)
]
NOW = START + 179 * 4 * HOUR


def test_what_is_served_through_links_is_logged_and_equals_what_training_would_get(trained):
    workspace, definitions = trained
    pushed = push(workspace, definitions)
    assert [key.name for key in pushed.endpoint.question.keys] == ["flight", "origin", "carrier"]
    assert sorted(view.name for view in workspace.views()) == [
        "punctuality", "route", "through.assigned.tail.by_flight.within_2d",
    ]  # fmt: skip
    given = ask(workspace, ROWS, NOW)
    assert [one.answered.values["plane.landings_7d"] is None for one in given] == [False, False, False, False, False]
    (unassigned,) = ask(workspace, [{**ROWS[0], "flight": "f175"}], NOW)
    assert unassigned.answered.values["plane.landings_7d"] is None
    assert unassigned.answered.ages_s["plane.through.assigned.tail"] is None
    assert given[-1].answered.ages_s["plane.through.assigned.tail"] == 3600.0
    kept, _ = workspace.facts.read(pushed.endpoint.predictions())
    assert {"flight", "plane__landings_7d", "route__landings_7d"} <= set(kept.column_names)
    report = workspace.parity("risk")
    assert (report.checked, report.values, report.unequal) == (6, 24, 0)


def test_another_aircraft_assigned_a_moment_ago_is_in_the_next_answer(trained):
    workspace, definitions = trained
    push(workspace, definitions)
    before, *_ = ask(workspace, ROWS, NOW)
    change = {"event": NOW + MINUTE, "flight": "f174", "tail": "N-never-seen"}
    append(workspace, definitions.facts["assigned"], [change], name="change")
    after, *_ = ask(workspace, ROWS, NOW + 2 * MINUTE)
    assert before.answered.values["plane.landings_7d"] > 0
    assert after.answered.values["plane.landings_7d"] == 0
    assert workspace.parity("risk").unequal == 0


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('ttl="2d"', 'ttl="1d"'),
        ('landings_7d = Landing.count(window="7d")\n    pilot', 'landings_7d = Landing.count(window="6d")\n    pilot'),
    ],
    ids=["the link", "the view behind it"],
)  # fmt: skip
def test_a_model_that_was_trained_through_another_link_is_not_pushed(trained, tmp_path, old, new):
    workspace, _ = trained
    assert DEFINITIONS.count(old) == 1
    changed = declared(tmp_path, DEFINITIONS.replace(old, new))
    workspace.apply(changed)
    with pytest.raises(PushRefused, match=r"another definition of plane\.landings_7d"):
        push(workspace, changed)
    train(workspace, changed)
    push(workspace, changed)


def test_a_model_that_was_trained_through_a_link_is_not_asked_directly(trained, tmp_path):
    workspace, _ = trained
    direct = DEFINITIONS.replace(
        'Punctuality.through(Assigned.tail, ttl="2d", as_="plane")', 'Punctuality.on(Scheduled.tail, as_="plane")'
    )
    direct = direct.replace(
        "    distance: pr.Float\n", "    distance: pr.Float\n    tail: pr.Key[Aircraft] = pr.field(optional=True)\n"
    )
    changed = declared(tmp_path, direct)
    workspace.apply(changed)
    with pytest.raises(PushRefused, match=r"another definition of plane\.landings_7d"):
        push(workspace, changed)


def test_a_forgotten_aircraft_is_nowhere_and_flights_go_on_without_it(trained):
    workspace, definitions = trained
    push(workspace, definitions)
    ask(workspace, ROWS, NOW)
    receipt = workspace.forgetting.forget("aircraft", GONE)
    assert (receipt.online_removed, receipt.online_rebuilt > 0, receipt.bytes_left_in) == (1, True, ())
    assert all(one.answered.values["plane.landings_7d"] != 0 for one in ask(workspace, ROWS, NOW))
    airport = workspace.forgetting.forget("airport", "A1")
    assert airport.online_removed == 3, "with each of the carriers"
    values = [one.answered.values["route.landings_7d"] for one in ask(workspace, ROWS, NOW)]
    assert [value == 0 for value in values] == [row["origin"] == "A1" for row in ROWS]


def test_a_training_set_that_names_a_subject_only_in_a_feature_with_another_name_is_removed(trained):
    workspace, _ = trained
    receipt = workspace.forgetting.forget("pilot", "p3")
    assert [(one.name, one.held) for one in receipt.training_sets] == [("late", True)]


def test_features_of_several_entities_are_found_by_each(trained):
    workspace, _ = trained
    for entity in ("airport", "Carrier"):
        assert {card.view for card in workspace.sharing.search(entity=entity)} == {"route"}
    checks = workspace.sharing.check(samples=60)
    assert [(check.view, check.passed()) for check in checks] == [
        ("punctuality", True), ("route", True), ("through.assigned.tail.by_flight.within_2d", True),
    ]  # fmt: skip
