from dataclasses import replace

import pytest

from pressroom.serving import Endpoint, Share
from pressroom.values import from_document, to_document


@pytest.fixture
def endpoint(floor):
    workspace, definitions = floor
    return workspace.serving.push(definitions.endpoint("risk"), [Share(model="late.by_traffic")]).endpoint


def test_an_endpoint_is_complete_as_data(endpoint):
    assert from_document(to_document(endpoint), Endpoint) == endpoint
    assert from_document(to_document(endpoint), Endpoint).digest() == endpoint.digest()


def test_its_predictions_are_facts_with_its_keys_features_and_purpose(endpoint):
    fact = endpoint.predictions()
    assert fact.name == "prediction.risk"
    assert fact.purposes == ("operations",)
    names = [field.name for field in fact.fields]
    assert {"order", "customer", "quarter", "habit__delay_7d", "traffic__age", "pieces", "prediction"} <= set(names)
    assert all(field.optional for field in fact.fields if field.name in {"order", "pieces", "habit__delay_7d"})


def test_predictions_do_not_depend_on_who_answers(endpoint):
    other = replace(endpoint, version=9, experiment="trial", unit="customer", salt="x")
    assert other.predictions() == endpoint.predictions()
    assert other.digest() != endpoint.digest()
