"""Batches as Arrow streams, and bytes that only look like one."""

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st
from tests.projects import request_row

from pressroom.doors.inference.arrow_body import STREAM
from pressroom.values import parse_instant

PREDICT = "/v1/endpoints/risk:predict"
HEADERS = {"content-type": STREAM}


def table_of(count, **changes):
    rows = [request_row(number) for number in range(count)]
    columns = {name: [row[name] for row in rows] for name in rows[0] if name != "promised"}
    columns["voucher"] = pa.array(columns["voucher"], pa.string())
    instants = pa.array([parse_instant(row["promised"]) for row in rows], pa.timestamp("us", tz="UTC"))
    return pa.table({**columns, "promised": instants, **changes})


def stream_of(table, **options):
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as writer:
        writer.write_table(table)
    return sink.getvalue().to_pybytes()


def asked(inside, table, **options):
    return inside.respond("POST", PREDICT, stream_of(table, **options), HEADERS)


def test_a_stream_is_answered_by_a_stream_like_its_rows(inside):
    response = asked(inside, table_of(50))
    assert (response.status, response.content_type) == (200, STREAM)
    answers = pa.ipc.open_stream(response.body).read_all()
    told = inside.predict({"rows": [request_row(number) for number in range(50)]})[1]["predictions"]
    assert answers["prediction"].to_pylist() == [one["prediction"] for one in told]
    assert len(set(answers["prediction_id"].to_pylist())) == 50
    assert answers.schema.metadata[b"endpoint_version"] == b"1"


def test_several_batches_in_a_stream_are_one_request(inside):
    table = table_of(30)
    sink = pa.BufferOutputStream()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        for batch in table.to_batches(max_chunksize=7):
            writer.write_batch(batch)
    response = inside.respond("POST", PREDICT, sink.getvalue().to_pybytes(), HEADERS)
    assert pa.ipc.open_stream(response.body).read_all().num_rows == 30


def test_an_optional_column_may_be_left_out(inside):
    assert asked(inside, table_of(3).drop_columns(["voucher"])).status == 200


@pytest.mark.parametrize(
    ("table", "word"),
    [
        (table_of(2).drop_columns(["gift"]), "gift"),
        (table_of(2).append_column("weight", pa.array([1, 2])), "weight"),
        (table_of(2, distance=["far", "near"]), "rows[0].distance"),
        (table_of(2, distance=[1.0, float("inf")]), "rows[1].distance: expected a finite number"),
        (table_of(2, distance=[1.0, float("nan")]), "rows[1].distance: expected a number, found null"),
        (table_of(2, pieces=pa.array([1.5, 2.0])), "rows[0].pieces"),
        (table_of(2, promised=pa.array([1, 2], pa.timestamp("us"))), "no zone"),
        (table_of(1).slice(1), "at least one row"),
        (pa.table({"n": pa.nulls(20_000)}), "Send at most 10000"),
    ],
)
def test_a_wrong_column_is_named(inside, table, word):
    response = asked(inside, table)
    assert response.status == 400
    assert word in response.body.decode()


def test_what_could_swell_is_refused_unread(inside):
    for codec in ("zstd", "lz4"):
        response = asked(inside, table_of(200), compression=codec)
        assert (response.status, b"compressed" in response.body) == (400, True)
    table = table_of(3).set_column(3, "quarter", pa.array(["q0", "q1", "q0"]).dictionary_encode())
    assert b"dictionary" in asked(inside, table).body


MANY = 2_000_000_000
RUNS = pa.RunEndEncodedArray.from_arrays(pa.array([MANY], pa.int32()), pa.array(["x" * 100]))
OFFSETS = pa.array([0, MANY], pa.int32())
LETTERS = pa.array(["x" * 1_000], pa.string_view()).buffers()


@pytest.mark.parametrize(
    "column",
    [
        pa.FixedSizeListArray.from_arrays(pa.nulls(MANY), MANY),
        pa.ListArray.from_arrays(OFFSETS, pa.nulls(MANY)),
        pa.ListArray.from_arrays(OFFSETS, RUNS),
        pa.ListArray.from_arrays(pa.array([0, 8_000], pa.int32()), pa.array([True] * 8_000)),
        pa.ListViewArray.from_arrays(
            pa.array([0] * 50, pa.int32()), pa.array([9] * 50, pa.int32()), pa.array([0.5] * 9)
        ),
        pa.Array.from_buffers(
            pa.string_view(), 5_000, [None, pa.py_buffer(bytes(LETTERS[1]) * 5_000), pa.py_buffer(LETTERS[2])]
        ),
        pa.StructArray.from_arrays([pa.nulls(1)], ["a"]),
        pa.array([b"12"], pa.binary(2)).cast(pa.binary_view()),
    ],
    ids=lambda column: str(column.type)[:20],
)
def test_a_type_whose_values_take_more_room_than_their_bytes_is_refused_unread(inside, column):
    response = asked(inside, pa.table({"distance": column}))
    assert response.status == 400
    assert b"The column 'distance' is a " in response.body


def test_more_columns_than_a_row_has_are_refused_unread(inside):
    response = asked(inside, pa.table({f"x{number}": pa.nulls(1) for number in range(3_000)}))
    assert (response.status, b"3000 columns" in response.body) == (400, True)


@given(st.data())
def test_no_damage_to_a_stream_makes_a_defect(inside, data):
    damaged = bytearray(stream_of(table_of(3)))
    for _ in range(data.draw(st.integers(1, 6))):
        place = data.draw(st.integers(0, len(damaged) - 1))
        if data.draw(st.booleans()):
            damaged[place] = data.draw(st.integers(0, 255))
        else:
            del damaged[place:]
            damaged = damaged or bytearray(b"\0")
    assert inside.respond("POST", PREDICT, bytes(damaged), HEADERS).status in (200, 400, 422)


@given(st.binary(max_size=300))
def test_bytes_that_are_no_stream_are_refused(inside, body):
    assert inside.respond("POST", PREDICT, body, HEADERS).status == 400
