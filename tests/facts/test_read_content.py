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
