"""Text, bytes and vectors online: the values of the facts, whatever their size, and nothing of those that are gone."""

import pyarrow as pa
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.features.notes import (
    HOUR,
    MINUTE,
    NOTE,
    REFERENCES,
    START,
    appended_as_known,
    histories,
    note,
    table_of,
    view_of,
)

from pressroom.backends.memory.keys import MemoryKeys
from pressroom.facts import BadDefinition, arrow_schema
from pressroom.features import TooLarge, heap
from pressroom.features.arrivals import by_entity
from pressroom.features.check_view import check_view, same
from pressroom.features.packed import HEAD, OVERFULL, Head, add
from pressroom.features.question import BoundFeatures, Question
from pressroom.features.rebuild import rebuilt
from pressroom.features.stream import streams_of

TEXT, SCAN, MEANING, MOOD = (REFERENCES[name] for name in ("text", "scan", "meaning", "mood"))
WORDS = view_of(
    "words",
    last_text=TEXT.last(),
    fresh_text=TEXT.last(ttl="2h"),
    first_text=TEXT.first(window="3h"),
    texts=TEXT.distinct(window="3h"),
    last_scan=SCAN.last(ttl="5h"),
    first_scan=SCAN.first(window="1h"),
    last_meaning=MEANING.last(ttl="3h"),
    first_meaning=MEANING.first(window="3h"),
    last_mood=MOOD.last(),
    pages=REFERENCES["pages"].sum(window="3h"),
    urgent=REFERENCES["urgent"].last(),
)
SHORT = view_of("short", text=TEXT.last(ttl="10min"), moods=MOOD.distinct(window="10min"))
NOW = START + 1_000 * HOUR


@settings(max_examples=40)
@given(rows=histories, as_known=st.booleans())
def test_any_history_is_equal_offline_online_and_by_definition(rows, as_known):
    rows = appended_as_known(rows) if as_known else rows
    for view in (WORDS, SHORT):
        found = check_view(view, {"note": table_of(rows)}, MemoryKeys(), samples=40)
        assert found.examples == ()


def asked_of(view):
    return Question(keys=(NOTE.fields[0],), views=(BoundFeatures(view=view, key="patient"),), request=())


def append(floor, rows):
    floor.facts.append_checked([(NOTE, table_of(rows).select(arrow_schema(NOTE).names))])


@settings(max_examples=25)
@given(rows=histories, size=st.integers(1, 5))
def test_rows_that_grew_in_steps_answer_like_rows_made_at_once(new_floor, rows, size):
    rows = appended_as_known(rows)
    steps, once = new_floor(), new_floor()
    for start in range(0, len(rows), size):
        append(steps, rows[start : start + size])
        steps.follow(WORDS, SHORT)
    if rows:
        append(once, rows)
    for floor in (steps, once):
        floor.follow(WORDS, SHORT)
    for view in (WORDS, SHORT):
        for patient in ("ann", "bob"):
            one, other = (
                floor.online(asked_of(view)).answer([{"patient": patient}], [NOW])[0].values for floor in (steps, once)
            )
            assert all(map(same, one.values(), other.values()))


def test_what_dropped_facts_said_leaves_the_row_with_them(floor):
    for step in range(200):
        append(floor, [note(START + step * 5 * MINUTE, text=f"{step:>1000}", scan=b"\0" * 100)])
        floor.follow(SHORT)
    (row,) = [value for key, value in floor.keys.scan(b"") if not key.startswith(b"position")]
    kept = (len(row) - HEAD.size) / (1_000 + streams_of(SHORT)[0].record.itemsize)
    assert kept < 20, "an hour of slack, and a quarter of the horizon"
    assert f"{100:>1000}".encode() not in row
    answer = floor.online(asked_of(SHORT)).answer([{"patient": "ann"}], [START + 199 * 5 * MINUTE])[0]
    assert answer.values == {"short.text": f"{199:>1000}", "short.moods": 0}


def test_facts_that_come_again_leave_nothing_behind():
    (stream,) = streams_of(SHORT)
    rows = rebuilt(stream, table_of([note(START, text="once")]), NOW)
    (key,) = rows
    records, heap_ = next(
        (records, more) for _, records, more in by_entity(stream, table_of([note(START, text="once")]))
    )
    assert add(stream, rows[key], records, now=NOW, heap=heap_) == rows[key]


def test_a_row_without_such_fields_is_its_records_and_no_more():
    (stream,) = streams_of(
        view_of("plain", pages=REFERENCES["pages"].sum(window="3h"), texts=TEXT.distinct(window="1h"))
    )
    ((_, records, nothing),) = by_entity(stream, table_of([note(START, text="a"), note(START + 1, pages=3)]))
    assert nothing == b""
    assert add(stream, None, records, now=NOW)[HEAD.size :] == records.tobytes()


def test_a_text_of_ten_megabytes_is_kept(floor):
    huge = "ö" * 5_000_000
    append(floor, [note(START, text=huge), note(START + 1, text="short")])
    floor.follow(SHORT)
    answers = floor.online(asked_of(SHORT)).answer([{"patient": "ann"}] * 2, [START, START + 1])
    assert [answer.values["short.text"] for answer in answers] == [huge, "short"]


def test_an_entity_with_more_text_than_is_kept_is_refused_and_nobody_else_is(floor, monkeypatch):
    monkeypatch.setattr("pressroom.features.packed.MOST_BYTES", 1_000)
    append(floor, [note(START, text="x" * 1_001), note(START, patient="bob", text="y" * 1_000)])
    floor.follow(SHORT)
    append(floor, [note(START + 1, text="small")])
    floor.follow(SHORT)
    online = floor.online(asked_of(SHORT))
    assert online.answer([{"patient": "bob"}], [START])[0].values["short.text"] == "y" * 1_000
    with pytest.raises(TooLarge, match="the texts of note about this patient are more than") as refused:
        online.answer([{"patient": "ann"}], [START + 1])
    assert "shorter window" in refused.value.next_step
    (row,) = [value for key, value in floor.keys.scan(b"") if key.endswith(b"ann")]
    assert (Head.of(row).exact_from, Head.of(row).applied_seq, len(row)) == (OVERFULL, 2, HEAD.size)


def test_a_row_made_anew_has_the_text_of_nobody_else():
    (stream,) = streams_of(view_of("by_writer", by="writer", text=TEXT.last(), patient=REFERENCES["patient"].last()))
    told = [note(START, writer="eve", text="secret of bob", patient="bob"), note(START + 1, writer="eve", text="plain")]
    (row,) = rebuilt(stream, table_of(told), NOW).values()
    assert b"secret of bob" in row
    (row,) = rebuilt(stream, table_of(told[1:]), NOW).values()
    assert b"plain" in row
    assert b"secret" not in row
    assert b"bob" not in row


def test_vectors_are_not_told_apart():
    with pytest.raises(BadDefinition, match=r"note\.meaning is a vector, which has no distinct"):
        MEANING.distinct(window="1h")


def test_values_come_from_tables_of_any_shape():
    (stream,) = streams_of(WORDS)
    rows = [note(START + place, text=f"t{place}", scan=None, meaning=[place, 0.5]) for place in range(6)]
    table = table_of([note(START - 1, text="before"), *rows]).slice(1)
    chunked = pa.concat_tables([table.slice(0, 2), table.slice(2, 1), table.slice(3)])
    for told in (table, chunked):
        ((_, records, packed),) = by_entity(stream, told)
        text = [heap.DECODE["string"](word, packed) for word in records["text"]]
        meaning = [heap.DECODE["vector"](word, packed) for word in records["meaning"]]
        assert text == [f"t{place}" for place in range(6)]
        assert meaning == [[float(place), 0.5] for place in range(6)]
