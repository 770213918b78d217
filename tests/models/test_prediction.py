import pytest

from pressroom.models import prediction_field, prediction_schema
from pressroom.values import FieldSchema, InvalidInput

FEATURES = (
    FieldSchema(name="tail", type="string", entity="aircraft"),
    FieldSchema(name="plane.delay_24h", type="float", unit="min", labels=("partner",)),
)


def test_a_prediction_holds_the_answer_who_gave_it_and_from_what():
    schema = prediction_schema("late", FEATURES, output_unit="probability", purposes=("operations",))
    assert schema.name == "prediction.late"
    assert schema.purposes == ("operations",)
    assert [field.name for field in schema.fields] == [
        "prediction_id", "unit", "tail", "plane__delay_24h", "prediction", "model", "version", "digest", "variant",
        "endpoint_version", "latency_us", "fallback", "trace_id",
    ]  # fmt: skip
    assert {field.name for field in schema.fields if field.optional} == {
        "unit",
        "tail",
        "plane__delay_24h",
        "variant",
        "fallback",
        "trace_id",
    }


def test_features_keep_their_meaning_and_their_labels_reach_the_prediction():
    schema = prediction_schema("late", FEATURES)
    feature, answer = schema.field("plane__delay_24h"), schema.field("prediction")
    assert (feature.type, feature.unit, feature.labels) == ("float", "min", ("partner",))
    assert answer.labels == ("partner",)
    assert schema.field("tail").entity == "aircraft"


def test_dots_become_two_underscores():
    assert prediction_field("plane.delay_24h") == "plane__delay_24h"


@pytest.mark.parametrize("names", [("model",), ("a.b", "a__b"), ("unit",)])
def test_names_that_collide_are_refused(names):
    features = tuple(FieldSchema(name=name, type="float") for name in names)
    with pytest.raises(InvalidInput, match="would be called"):
        prediction_schema("late", features)


def test_an_endpoint_needs_a_proper_name():
    with pytest.raises(InvalidInput, match="fact type"):
        prediction_schema("Late!", ())
