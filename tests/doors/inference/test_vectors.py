"""Vectors over the wire: a model of an embedding that comes with the request and one that is looked up, asked as rows,
Arrow and tensors.
"""

import asyncio
import json
from random import Random

import numpy as np
import pyarrow as pa
import pytest
from tests.projects import DEFINITIONS, append, declared, delivered_rows, in_memory, placed_rows, request_row, train

from pressroom.doors.inference.arrow_body import STREAM
from pressroom.doors.inference.wire import Incoming
from pressroom.doors.inference.worker import Worker
from pressroom.models import golden_rows
from pressroom.serving import PushRefused, Share
from pressroom.training import logistic
from pressroom.values import parse_instant

PREDICT, INFER = "/v1/endpoints/risk:predict", "/v2/models/risk/infer"
PLACED = """    voucher: pr.String = pr.field(optional=True)
"""
DELIVERED = """    delay: pr.Float = pr.field(unit="min", doc="actual minus promised")
"""
WITH_VECTORS = (
    DEFINITIONS.replace(
        PLACED, PLACED + '    photo: pr.Vector[3] = pr.field(unit="photos@1", doc="the parcel as the camera sees it")\n'
    )
    .replace(DELIVERED, DELIVERED + '    mood: pr.Vector[2] = pr.field(optional=True, unit="moods@4")\n')
    .replace(
        "    last_delay = Delivered.delay.last()\n",
        "    last_delay = Delivered.delay.last()\n    last_mood = Delivered.mood.last()\n",
    )
    .replace("Placed.voucher)", "Placed.voucher, Placed.photo)")
)


class Floor:
    def __init__(self, folder):
        self.definitions = declared(folder, WITH_VECTORS)
        self.workspace = in_memory()
        self.workspace.apply(self.definitions)
        draw = Random(4)
        placed = [{**row, "photo": [draw.uniform(-1, 1) for _ in range(3)]} for row in placed_rows()]
        by_order = {row["order"]: row["photo"] for row in placed}
        delivered = [
            {
                **row,
                "delay": row["delay"] + 20 * by_order[row["order"]][1],
                "mood": [row["delay"], 1.0] if draw.random() < 0.7 else None,
            }
            for row in delivered_rows(placed)
        ]
        append(self.workspace, self.definitions.facts["placed"], placed)
        append(self.workspace, self.definitions.facts["delivered"], delivered)
        self.trained = train(self.workspace, self.definitions, logistic())
        self.workspace.serving.push(self.definitions.endpoint("risk"), [Share(model="late.logistic")])
        self.worker = Worker(self.workspace, version="test")
        self.loop = asyncio.new_event_loop()

    def respond(self, path, body, **headers):
        raw = body if isinstance(body, bytes) else json.dumps(body).encode()
        told = {name.replace("_", "-"): value for name, value in headers.items()}
        incoming = Incoming(method="POST", path=path, headers=told, body=raw)
        return self.loop.run_until_complete(self.worker.answering.respond(incoming))

    def predictions(self, rows):
        response = self.respond(PREDICT, {"rows": rows})
        assert response.status == 200, response.body
        return [one["prediction"] for one in json.loads(response.body)["predictions"]]


@pytest.fixture(scope="module")
def floor(tmp_path_factory):
    made = Floor(tmp_path_factory.mktemp("project"))
    yield made
    made.worker.close()
    made.loop.close()


def rows(count):
    draw = Random(9)
    return [request_row(number, photo=[draw.uniform(-1, 1) for _ in range(3)]) for number in range(count)]


def test_vectors_are_trained_on_served_and_matter(floor):
    (package,) = [r.packed.package for r in floor.trained.released if r.packed.package.name == "late.logistic"]
    kinds = {field.name: (field.type, field.length, field.unit) for field in package.signature.inputs}
    assert kinds["photo"] == ("vector", 3, "photos@1")
    assert kinds["habit.last_mood"] == ("vector", 2, "moods@4")
    assert package.form == "linear"
    low, high = (floor.predictions([request_row(0, photo=[0.0, one, 0.0])])[0] for one in (-1.0, 1.0))
    assert high > low + 0.2


def test_the_online_answer_is_what_the_package_answers(floor):
    package = next(r.packed.package for r in floor.trained.released if r.packed.package.name == "late.logistic")
    inputs, expected = golden_rows(package, floor.workspace.ports.blobs)
    assert inputs["photo"].shape == (len(expected), 3)
    assert np.isnan(inputs["habit.last_mood"]).any()


def test_arrow_and_tensors_are_answered_like_rows(floor):
    asked = rows(5)
    expected = floor.predictions(asked)
    instant = parse_instant(asked[0]["promised"])
    columns = {name: [row[name] for row in asked] for name in asked[0]}
    table = pa.table(
        {
            **columns,
            "voucher": pa.array(columns["voucher"], pa.string()),
            "promised": pa.array([instant] * 5, pa.timestamp("us", tz="UTC")),
            "photo": pa.array(columns["photo"], pa.list_(pa.float64(), 3)),
        }
    )
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    response = floor.respond(PREDICT, sink.getvalue().to_pybytes(), content_type=STREAM)
    assert pa.ipc.open_stream(response.body).read_all()["prediction"].to_pylist() == expected

    tensors = tensors_of(asked, instant)
    for nested in (True, False):
        flat = np.ravel(columns["photo"]).tolist()
        photo = {"name": "photo", "shape": [5, 3], "datatype": "FP32", "data": columns["photo"] if nested else flat}
        response = floor.respond(INFER, {"inputs": [*tensors, photo]})
        assert response.status == 200, response.body
        assert json.loads(response.body)["outputs"][0]["data"] == expected

    content = np.array(columns["photo"], "<f8").tobytes()
    photo = {"name": "photo", "shape": [5, 3], "datatype": "FP64", "parameters": {"binary_data_size": len(content)}}
    head = json.dumps({"inputs": [photo, *tensors]}).encode()
    response = floor.respond(INFER, head + content, inference_header_content_length=str(len(head)))
    assert response.status == 200, response.body
    assert json.loads(response.body)["outputs"][0]["data"] == expected


def tensors_of(asked, instant):
    """All fields but the photo, as JSON tensors."""
    kinds = {"distance": "FP64", "pieces": "INT64", "gift": "BOOL", "promised": "INT64"}
    return [
        {
            "name": name,
            "shape": [len(asked)],
            "datatype": kinds.get(name, "BYTES"),
            "data": [instant if name == "promised" else row[name] for row in asked],
        }
        for name in asked[0]
        if name != "photo"
    ]


@pytest.mark.parametrize(
    ("photo", "found"),
    [([1.0, 2.0], "this one has 2"), ([1.0, None, 2.0], "null"), (None, "null"), ("abc", "a list of 3 numbers"),
     ([1.0, 2.0, 1e40], "too large")],
)  # fmt: skip
def test_a_wrong_vector_is_named_by_row_and_field(floor, photo, found):
    response = floor.respond(PREDICT, {"rows": [*rows(1), request_row(1, photo=photo)]})
    assert response.status == 400
    error = json.loads(response.body)["error"]
    assert error["field"] == "rows[1].photo"
    assert found in error["expected"] + error["found"]


@pytest.mark.parametrize("shape", [[2], [2, 2], [2, 4], [2, 3, 1], [6]])
def test_a_tensor_of_another_shape_is_refused(floor, shape):
    asked = rows(2)
    photo = {"name": "photo", "shape": shape, "datatype": "FP32", "data": [0.5] * int(np.prod(shape))}
    response = floor.respond(INFER, {"inputs": [*tensors_of(asked, parse_instant(asked[0]["promised"])), photo]})
    assert response.status == 400
    assert b"photo" in response.body


def test_a_tensor_with_nan_in_it_is_refused_with_its_row(floor):
    asked = rows(2)
    content = np.array([[1, 2, 3], [1, np.nan, 3]], "<f4").tobytes()
    photo = {"name": "photo", "shape": [2, 3], "datatype": "FP32", "parameters": {"binary_data_size": len(content)}}
    head = json.dumps({"inputs": [photo, *tensors_of(asked, parse_instant(asked[0]["promised"]))]}).encode()
    response = floor.respond(INFER, head + content, inference_header_content_length=str(len(head)))
    assert response.status == 400
    assert "rows[1].photo" in json.loads(response.body)["error"]


def test_metadata_and_openapi_say_how_long_a_vector_is(floor):
    incoming = Incoming(method="GET", path="/v2/models/risk", headers={}, body=b"")
    told = json.loads(floor.loop.run_until_complete(floor.worker.answering.respond(incoming)).body)
    assert {"name": "photo", "datatype": "FP32", "shape": [-1, 3]} in told["inputs"]
    incoming = Incoming(method="GET", path="/openapi.json", headers={}, body=b"")
    said = floor.loop.run_until_complete(floor.worker.answering.respond(incoming)).body
    assert b'"minItems":3' in said.replace(b" ", b"")


def test_answers_are_logged_with_their_vectors(floor):
    floor.predictions(rows(3))
    floor.worker.log.flush()
    running = floor.workspace.serving.current("risk")
    found = floor.workspace.monitoring.parity(running.question, running.predictions())
    assert found.checked > 0
    assert found.unequal == 0


def test_a_model_of_another_space_is_not_pushed(floor, tmp_path):
    other = declared(tmp_path, WITH_VECTORS.replace("photos@1", "photos@2"))
    with pytest.raises(PushRefused, match=r"wants photo \(vector of 3, photos@1\)"):
        floor.workspace.serving.push(other.endpoint("risk"), [Share(model="late.logistic")])
