"""Derived features all the way: trained with, pushed, answered from the catalog alone, and worked out again."""

import pyarrow.compute as pc
import pytest
from tests.projects import (
    DEFINITIONS,
    END,
    MINUTE,
    append,
    declared,
    fill,
    in_memory,
    mean_by,
    request_row,
    train,
)

from pressroom.serving import PushRefused, Share, check_rows

DERIVED = '''
import numpy as np


class Mood(pr.FeatureView, entity=Customer, owner="shop"):
    """How this customer may feel about deliveries."""

    last = Delivered.delay.last()
    usual = Delivered.delay.mean(window="7d")

    @pr.derived(unit="min")
    def lately(last, usual):
        """How much later the last delivery was than usual."""
        return pr.coalesce(last, 0.0) - pr.coalesce(usual, 0.0)


@pr.derived
def load(pieces=Placed.pieces, there=Traffic.deliveries_12h):
    return np.round(pieces / np.maximum(there, 1))


@pr.derived(unit="h")
def notice(as_of, promised=Placed.promised, gift=Placed.gift):
    return pr.where(gift, (promised - as_of) / 3600, None)


late = pr.training_set(
    "late",
    spine=Placed,
    features=[Mood, load, notice, pr.request(Placed.channel)],
    label=Delivered.delay.next(within="24h", by=Delivered.order) > 10,
    split=pr.split_by_time(train_until="2025-03-28T00:00Z", validate_until="2025-04-10T00:00Z"),
    purpose="operations",
    baseline=[Placed.channel],
    owner="shop",
)

risk = pr.endpoint("risk", answers=late)
'''
PROJECT = DEFINITIONS.partition("late = pr.training_set(")[0] + DERIVED
BY_LOAD = mean_by("by_load", "load", "notice", "mood.lately")
NEEDED = ("order", "customer", "quarter", "pieces", "gift", "promised", "channel")


@pytest.fixture
def trained(tmp_path):
    """A workspace with a model of derived features, and what it was declared from."""
    definitions = declared(tmp_path, PROJECT)
    workspace = in_memory()
    fill(workspace, definitions)
    return workspace, definitions, train(workspace, definitions, BY_LOAD)


def asked(number, **changes):
    return {name: value for name, value in request_row(number, **changes).items() if name in NEEDED}


def test_derived_features_are_trained_on_served_logged_and_equal_again(trained):
    workspace, definitions, made = trained
    names = [field.name for field in made.training_set.inputs]
    assert names == ["mood.last", "mood.usual", "mood.lately", "channel", "load", "notice"]
    assert made.training_set.table.column_names == ["as_of", "order", "customer", "quarter", *names, "label", "split"]
    workspace.serving.push(definitions.endpoint("risk"), [Share(model="late.by_load")])
    live, log = workspace.serving.live(), workspace.serving.prediction_log()
    live.refresh()
    predictor = live.predictor("risk")
    for number in range(120):
        now = END + number * 7 * MINUTE
        rows = check_rows(predictor.endpoint.question, [asked(number, gift=number % 2 == 0), asked(number + 7)])
        found = predictor.predict(rows, now)
        assert set(found[0].answered.values) == set(names)
        log.add(found)
        if number % 10 == 0:
            late = {
                "event": now + MINUTE,
                "order": f"n{number}",
                "customer": f"c{number % 60}",
                "quarter": "q1",
                "delay": number / 7,
            }
            append(workspace, definitions.facts["delivered"], [late])
    log.close()
    workspace.settle()
    report = workspace.parity("risk")
    assert (report.checked, report.unequal) == (240, 0), report.examples
    assert report.values == 240 * 5
    logged, _ = workspace.facts.read(workspace.serving.current("risk").predictions())
    assert {"pieces", "promised", "gift", "load", "notice", "mood__lately"} <= set(logged.column_names)
    hours = logged.filter(pc.field("prediction_id") == logged["prediction_id"][0].as_py())["notice"].to_pylist()
    assert hours in ([12.0], [None])
    assert pc.count_distinct(logged["load"]).as_py() > 2


def test_a_served_value_that_the_formula_does_not_give_is_found(trained):
    workspace, definitions, _ = trained
    workspace.serving.push(definitions.endpoint("risk"), [Share(model="late.by_load")])
    live, log = workspace.serving.live(), workspace.serving.prediction_log()
    live.refresh()
    predictor = live.predictor("risk")
    rows = check_rows(predictor.endpoint.question, [asked(1), asked(2)])
    found = predictor.predict(rows, END)
    found[1].answered.values["load"] = 77.0
    log.add(found)
    log.close()
    report = workspace.parity("risk")
    assert (report.checked, report.unequal, report.by_feature) == (2, 1, (("load", 1),))


def test_a_model_of_another_formula_is_not_pushed(trained, tmp_path):
    workspace, _, _ = trained
    for before, after, wrong in [
        ("np.maximum(there, 1)", "np.maximum(there, 2)", "load"),
        ("pr.coalesce(last, 0.0) -", "pr.coalesce(last, 1.0) -", "mood.lately"),
        ('usual = Delivered.delay.mean(window="7d")', 'usual = Delivered.delay.mean(window="8d")', "mood.lately"),
        ('deliveries_12h = Delivered.count(window="12h")', 'deliveries_12h = Delivered.count(window="13h")', "load"),
    ]:
        changed = declared(tmp_path / wrong / str(len(after)), PROJECT.replace(before, after))
        workspace.apply(changed)
        with pytest.raises(PushRefused, match=rf"was trained on another definition of {wrong}\."):
            workspace.serving.push(changed.endpoint("risk"), [Share(model="late.by_load")])


def test_cards_checks_and_uses_know_derived_features_of_views(trained):
    workspace, _, _ = trained
    cards = {card.feature: card for card in workspace.sharing.search() if card.view == "mood"}
    assert cards["lately"].doc == (
        "How much later the last delivery was than usual.; coalesce(last, 0.0) - coalesce(usual, 0.0)"
    )
    assert (cards["lately"].unit, cards["lately"].facts, cards["lately"].uses) == ("min", ("delivered",), ("late",))
    assert cards["lately"].age_s == cards["last"].age_s
    (found,) = workspace.sharing.check("mood", samples=200)
    assert (found.unequal, found.values) == (0, 600)
    (used,) = [card for card in workspace.sharing.search() if card.feature == "deliveries_12h"]
    assert used.uses == ("late",)


def test_what_a_training_set_derived_is_in_its_lineage(trained):
    workspace, _, _ = trained
    parents = workspace.catalog.entries("training_set", "late")[0].parents
    derived = [parent for parent in parents if parent.kind == "derived"]
    assert [parent.name for parent in derived] == ["load", "notice"]
    assert {parent.name for parent in parents if parent.kind == "view"} == {"mood", "traffic"}
    entry = workspace.catalog.find(derived[0])
    assert (entry.owner, entry.doc) == ("shop", "rint(pieces / maximum(traffic.deliveries_12h, 1))")
