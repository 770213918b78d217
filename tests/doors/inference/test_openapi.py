"""The document says what is served: its words are tried on the server itself."""

import json
import re

from hypothesis import given, settings
from hypothesis import strategies as st
from tests.projects import request_row

PREDICT = "/v1/endpoints/risk:predict"


def document(inside):
    status, said = inside.ask("GET", "/openapi.json")
    assert status == 200
    return said


def test_every_path_of_the_document_answers(inside):
    for path, operations in document(inside)["paths"].items():
        for method in operations:
            status, _ = inside.ask(method.upper(), path, {} if method == "post" else b"")
            assert str(status) in operations[method]["responses"]


def test_a_row_has_exactly_the_fields_of_the_endpoint(inside):
    body = document(inside)["paths"][PREDICT]["post"]["requestBody"]["content"]["application/json"]["schema"]
    row = body["properties"]["rows"]["items"]
    assert set(row["properties"]) == set(request_row())
    assert set(request_row()) - set(row["required"]) == {"customer", "voucher"}
    assert row["additionalProperties"] is False


def values_of(schema):
    """Values that a field's schema allows."""
    kinds = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    made = []
    for kind in kinds:
        match kind:
            case "null":
                made.append(st.none())
            case "boolean":
                made.append(st.booleans())
            case "integer":
                made.append(st.integers(schema["minimum"], schema["maximum"]))
            case "number":
                made.append(st.floats(schema["minimum"], schema["maximum"]))
            case "string" if schema.get("format") == "date-time":
                made.append(st.datetimes().map(lambda when: when.isoformat() + "Z"))
            case "string":
                made.append(st.text(max_size=10).filter(_is_text))
    return st.one_of(made)


def _is_text(text):
    return not re.search("[\ud800-\udfff]", text)


@settings(max_examples=60)
@given(st.data())
def test_what_the_document_allows_is_answered_as_it_says(inside, data):
    operation = document(inside)["paths"][PREDICT]["post"]
    row = operation["requestBody"]["content"]["application/json"]["schema"]["properties"]["rows"]["items"]
    fields = {name: values_of(schema) for name, schema in row["properties"].items()}
    asked = data.draw(st.fixed_dictionaries(fields))
    status, said = inside.predict(json.dumps({"rows": [asked]}).encode())
    assert status == 200, said
    answer = operation["responses"]["200"]["content"]["application/json"]["schema"]
    prediction = answer["properties"]["predictions"]["items"]
    assert set(prediction["required"]) <= set(said["predictions"][0])
