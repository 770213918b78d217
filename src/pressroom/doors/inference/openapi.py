"""The OpenAPI document: exactly what is served now, made from the endpoints' own fields."""

from collections.abc import Sequence
from sys import float_info
from typing import Any

from pressroom.serving import MOST_EXPLAINED, Endpoint
from pressroom.values import FieldSchema, FieldType

Schema = dict[str, Any]
_TYPES: dict[FieldType, Schema] = {
    "int": {"type": "integer", "minimum": -(2**63), "maximum": 2**63 - 1},
    "float": {"type": "number", "minimum": -float_info.max, "maximum": float_info.max},
    "bool": {"type": "boolean"},
    "string": {"type": "string"},
    "timestamp": {"type": "string", "format": "date-time"},
}
_ERROR: Schema = {
    "type": "object",
    "required": ["error"],
    "properties": {
        "error": {
            "type": "object",
            "required": ["message", "next_step"],
            "properties": {
                "message": {"type": "string"},
                "next_step": {"type": "string"},
                "field": {"type": "string", "description": "rows[NUMBER].FIELD"},
                "expected": {"type": "string"},
                "found": {"type": "string"},
            },
        }
    },
}
_NUMBERS: Schema = {"type": "object", "additionalProperties": {"type": ["number", "null"]}}
_EXPLANATION: Schema = {
    "type": ["object", "null"],
    "description": "base and the values by input add up to score; null where a constant answered",
    "properties": {
        "method": {"type": "string"},
        "space": {"enum": ["raw", "answer"]},
        "base": {"type": ["number", "null"]},
        "score": {"type": ["number", "null"]},
        "values": _NUMBERS,
        "error": _NUMBERS,
        "effects": _NUMBERS,
        "sentences": {"type": "array", "items": {"type": "string"}},
    },
}
_ERRORS = {
    "400": "What is wrong with the request: which field, what was expected.",
    "401": "A token is needed, or is not known.",
    "403": "The token's role does not allow this.",
    "404": "Nothing answers under this name.",
    "405": "Another method is meant.",
    "408": "The body did not come in time.",
    "413": "The body is too large.",
    "422": "Understood, and not done.",
    "503": "Too much is asked now, or the outside is down: try again after Retry-After seconds.",
    "504": "The time that the request had is over.",
}


def openapi(endpoints: Sequence[Endpoint], version: str) -> Schema:
    """The document for these endpoints."""
    paths: Schema = {
        "/health/live": _get("Whether the process runs.", _object({"live": {"type": "boolean"}})),
        "/health/ready": _get("Whether it can answer.", _object({"ready": {"type": "boolean"}}), also=("503",)),
        "/v1/endpoints": _get("Which endpoints there are.", _object({"endpoints": _list({"type": "string"})})),
    }
    for endpoint in endpoints:
        paths[f"/v1/endpoints/{endpoint.name}"] = _get(
            f"What {endpoint.name} takes and who answers.", _object({"endpoint": {"type": "string"}})
        )
        paths[f"/v1/endpoints/{endpoint.name}:predict"] = {"post": _predict(endpoint)}
        paths[f"/v2/models/{endpoint.name}"] = _get(
            f"{endpoint.name} as a model of the Open Inference Protocol.", _object({"name": {"type": "string"}})
        )
        paths[f"/v2/models/{endpoint.name}/ready"] = _get(
            "Whether it answers.", _object({"ready": {"type": "boolean"}})
        )
        paths[f"/v2/models/{endpoint.name}/infer"] = {"post": _infer(endpoint)}
    return {
        "openapi": "3.1.0",
        "info": {"title": "Pressroom prediction server", "version": version},
        "paths": paths,
        "components": {
            "securitySchemes": {"token": {"type": "http", "scheme": "bearer"}},
            "schemas": {"Error": _ERROR},
        },
        "security": [{}, {"token": []}],
    }


def _predict(endpoint: Endpoint) -> Schema:
    rows = {"type": "array", "minItems": 1, "items": _row(endpoint)}
    body = _object(
        {
            "rows": rows,
            "deadline_ms": {"type": ["integer", "null"], "minimum": 1, "maximum": 3_600_000},
            "explain": {"type": "boolean", "description": f"what each input did; at most {MOST_EXPLAINED} rows"},
        },
        required=["rows"],
    )
    body["additionalProperties"] = False
    prediction = _object(
        {
            "prediction_id": {"type": "string"},
            "prediction": {"type": "number", "description": f"{endpoint.output.unit} of: {endpoint.label.words()}"},
            "model": {"type": "string"},
            "version": {"type": "string"},
            "digest": {"type": "string"},
            "variant": {"type": ["string", "null"]},
            "fallback": {"type": ["string", "null"], "description": "why another than the meant model answered"},
            "ages_s": {"type": "object", "additionalProperties": {"type": ["number", "null"]}},
        }
    )
    prediction["properties"]["explanation"] = _EXPLANATION
    answer = _object(
        {
            "endpoint": {"const": endpoint.name},
            "endpoint_version": {"type": "integer"},
            "predictions": _list(prediction),
        }
    )
    answer["properties"]["once"] = {"type": "array", "items": {"type": "string"}}
    return {
        "operationId": f"predict_{endpoint.name}",
        "summary": endpoint.label.words(),
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": _responses(answer, _ERRORS),
    }


def _infer(endpoint: Endpoint) -> Schema:
    tensor = _object(
        {
            "name": {"enum": [field.name for field in endpoint.row_fields()]},
            "shape": {"type": "array", "items": {"type": "integer", "minimum": 1}, "minItems": 1, "maxItems": 2},
            "datatype": {"enum": ["BOOL", "INT64", "FP32", "FP64", "BYTES"]},
            "data": {"type": "array", "minItems": 1, "description": "as many values as the shape says, row by row"},
        }
    )
    body = _object({"id": {"type": "string"}, "inputs": _list(tensor)}, required=["inputs"])
    answer = _object(
        {"model_name": {"const": endpoint.name}, "model_version": {"type": "string"}, "outputs": {"type": "array"}}
    )
    errors = {status: words for status, words in _ERRORS.items() if status not in ("408", "413")}
    return {
        "operationId": f"infer_{endpoint.name}",
        "summary": f"{endpoint.label.words()}, by the Open Inference Protocol",
        "requestBody": {"required": True, "content": {"application/json": {"schema": body}}},
        "responses": {
            **_responses(answer, {status: _ERRORS[status] for status in _ERRORS if status not in errors}),
            **{
                status: {
                    "description": words,
                    "content": {"application/json": {"schema": _object({"error": {"type": "string"}})}},
                }
                for status, words in errors.items()
            },
        },
    }


def _row(endpoint: Endpoint) -> Schema:
    fields = endpoint.row_fields()
    row = _object({field.name: _field(field) for field in fields}, required=[f.name for f in fields if not f.optional])
    row["additionalProperties"] = False
    return row


def _field(field: FieldSchema) -> Schema:
    kind = _vector(field) if field.type == "vector" else _TYPES.get(field.type, {})
    schema = {**kind, "description": " ".join(filter(None, (field.doc, field.unit)))}
    if field.optional and "type" in schema:
        schema["type"] = [schema["type"], "null"]
    return schema


def _get(summary: str, answer: Schema, *, also: tuple[str, ...] = ()) -> Schema:
    told = {status: words for status, words in _ERRORS.items() if status in ("401", "403", "404", "405")}
    found = _responses(answer, told)
    for status in also:
        found[status] = found["200"]
    return {"get": {"summary": summary, "responses": found}}


def _responses(answer: Schema, errors: dict[str, str]) -> Schema:
    content = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
    return {
        "200": {"description": "The answer.", "content": {"application/json": {"schema": answer}}},
        **{status: {"description": words, "content": content} for status, words in errors.items()},
    }


def _object(properties: Schema, *, required: list[str] | None = None) -> Schema:
    return {"type": "object", "properties": properties, "required": [*properties] if required is None else required}


def _list(of: Schema) -> Schema:
    return {"type": "array", "items": of}


def _vector(field: FieldSchema) -> Schema:
    number = {"type": "number", "minimum": -3e38, "maximum": 3e38}
    return {"type": "array", "items": number, "minItems": field.length, "maxItems": field.length}
