"""Notes about batches: kept with the rows or not at all, and found again."""

import pyarrow as pa
import pytest

from pressroom.facts import APPENDED, BadDefinition, BadRows, Fact, Key

ROWS = pa.table({"event": ["2013-01-01T00:00Z", "2013-01-01T01:00Z"], "tail": ["N1", "N2"], "delay": ["1", "x"]})


@pytest.fixture
def noted(desk, batch_of):
    return lambda table=ROWS, **more: desk.facts.append(batch_of(table, noted=True, batch="b", **more))[0]


def test_what_became_of_a_batch_is_found_when_it_comes_again(desk, noted):
    first = noted()
    assert (first.appended, first.set_aside, first.repeated) == (1, 1, False)
    again = noted()
    found = desk.facts.noted(again)
    assert (again.repeated, again.content) == (True, first.content)
    assert (found.content, found.rows, found.set_aside, found.at) == (first.content, 1, 1, desk.clock.now())
    desk.facts.settle()
    assert desk.facts.noted(again) == found
    assert len(desk.facts.read(APPENDED)[0]) == 1


def test_another_batch_of_the_same_name_does_not_change_the_note(desk, noted):
    first = noted()
    other = noted(ROWS.slice(0, 1))
    assert other.repeated
    assert other.content != first.content
    assert desk.facts.noted(other).content == first.content


def test_a_batch_that_came_without_a_note_gets_none_by_a_repetition(desk, batch_of, noted):
    desk.facts.append(batch_of(ROWS, batch="b"))
    assert desk.facts.noted(noted()) is None
    assert len(desk.facts.read(APPENDED)[0]) == 0


def test_notes_are_of_fact_source_and_batch(desk, noted):
    noted(source="desk")
    assert not noted(source="gate").repeated
    assert desk.facts.noted(noted(source="gate")).rows == 1


def test_refused_rows_are_all_with_the_error(desk, noted):
    with pytest.raises(BadRows) as refused:
        noted(refuse_bad_rows=True)
    assert [(row.row, row.field) for row in refused.value.rows] == [(2, "delay")]
    assert not noted().repeated


def test_the_name_is_taken():
    with pytest.raises(BadDefinition, match="Pressroom's own facts have that name"):
        type("Appended", (Fact,), {"__annotations__": {"who": Key["x"]}})
