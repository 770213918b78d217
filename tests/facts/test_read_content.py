"""What comes as bytes: a JSON list of rows, and what is larger than it looks."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pressroom.facts import BadBatch, read_content


def test_a_list_of_mappings_is_rows():
    assert read_content(b'[{"a": 1}, {"b": "x"}]', "rows", name="x").table.to_pylist() == [
        {"a": 1, "b": None}, {"a": None, "b": "x"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "sentence"),
    [
        (b"  ", "The body is empty"), (b"[]", "The list has no rows"), (b"{}", "This is no list of rows"),
        (b"[1]", "This is no list of rows"), (b"[{", "This is no list of rows"),
        (b"[" * 99_999, "This is no list of rows"),
        (b'[{"a": "\xff"}]', "This is no list of rows"),
    ],
)  # fmt: skip
def test_what_is_no_list_of_rows_is_refused(content, sentence):
    with pytest.raises(BadBatch, match=sentence):
        read_content(content, "rows", name="The body")


def test_much_of_the_same_is_seen_in_the_footer_before_it_is_read():
    sink = io.BytesIO()
    pq.write_table(pa.table({"a": pa.array([7] * 1_000_000)}), sink)
    assert len(sink.getvalue()) < 20_000
    with pytest.raises(BadBatch, match="unpacks to more than 1,000,000 bytes"):
        read_content(sink.getvalue(), "parquet", name="x", most_bytes=1_000_000)
    assert read_content(sink.getvalue(), "parquet", name="x", most_bytes=100_000_000).table.num_rows == 1_000_000


def test_an_arrow_stream_that_unpacks_to_much_is_refused():
    table = pa.table({"a": pa.array([7] * 1_000_000)})
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(compression="zstd")) as stream:
        stream.write_table(table)
    with pytest.raises(BadBatch, match="unpacks to more than"):
        read_content(sink.getvalue(), "arrow", name="x", most_bytes=1_000_000)


def stream_of(table, **options):
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema, options=pa.ipc.IpcWriteOptions(**options)) as stream:
        stream.write_table(table)
    return sink.getvalue()


MANY = 2_000_000_000
LETTERS = pa.array(["x" * 1_000], pa.string_view()).buffers()


@pytest.mark.parametrize(
    "column",
    [
        pa.ListArray.from_arrays(pa.array([0, MANY], pa.int32()), pa.nulls(MANY)),
        pa.FixedSizeListArray.from_arrays(pa.nulls(MANY), MANY),
        pa.StructArray.from_arrays([pa.FixedSizeListArray.from_arrays(pa.nulls(MANY), MANY)], ["a"]),
        pa.Array.from_buffers(
            pa.string_view(), 5_000, [None, pa.py_buffer(bytes(LETTERS[1]) * 5_000), pa.py_buffer(LETTERS[2])]
        ),
        pa.DictionaryArray.from_arrays(pa.array([0] * 5_000, pa.int8()), pa.array(["x" * 1_000])),
    ],
    ids=lambda column: str(column.type)[:12],
)
def test_values_that_take_more_room_than_their_bytes_are_refused(column):
    with pytest.raises(BadBatch, match="unpacks to more than 1,000,000 bytes"):
        read_content(stream_of(pa.table({"a": column})), "arrow", name="x", most_bytes=1_000_000)


def test_runs_are_refused():
    runs = pa.RunEndEncodedArray.from_arrays(pa.array([MANY], pa.int32()), pa.array(["x"]))
    with pytest.raises(BadBatch, match="run_end_encoded"):
        read_content(stream_of(pa.table({"a": runs.slice(0, 5)})), "arrow", name="x", most_bytes=1_000_000)


@pytest.mark.parametrize("codec", ["zstd", "lz4"])
@pytest.mark.parametrize("dictionary", [False, True])
def test_what_a_compressed_buffer_says_of_its_length_is_believed_before_it_is_unpacked(codec, dictionary):
    values = pa.array(["x" * 50_000, "y"])
    table = pa.table({"a": values.dictionary_encode() if dictionary else values})
    content = stream_of(table, compression=codec)
    assert len(content) < 5_000
    told = (50_001).to_bytes(8, "little")
    before, found, after = content.rpartition(told)
    assert found
    assert read_content(content, "arrow", name="x", most_bytes=1_000_000).table.num_rows == 2
    with pytest.raises(BadBatch, match="unpacks to more than"):
        read_content(before + (1 << 45).to_bytes(8, "little") + after, "arrow", name="x", most_bytes=1_000_000)


def test_a_file_is_read_as_a_stream_is_and_one_without_its_end_is_refused():
    table, sink = pa.table({"a": [1, 2, 3]}), io.BytesIO()
    with pa.ipc.new_file(sink, table.schema) as file:
        for batch in table.to_batches(max_chunksize=1):
            file.write_batch(batch)
    content = sink.getvalue()
    assert read_content(content, "arrow", name="x", most_bytes=1_000_000).table.equals(table)
    assert read_content(content, "arrow", name="x").table.equals(table)
    for cut in (1, 50, len(content) // 2):
        with pytest.raises(BadBatch, match="no whole arrow file"):
            read_content(content[:-cut], "arrow", name="x", most_bytes=1_000_000)
