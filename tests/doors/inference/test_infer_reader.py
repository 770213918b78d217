"""The usual way and the plain way to read a request find the same, or neither takes it."""

import json
import struct
from types import SimpleNamespace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pressroom.doors.inference.infer_reader import InferReader
from pressroom.doors.inference.oip import LENGTH, check_outputs, from_texts, read_columns, read_infer
from pressroom.doors.inference.wire import Incoming
from pressroom.serving import OneRow
from pressroom.values import FieldSchema, InvalidInput

FIELDS = {
    field.name: field
    for field in (
        FieldSchema(name="key", type="string", entity="card"),
        FieldSchema(name="x", type="float"),
        FieldSchema(name="y", type="float"),
        FieldSchema(name="maybe", type="float", optional=True),
        FieldSchema(name="kind", type="string", values=("shop", "web"), optional=True),
        FieldSchema(name="pieces", type="int", optional=True),
        FieldSchema(name="gift", type="bool", optional=True),
        FieldSchema(name="looks", type="vector", length=2, optional=True),
    )
}
ENDPOINT = SimpleNamespace(row_fields=FIELDS.values, output=SimpleNamespace(name="p"))
MOST = 20


@pytest.fixture(scope="module", autouse=True, params=[0, 1 << 20], ids=["as large", "as small"])
def size(request):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pressroom.doors.inference.infer_reader._SMALL", request.param)
        yield request.param


def plainly(incoming):
    """As `InferReader` reads what is not usual, value by value."""
    asked, rest = read_infer(incoming)
    wanted = check_outputs(ENDPOINT, asked)
    never = SimpleNamespace(numbers=(), columns=lambda *_: None)
    return asked, wanted, read_columns(FIELDS, never, asked, rest, most_rows=MOST)


def found(read, incoming):
    """What a way of reading finds, as plain values; or what it refuses, in its words."""
    try:
        asked, wanted, given_columns = read(incoming)
    except InvalidInput as error:
        return type(error), str(error)
    columns = {name: [*map(repr, _listed(values))] for name, values in given_columns.columns.items()}
    return asked.id, asked.parameters, wanted, len(given_columns), columns


def _listed(values):
    return values.tolist() if isinstance(values, np.ndarray) else values


def incoming_of(body, **headers):
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return Incoming(method="POST", path="", headers=told, body=body)


numbers = st.floats() | st.floats(allow_nan=False, allow_infinity=False) | st.integers(-(2**70), 2**70)
values = numbers | st.none() | st.booleans() | st.text(max_size=3) | st.lists(st.just(1.0), max_size=2)
usual_of = {
    "key": st.text(max_size=3),
    "x": st.floats(allow_nan=False),
    "y": st.integers(-5, 5),
    "kind": st.just("web"),
}


@st.composite
def bodies(draw):
    """Requests, most of them usual, or nearly so."""
    count = draw(st.integers(1, 3))
    names = draw(st.permutations(["key", "x", "y", *draw(st.sets(st.sampled_from([*FIELDS, "other"]), max_size=2))]))
    inputs = []
    for name in names:
        one = values if draw(st.integers(0, 15)) == 0 else usual_of.get(name, values)
        length = count if draw(st.integers(0, 30)) else draw(st.integers(0, 4))
        told = {"name": name, "shape": [length], "datatype": "FP64"}
        told["data"] = draw(st.lists(one, min_size=length, max_size=length))
        if not draw(st.integers(0, 30)):
            told |= draw(
                st.sampled_from([{"shape": [length, 1]}, {"parameters": {"binary_data_size": 8}}, {"name": 1}])
            )
        inputs.append(told)
    more = draw(st.sampled_from([{}, {}, {"id": "7", "parameters": {"timeout": 9}}, {"outputs": [{"name": "p"}]}]))
    return json.dumps({"inputs": inputs, **more}).encode()


@given(bodies())
def test_json_is_read_the_same_both_ways(body):
    incoming = incoming_of(body)
    assert found(InferReader(ENDPOINT, most_rows=MOST).read, incoming) == found(plainly, incoming)


@pytest.mark.parametrize(
    "body",
    [
        b"", b"[]", b"{}", b'{"inputs":[]}', b'{"inputs":[{"name":"x"}]}', b'{"inputs":[{"shape":[1],"data":[1.0]}]}',
        b'{"inputs":[{"name":"x","name":"y","shape":[1],"datatype":"FP64","data":[1.0]}]}',
        b'{"inputs":[{"name":"x","shape":[1],"datatype":"FP64","data":[1e400]}]}',
        b'{"inputs":[{"name":"x","shape":[99],"datatype":"FP64","data":[1.0]}]}',
        b'{"inputs":[{"name":"x","shape":[-1],"datatype":"FP64","data":[]}]}', b"\xff",
    ],
)  # fmt: skip
def test_what_is_no_request_is_refused_in_the_same_words(body):
    incoming = incoming_of(body)
    said = found(InferReader(ENDPOINT, most_rows=MOST).read, incoming)
    assert said == found(plainly, incoming)
    assert issubclass(said[0], InvalidInput)


def usual_body(**changes):
    shape, data = {"shape": [2], "datatype": "FP64"}, {"key": ["a", "b"], "x": [0.5, 1], "y": [-0.0, 2.5], **changes}
    return json.dumps({"inputs": [{"name": name, **shape, "data": value} for name, value in data.items()]}).encode()


def test_the_usual_request_becomes_one_block(size):
    if size:
        pytest.skip("of small bodies only those with one row do")
    *_, columns = InferReader(ENDPOINT, most_rows=MOST).read(incoming_of(usual_body()))
    assert columns.block.names == ("x", "y")
    assert columns.block.numbers.tolist() == [[0.5, 1.0], [-0.0, 2.5]]
    assert columns.columns["x"].base is not None, "no copy"
    *_, columns = InferReader(ENDPOINT, most_rows=MOST).read(incoming_of(usual_body(gift=[True, None])))
    assert columns.block is not None
    assert columns.columns["gift"] == [True, None]


def test_a_usual_row_is_kept_as_it_comes(size):
    if not size:
        pytest.skip("large bodies have more")
    changes = {"key": ["a"], "x": [1], "y": [-0.5], "gift": [True]}
    inputs = [{"name": name, "shape": [1], "datatype": "FP64", "data": each} for name, each in changes.items()]
    reader = InferReader(ENDPOINT, most_rows=MOST)
    *_, row = reader.read(incoming_of(json.dumps({"inputs": inputs}).encode()))
    assert isinstance(row, OneRow)
    assert (row.names, [*row.numbers], len(row)) == (("x", "y"), [1.0, -0.5], 1)
    said = {"key": "a", "x": 1.0, "y": -0.5, "gift": True, "maybe": None, "kind": None, "pieces": None, "looks": None}
    assert row.as_rows() == [said]
    assert {name: row.column(name) for name in said} == {name: [value] for name, value in said.items()}
    assert row.block.numbers.tolist() == [[1.0], [-0.5]]
    inputs[1]["data"] = [[1.0]]
    *_, columns = reader.read(incoming_of(json.dumps({"inputs": inputs}).encode()))
    assert not isinstance(columns, OneRow), "read plainly"


def test_a_single_field_is_known_by_its_name_too():
    only = SimpleNamespace(row_fields=lambda: [FIELDS["x"]], output=ENDPOINT.output)
    reader = InferReader(only, most_rows=MOST)
    with pytest.raises(InvalidInput, match="name"):
        reader.read(incoming_of(b'{"inputs":[{"shape":[1],"datatype":"FP64","data":[1.0]}]}'))


def binary(parts):
    told = [
        {"name": name, "shape": [2], "datatype": datatype, "parameters": {"binary_data_size": len(content)}}
        for name, datatype, content in parts
    ]
    head = json.dumps({"inputs": told}).encode()
    return incoming_of(head + b"".join(part[2] for part in parts), **{LENGTH.replace("-", "_"): str(len(head))})


@given(
    st.permutations(["key", "x", "y"]),
    st.lists(st.floats(), min_size=2, max_size=2),
    st.sampled_from(["<f8", "<f4"]),
    st.integers(-1, 1),
)
def test_binary_numbers_are_read_the_same_both_ways(names, x, kind, off):
    keys = b"".join(struct.pack("<I", 1) + letter for letter in (b"a", b"b"))
    with np.errstate(over="ignore"):
        content = np.array(x).astype(kind).tobytes()
    told = {
        "key": ("key", "BYTES", keys),
        "x": ("x", {"<f8": "FP64", "<f4": "FP32"}[kind], (content + b"\x00")[: len(content) + off]),
        "y": ("y", "FP64", np.array([1.0, 2.0]).tobytes()),
    }
    incoming = binary([told[name] for name in names])
    assert found(InferReader(ENDPOINT, most_rows=MOST).read, incoming) == found(plainly, incoming)


@given(st.lists(st.text(max_size=4) | st.sampled_from(["abc", "abd"]), max_size=4), st.integers(0, 5))
def test_texts_are_what_was_put_in_or_refused(texts, wanted):
    encoded = [text.encode("utf-8", "surrogatepass") for text in texts]
    content = b"".join(struct.pack("<I", len(each)) + each for each in encoded)
    try:
        assert from_texts(content, wanted) == texts
    except (ValueError, struct.error):
        assert wanted != len(texts) or any(0xD800 <= ord(letter) < 0xE000 for text in texts for letter in text)
