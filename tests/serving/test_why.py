import pytest
from tests.projects import END, request_row

from pressroom.serving import Share, check_rows, trace_prediction


@pytest.fixture
def given(floor):
    workspace, definitions = floor
    workspace.serving.push(definitions.endpoint("risk"), [Share(model="late.by_pieces")])
    live = workspace.serving.live()
    live.refresh()
    predictor = live.predictor("risk")
    (prediction,) = predictor.predict(check_rows(predictor.endpoint.question, [request_row()]), END)
    return workspace, predictor.endpoint, prediction


def test_a_prediction_leads_to_its_endpoint_its_model_and_the_facts(given):
    workspace, endpoint, prediction = given
    node = trace_prediction(
        workspace.catalog, endpoint, prediction_id=prediction.prediction_id, model_digest=prediction.route.digest
    )
    assert (node.reference.kind, node.reference.digest) == ("prediction", prediction.prediction_id)
    (served,) = node.parents
    assert (served.reference.digest, served.version) == (endpoint.digest(), "1")
    (model,) = served.parents
    assert (model.reference.name, model.version) == ("late.by_pieces", "1.0.0")
    (training_set,) = model.parents
    assert {parent.reference.name for parent in training_set.parents} == {"placed", "delivered", "habit", "traffic"}


def test_a_model_that_is_no_route_of_it_shows_as_its_digest_alone(given):
    workspace, endpoint, _ = given
    node = trace_prediction(workspace.catalog, endpoint, prediction_id="p", model_digest="0" * 64)
    (model,) = node.parents[0].parents
    assert (model.reference.digest, model.parents) == ("0" * 64, ())
