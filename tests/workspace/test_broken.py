"""A plan names everybody in use whom it would break, why, and what they have to do."""

import numpy as np
import pyarrow as pa
import pytest
from tests.projects import DEFINITIONS, declared, ready

from pressroom.models import Ensemble, nodes
from pressroom.serving import Assignment, Share
from pressroom.workspace.pack_ensemble import pack_ensemble

DELAY_12H = 'deliveries_12h = Delivered.count(window="12h")'


@pytest.fixture(scope="module")
def floor(tmp_path_factory):
    """An endpoint with an experiment on it, which pins a model's range; and two ensembles of that model."""
    workspace, definitions = ready(tmp_path_factory.mktemp("project"))
    sample = pa.table({"pieces": [1, 2, 3] * 10, "traffic.deliveries_12h": np.arange(30.0)})
    for name, reference in (("pinned", "late.by_traffic@^1"), ("loose", "late.by_traffic")):
        mixed = Ensemble(
            name=name,
            nodes=(nodes.model("traffic", reference), nodes.total("twice", {"traffic": 2.0})),
            output="twice",
        )
        pack_ensemble(mixed, sample=sample, workspace=workspace)
    workspace.serving.push(
        definitions.endpoint("risk"),
        [
            Share(model="late.by_traffic@^1", variant="control", share=0.5),
            Share(model="late.by_pieces", variant="treatment", share=0.5),
        ],
        assignment=Assignment(experiment="trial", unit="customer"),
    )
    return workspace


def broken(workspace, tmp_path, *changes):
    text = DEFINITIONS
    for before, after in changes:
        assert before in text
        text = text.replace(before, after)
    planned = workspace.plan(declared(tmp_path, text))
    return planned, {(one.kind, one.name): one for one in planned.broken}


def test_nobody_is_broken_by_what_stays(floor, tmp_path):
    planned, found = broken(floor, tmp_path)
    assert planned.changes() == ()
    assert found == {}


def test_a_feature_more_breaks_nobody(floor, tmp_path):
    planned, found = broken(
        floor, tmp_path, (DELAY_12H, f'{DELAY_12H}\n    deliveries_2d = Delivered.count(window="2d")')
    )
    (step,) = planned.changes()
    assert (step.name, step.breaks) == ("traffic", False)
    assert "no feature that was there changed" in step.why
    assert found == {}


def test_words_break_nobody(floor, tmp_path):
    _, found = broken(floor, tmp_path, ("How deliveries to this quarter went.", "How it went in this quarter."))
    assert found == {}


def test_a_feature_of_another_window_breaks_its_models_who_pins_them_and_who_asks_it(floor, tmp_path):
    planned, found = broken(floor, tmp_path, (DELAY_12H, 'deliveries_12h = Delivered.count(window="24h")'))
    (step,) = planned.changes()
    assert step.breaks
    assert "traffic.deliveries_12h is defined otherwise" in step.why
    assert set(found) == {
        ("model", "late.by_traffic"), ("ensemble", "pinned"), ("ensemble", "loose"), ("endpoint", "risk"),
        ("experiment", "trial"),
    }  # fmt: skip
    model = found["model", "late.by_traffic"]
    assert model.why == ("1.0.0 takes traffic.deliveries_12h, which is defined otherwise; trained again it is 2.0.0")
    assert model.next_step == "pressroom train late"
    assert "it pins late.by_traffic@^1, which does not reach 2.0.0" in found["ensemble", "pinned"].why
    assert "pins nothing of late.by_traffic: its next push takes 2.0.0" in found["ensemble", "loose"].why
    endpoint = found["endpoint", "risk"]
    assert "it asks what changes: traffic.deliveries_12h is defined otherwise" in endpoint.why
    assert "it pins late.by_traffic@^1" in endpoint.why
    assert "runs on risk" in found["experiment", "trial"].why


def test_a_feature_that_is_gone_breaks_only_what_takes_it(floor, tmp_path):
    _, found = broken(floor, tmp_path, ('    age = Delivered.age(ttl="2d")\n', ""))
    assert set(found) == {("endpoint", "risk"), ("experiment", "trial")}
    assert "traffic.age is gone" in found["endpoint", "risk"].why
    _, found = broken(floor, tmp_path, (f"    {DELAY_12H}\n", ""))
    assert "traffic.deliveries_12h, which is not asked any more" in found["model", "late.by_traffic"].why


def test_a_request_field_of_another_unit_breaks_callers_and_models(floor, tmp_path):
    _, found = broken(floor, tmp_path, ("pieces: pr.Int", "pieces: pr.Float"))
    assert "takes pieces as int, and it is float now" in found["model", "late.by_pieces"].why
    assert "whoever asks it has to change: pieces is float now, it was int" in found["endpoint", "risk"].why
    assert "--break-callers" in found["endpoint", "risk"].next_step


def test_a_request_field_that_is_dropped_breaks_callers(floor, tmp_path):
    _, found = broken(floor, tmp_path, ("Placed.promised, ", ""))
    assert set(found) == {("endpoint", "risk"), ("experiment", "trial")}
    assert "promised is no longer taken" in found["endpoint", "risk"].why
