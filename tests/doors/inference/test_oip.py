"""The Open Inference Protocol as its clients speak it, and as nobody should."""

import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.projects import request_row

INFER = "/v2/models/risk/infer"
LENGTH = "inference-header-content-length"
NUMBERS = {"distance": ("FP64", "<f8"), "pieces": ("INT64", "<i8"), "gift": ("BOOL", "?"), "promised": ("INT64", "<i8")}
TEXTS = ("order", "customer", "quarter", "channel", "voucher")
PROMISED = 1_744_286_400_000_000


def tensors(*rows):
    """Rows as JSON tensors."""
    found = []
    for name in rows[0]:
        values = [PROMISED if name == "promised" else row[name] for row in rows]
        datatype = NUMBERS[name][0] if name in NUMBERS else "BYTES"
        found.append({"name": name, "shape": [len(rows)], "datatype": datatype, "data": values})
    return found


def binary(*rows, **changes):
    """Rows in the binary extension: body and headers. Optional texts are left out: bytes have no null."""
    inputs, parts = [], []
    for name in rows[0]:
        if name == "voucher":
            continue
        values = [PROMISED if name == "promised" else row[name] for row in rows]
        if name in NUMBERS:
            datatype, kind = NUMBERS[name]
            content = np.array(values, kind).tobytes()
        else:
            datatype = "BYTES"
            content = b"".join(struct.pack("<I", len(v.encode())) + v.encode() for v in values)
        parts.append(content)
        told = {"name": name, "shape": [len(rows)], "datatype": datatype}
        inputs.append({**told, "parameters": {"binary_data_size": len(content)}})
    head = json.dumps({"inputs": inputs, **changes}).encode()
    return head + b"".join(parts), {LENGTH: str(len(head))}


def own(inside, *rows):
    return [one["prediction"] for one in inside.predict({"rows": [*rows]})[1]["predictions"]]


def rows(count):
    return [request_row(number) for number in range(count)]


def test_tensors_are_answered_like_rows(inside):
    asked = rows(7)
    status, said = inside.ask("POST", INFER, {"id": "mine", "inputs": tensors(*asked)})
    assert status == 200, said
    (output,) = said["outputs"]
    assert (output["data"], output["shape"], output["datatype"]) == (own(inside, *asked), [7], "FP64")
    assert (said["model_name"], said["model_version"], said["id"]) == ("risk", "1", "mine")


def test_a_version_may_be_named(inside):
    body = {"inputs": tensors(*rows(1))}
    assert inside.ask("POST", "/v2/models/risk/versions/1/infer", body)[0] == 200
    status, said = inside.ask("POST", "/v2/models/risk/versions/9/infer", body)
    assert (status, "There are: 1" in said["error"]) == (404, True)


def test_bytes_are_answered_like_rows(inside):
    asked = rows(5)
    body, headers = binary(*asked)
    status, said = inside.ask("POST", INFER, body, headers)
    assert (status, said["outputs"][0]["data"]) == (200, own(inside, *asked))


def test_answers_come_in_bytes_where_they_are_wanted_so(inside):
    asked = rows(3)
    name = inside.live.predictor("risk").endpoint.output.name
    outputs = [
        {"name": name, "parameters": {"binary_data": True}},
        {"name": "prediction_id", "parameters": {"binary_data": True}},
        {"name": "model"},
    ]
    body, headers = binary(*asked, outputs=outputs)
    response = inside.respond("POST", INFER, body, headers)
    told = dict(response.headers)
    size = int(told["Inference-Header-Content-Length"])
    head, rest = json.loads(response.body[:size]), response.body[size:]
    first, second, third = head["outputs"]
    assert np.frombuffer(rest[:24], "<f8").tolist() == own(inside, *asked)
    assert first["parameters"]["binary_data_size"] == 24
    assert second["parameters"]["binary_data_size"] == 3 * 36 == len(rest) - 24
    assert third["data"] == ["late.by_pieces 1.0.0"] * 3


def test_shapes_with_a_one_and_nested_data_mean_the_same(inside):
    asked = rows(2)
    nested = [{**t, "shape": [2, 1], "data": [[v] for v in t["data"]]} for t in tensors(*asked)]
    assert inside.ask("POST", INFER, {"inputs": nested})[1]["outputs"][0]["data"] == own(inside, *asked)


def test_what_there_is_is_told(inside):
    status, said = inside.ask("GET", "/v2/models/risk")
    assert status == 200
    assert {each["name"]: each["datatype"] for each in said["inputs"]} == {
        **{name: datatype for name, (datatype, _) in NUMBERS.items()}, **dict.fromkeys(TEXTS, "BYTES"),
    }  # fmt: skip
    assert said["versions"] == ["1"]
    assert inside.ask("GET", "/v2")[1]["extensions"] == ["binary_tensor_data"]
    for path in ("/v2/health/live", "/v2/health/ready", "/v2/models/risk/ready", "/v2/models/risk/versions/1/ready"):
        assert inside.ask("GET", path)[0] == 200
    assert inside.ask("GET", "/v2/models/rusk/ready")[0] == 404


def changed(place, **changes):
    found = tensors(*rows(2))
    found[place] = {**found[place], **changes}
    return {"inputs": found}


@pytest.mark.parametrize(
    ("body", "words"),
    [
        ({"inputs": []}, "no inputs"),
        ({}, "no inference request"),
        ({"inputs": tensors(*rows(1))[:3]}, "distance: expected a number, found nothing"),
        (changed(3, data=["far", 1.0]), "rows[0].distance: expected a number, found 'far'"),
        (changed(3, data=[1.0, None]), "rows[1].distance: expected a number, found null"),
        (changed(3, data=[1.0]), "1 values for 2 rows"),
        (changed(3, data=None), "no data"),
        (changed(3, shape=[3]), "another number of rows"),
        (changed(0, shape=[]), "has the shape []"),
        (changed(0, shape=[-1]), "has the shape [-1]"),
        (changed(0, shape=[2, 2]), "has the shape [2, 2]"),
        (changed(0, shape=[10**9]), "Send at most"),
        (changed(4, data=[2**63, 1]), "rows[0].pieces: expected a whole number of 64 bits"),
        (changed(4, name="order"), "'order' comes twice"),
        (changed(4, name="weight"), "pieces"),
        ({"inputs": tensors(*rows(1)), "outputs": [{"name": "other"}]}, "no output 'other'"),
        ({"inputs": tensors(*rows(1)), "outputs": [{"name": "model"}] * 3}, "asked for twice"),
        (changed(3, data=[[1.0] * 10] * 50_000), "50000 values for 2 rows"),
        ({"inputs": tensors(*rows(1)), "parameters": {"timeout": "soon"}}, "timeout"),
        (changed(3, data=[[[[[[[[[[1.0]]]]]]]]], 1.0]), "rows[0].distance"),
    ],
)
def test_what_is_no_request_is_refused_with_a_sentence(inside, body, words):
    status, said = inside.ask("POST", INFER, body)
    assert status == 400
    assert words in said["error"]


@pytest.mark.parametrize("told", ["-1", "x", "99999999", "1e3", "", "0" * 5_000 + "5", "\u0665"])
def test_a_wrong_length_of_the_head_is_refused(inside, told):
    body, _ = binary(*rows(1))
    assert inside.ask("POST", INFER, body, {LENGTH: told})[0] == 400


def test_infinite_and_missing_numbers_in_bytes_are_refused(inside):
    for value, words in ((float("inf"), "a finite number"), (float("nan"), "found NaN")):
        body, headers = binary(request_row(distance=value))
        status, said = inside.ask("POST", INFER, body, headers)
        assert (status, words in said["error"]) == (400, True)


@given(st.data())
def test_no_damage_to_bytes_makes_a_defect(inside, data):
    body, headers = binary(*rows(2))
    damaged = bytearray(body)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(damaged) - 1))
        match data.draw(st.sampled_from(["change", "cut", "repeat"])):
            case "change":
                damaged[place] = data.draw(st.integers(0, 255))
            case "cut":
                del damaged[place : place + data.draw(st.integers(1, 40))]
            case _:
                damaged[place:place] = damaged[place : place + data.draw(st.integers(1, 40))]
        if not damaged:
            break
    told = data.draw(st.sampled_from([headers[LENGTH], str(len(damaged)), "3"]))
    assert inside.respond("POST", INFER, bytes(damaged), {LENGTH: told}).status in (200, 400, 422)


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**70), 2**70) | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


@given(st.dictionaries(st.sampled_from(["name", "shape", "datatype", "data", "parameters"]), JSON), st.integers(0, 8))
def test_no_json_makes_a_defect(inside, changes, place):
    found = tensors(*rows(2))
    found[place] = {**found[place], **changes}
    assert inside.respond("POST", INFER, json.dumps({"inputs": found}).encode()).status in (200, 400, 422)
