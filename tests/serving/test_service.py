import pytest
from tests.projects import DEFINITIONS, END, append, declared, mean_by, train

from pressroom.catalog import UnknownEntry
from pressroom.serving import PushRefused, Share


def push(workspace, definitions, model):
    return workspace.serving.push(definitions.endpoint("risk"), [Share(model=model)]).endpoint


def test_rolling_back_lets_the_version_before_answer_again(floor):
    workspace, definitions = floor
    first = push(workspace, definitions, "late.baseline")
    second = push(workspace, definitions, "late.by_pieces")
    push(workspace, definitions, "late.by_traffic")
    assert workspace.serving.roll_back("risk") == second
    assert workspace.serving.roll_back("risk") == first
    assert workspace.serving.current("risk") == first


def test_rolling_back_with_nothing_before_is_refused(floor):
    workspace, definitions = floor
    with pytest.raises(UnknownEntry):
        workspace.serving.roll_back("risk")
    only = push(workspace, definitions, "late.baseline")
    with pytest.raises(PushRefused, match="no version before"):
        workspace.serving.roll_back("risk")
    assert workspace.serving.current("risk") == only


def test_a_push_after_a_rollback_takes_a_version_that_was_never_given(floor):
    workspace, definitions = floor
    push(workspace, definitions, "late.baseline")
    push(workspace, definitions, "late.by_pieces")
    workspace.serving.roll_back("risk")
    assert push(workspace, definitions, "late.by_traffic").version == 3
    assert workspace.serving.roll_back("risk").version == 1


def test_a_retrained_model_answers_only_after_a_push(floor):
    workspace, definitions = floor
    before = push(workspace, definitions, "late.by_pieces")
    train(workspace, definitions, mean_by("by_pieces", "pieces", prior_weight=300.0))
    assert workspace.serving.current("risk") == before
    after = push(workspace, definitions, "late.by_pieces")
    assert (before.routes[0].version, after.routes[0].version) == ("1.0.0", "1.1.0")


def test_an_endpoint_answers_right_while_a_newer_view_waits_for_its_push(floor, tmp_path):
    """Applying another definition must not leave the one that serves behind."""
    workspace, definitions = floor
    served = push(workspace, definitions, "late.by_traffic")
    changed = declared(tmp_path, DEFINITIONS.replace('Delivered.count(window="12h")', 'Delivered.count(window="24h")'))
    workspace.apply(changed)
    append(workspace, definitions.facts["delivered"], [delivery(END - 1)])
    assert counted(workspace, served) == 1
    train(workspace, changed, mean_by("by_traffic", "traffic.deliveries_12h", "pieces"))
    push(workspace, changed, "late.by_traffic")
    append(workspace, definitions.facts["delivered"], [delivery(END)])
    assert counted(workspace, workspace.serving.roll_back("risk")) == 2, "what came meanwhile is caught up with"


def delivery(event):
    return {"event": event, "order": f"x{event}", "customer": None, "quarter": "q77", "delay": 3.0}


def counted(workspace, endpoint):
    row = {field.name: None for field in (*endpoint.question.keys, *endpoint.question.request)}
    online = workspace.features.online(endpoint.question)
    return online.answer([{**row, "quarter": "q77"}], [END + 1])[0].values["traffic.deliveries_12h"]
