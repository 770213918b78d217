"""Files that are not what they should be: what is refused as a whole, and what is set aside line by line."""

import io

import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pressroom.facts import BadBatch, KnownRule, SetAside, read_file, table_of_rows
from pressroom.facts.check import check
from pressroom.values import PressroomError

EVENT = "2013-01-01T00:00Z"
HEADER = "event,tail,delay\n"
WHOLE = pa.table({"event": [EVENT] * 3, "tail": ["N1", "N2", "N3"], "delay": [1.0, None, 3.0]})


def parquet(table):
    sink = io.BytesIO()
    pq.write_table(table, sink)
    return sink.getvalue()


def arrow(table, new):
    sink = io.BytesIO()
    with new(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


FILES = {
    "a.csv": b'event,tail,delay\n2013-01-01T00:00Z,N1,1\n2013-01-01T00:00Z,"N,2",\n2013-01-01T00:00Z,N3,3\n',
    "a.jsonl": b'{"tail": "N1", "delay": 1}\n{"tail": "N2", "delay": null}\n{"tail": "N3", "delay": 3.5}\n',
    "a.parquet": parquet(WHOLE),
    "a.arrow": arrow(WHOLE, pa.ipc.new_file),
    "stream.arrow": arrow(WHOLE, pa.ipc.new_stream),
}


def refusal(path):
    with pytest.raises(BadBatch) as refused:
        read_file(path)
    assert refused.value.next_step
    return str(refused.value)


@pytest.mark.parametrize("name", FILES)
def test_a_whole_file_gives_its_rows(file, name):
    raw = read_file(file(name, FILES[name]))
    assert (raw.table.num_rows, raw.broken) == (3, ())


@pytest.mark.parametrize("name", ["b.ndjson", "b.JSONL"])
def test_endings_are_known_in_any_case(file, name):
    assert read_file(file(name, FILES["a.jsonl"])).table.num_rows == 3


def test_an_unknown_ending_is_refused_and_the_known_ones_are_listed(file):
    assert refusal(file("a.xlsx", "x")) == (
        "a.xlsx: unknown ending. Use one of .arrow, .csv, .feather, .jsonl, .ndjson, .parquet."
    )


def test_a_file_that_is_not_there_is_refused(tmp_path):
    message = refusal(tmp_path / "none.csv")
    assert message.endswith("none.csv can't be read: No such file or directory. Check the path and its rights.")


@pytest.mark.parametrize("content", ["", "\n\n", "   "])
@pytest.mark.parametrize("ending", ["csv", "jsonl", "parquet"])
def test_an_empty_file_is_refused(file, ending, content):
    assert refusal(file(f"a.{ending}", content)) == f"a.{ending} is empty. A file needs at least a header and one row."


@pytest.mark.parametrize("content", [HEADER, HEADER.strip(), HEADER + "\n\n", HEADER.replace("\n", "\r\n")])
def test_a_header_without_rows_is_refused(file, content):
    assert refusal(file("a.csv", content)) == "The file has a header and no rows. Give it at least one row."


def test_a_header_in_another_encoding_is_refused(file):
    content = (HEADER + f"{EVENT},N1,1\n").encode("utf-16")
    assert refusal(file("a.csv", content)) == "The header is no UTF-8 text. Save the file as UTF-8."


def test_bytes_that_are_no_text_at_all_are_refused(file):
    assert "The header can't be read" in refusal(file("a.csv", b"\x00" * 200_000))


@pytest.mark.parametrize("newline", ["\n", "\r\n", "\r"])
def test_lines_may_end_as_on_any_system(file, newline):
    content = (HEADER + f"{EVENT},N1,1\n{EVENT},N2,2\n").replace("\n", newline)
    table = read_file(file("a.csv", content)).table
    assert table.column_names == ["event", "tail", "delay"]
    assert table.column("delay").to_pylist() == [b"1", b"2"]


def test_a_byte_order_mark_is_no_part_of_the_header(file):
    raw = read_file(file("a.csv", b"\xef\xbb\xbf" + (HEADER + f"{EVENT},N1,1\n").encode()))
    assert raw.table.column_names == ["event", "tail", "delay"]
    assert read_file(file("a.jsonl", b'\xef\xbb\xbf{"tail": "N1"}\n')).table.num_rows == 1


def test_values_stay_as_they_stand_in_the_file(file):
    content = 'tail,gate,delay\n007," x, ""y""\n",1e3\nNA,,nan\n'
    table = read_file(file("a.csv", content)).table
    assert table.to_pylist() == [
        {"tail": b"007", "gate": b' x, "y"\n', "delay": b"1e3"},
        {"tail": b"NA", "gate": None, "delay": b"nan"},
    ]


def test_a_line_with_too_few_or_too_many_values_is_set_aside(file):
    raw = read_file(file("a.csv", HEADER + f"{EVENT},N1,1\n{EVENT},N2\n{EVENT},N3,3\n{EVENT},N4,4,5\n"))
    assert raw.table.column("tail").to_pylist() == [b"N1", b"N3"]
    assert raw.broken == (
        SetAside(row=2, field="", value=f"{EVENT},N2", reason="expected 3 values in the line, found 2"),
        SetAside(row=4, field="", value=f"{EVENT},N4,4,5", reason="expected 3 values in the line, found 4"),
    )


def test_a_file_cut_in_the_middle_of_a_line_sets_the_last_line_aside(file):
    raw = read_file(file("a.csv", HEADER + f"{EVENT},N1,1\n2013-01"))
    assert raw.table.num_rows == 1
    assert [(row.row, row.value) for row in raw.broken] == [(2, "2013-01")]


def test_a_line_is_numbered_rightly_far_into_a_large_file(file):
    rows = "".join(f"{EVENT},N{number},{number}\n" for number in range(60_000))
    raw = read_file(file("a.csv", HEADER + rows + "short\n"))
    assert [row.row for row in raw.broken] == [60_001]


@pytest.mark.parametrize("row", ['{0},"N2,2\n{0},N3,3\n', '{0},N2,"2\n{0},N3,3\n', '{0},N2,"'])
def test_a_quote_that_never_closes_refuses_the_file_instead_of_swallowing_the_rest(file, row):
    assert refusal(file("a.csv", HEADER + f"{EVENT},N1,1\n" + row.format(EVENT))) == (
        "A quote in row 2 is never closed. Close it, or write the file again: it may be cut off."
    )


def test_a_single_quote_mark_inside_a_plain_value_is_no_open_quote(file):
    raw = read_file(file("a.csv", f'event,tail,gate\n{EVENT},N1,5" pipe\n'))
    assert raw.table.column("gate").to_pylist() == [b'5" pipe']


def test_lines_that_are_no_mappings_are_set_aside_and_numbered_as_lines_of_data(file):
    raw = read_file(file("a.jsonl", '{"tail": "N1"}\n\nnope\n[1]\n\n{"tail": "N2"}\n{"tail": '))
    assert raw.table.to_pylist() == [{"tail": "N1"}, {"tail": "N2"}]
    assert [(row.row, row.value) for row in raw.broken] == [(2, "nope"), (3, "[1]"), (5, '{"tail": ')]
    assert all(row.reason.startswith("expected a JSON mapping: ") for row in raw.broken)


def test_a_long_broken_line_is_shown_in_part(file):
    raw = read_file(file("a.jsonl", '{"tail": "N1"}\n' + "x" * 500))
    assert raw.broken[0].value == "x" * 77 + "..."


@pytest.mark.parametrize("line", [b"\xff\xfe", b'{"tail": "\xff"}', b'{"tail": "\\ud800"}', b"17"])
def test_a_file_without_one_right_line_is_refused(file, line):
    message = refusal(file("a.jsonl", line))
    assert message.startswith("No line is right; row 1: expected a JSON mapping: ")
    assert message.endswith("Write one JSON mapping a line.")


def test_json_columns_that_disagree_with_themselves_are_kept_as_text():
    table = table_of_rows([{"a": 1, "b": 1}, {"a": "x", "b": 2.5}, {"a": {"c": [True]}}])
    assert table.to_pylist() == [{"a": "1", "b": 1.0}, {"a": "x", "b": 2.5}, {"a": '{"c":[true]}', "b": None}]


def test_a_json_number_too_large_for_any_column_is_kept_as_text():
    assert table_of_rows([{"a": 2**70}, {"a": 1}]).column("a").to_pylist() == [str(2**70), "1"]


@pytest.mark.parametrize("name", ["a.parquet", "a.arrow", "stream.arrow"])
@pytest.mark.parametrize("kept", [10, 50, 90])
def test_a_binary_file_cut_off_is_refused(file, name, kept):
    content = FILES[name]
    form = "parquet" if name == "a.parquet" else "arrow"
    message = refusal(file(name, content[: len(content) * kept // 100]))
    assert message.startswith(f"{name} is no whole {form} file: ")
    assert message.endswith("Write the file again.")


@settings(max_examples=300)
@given(
    name=st.sampled_from(list(FILES)),
    cut=st.integers(0, 2_000),
    changes=st.lists(st.tuples(st.integers(0, 2_000), st.integers(0, 255)), max_size=3),
)
def test_damage_of_any_kind_is_read_or_refused_with_a_next_step(landing, tmp_path_factory, name, cut, changes):
    content = bytearray(FILES[name])
    for place, byte in changes:
        content[place % len(content)] = byte
    path = tmp_path_factory.getbasetemp() / name
    path.write_bytes(content[: cut or len(content)])
    refused = None
    try:
        check(read_file(path).table, landing.schema, known=KnownRule.parse("now"), now=0)
    except PressroomError as error:
        refused = error
    assert refused is None or (refused.message and refused.next_step)


def test_a_broken_line_that_is_no_text_either_is_set_aside_and_leaves_the_others_as_they_are(file):
    raw = read_file(file("a.csv", b"tail,gate\nN1,\xf6\n\xff\nN2,\xc3\xb6\n,\n"))
    assert raw.table.to_pylist() == [
        {"tail": b"N1", "gate": b"\xf6"},
        {"tail": b"N2", "gate": "ö".encode()},
        {"tail": None, "gate": None},
    ]
    assert raw.broken == (SetAside(row=2, field="", value="\\xff", reason="expected 2 values in the line, found 1"),)
