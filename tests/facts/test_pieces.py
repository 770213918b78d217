"""Facts a piece at a time are the facts that reading gives."""

import pyarrow as pa
import pytest
from tests.features.test_corrections import Bought, Floor

from pressroom.facts import Moved, piece_schema, resolve
from pressroom.ports import BackendError


def changed(floor):
    for number in range(30):
        floor.change("says", user=f"u{number % 5}", event=number, amount=float(number), known=number)
    floor.change("corrects", user="u1", event=1, amount=7.5, known=40)
    floor.change("retracts", user="u2", event=2, amount=0.0, known=41)


def together(floor, columns):
    version, pieces = floor.facts.pieces(Bought.schema, columns)
    found = pa.concat_tables([piece_schema(Bought.schema, columns).empty_table(), *pieces])
    return version, found


@pytest.mark.parametrize("settled", [0, 10, 32])
def test_put_together_they_are_what_reading_gives(settled):
    floor = Floor()
    if settled == 10:
        floor.change("says", user="u0", event=1_000, amount=1.0, known=1_000)
        floor.facts.settle()
    changed(floor)
    if settled == 32:
        floor.facts.settle()
        floor.facts.trim(floor.facts.log_end())
    columns = ["event", "user", "amount"]
    version, found = together(floor, columns)
    expected, seen = floor.facts.history(Bought.schema, ["event", "known", "user", "amount"])
    assert resolve(found).sort_by("seq").select(expected.column_names).equals(expected.sort_by("seq"))
    assert version == seen
    assert floor.facts.count(Bought.schema) == found.num_rows == expected.num_rows + 2


def test_a_fact_of_which_there_is_none_has_no_pieces():
    floor = Floor()
    assert together(floor, ["user"])[1].num_rows == 0
    assert floor.facts.count(Bought.schema) == 0


def test_a_log_that_is_trimmed_meanwhile_is_noticed():
    floor = Floor()
    changed(floor)
    _, pieces = floor.facts.pieces(Bought.schema, ["user"])
    next(pieces)
    floor.facts.settle()
    floor.facts.trim(floor.facts.log_end())
    with pytest.raises(Moved, match="trimmed while it was read"):
        list(pieces)


def test_rows_that_move_to_the_table_meanwhile_are_seen_once():
    floor = Floor()
    changed(floor)
    _, pieces = floor.facts.pieces(Bought.schema, ["user"])
    first = next(pieces)
    floor.facts.settle()
    assert sum(piece.num_rows for piece in (first, *pieces)) == 33


def test_a_table_that_cannot_be_read_any_further_says_what_to_do(monkeypatch):
    floor = Floor()
    changed(floor)
    floor.facts.settle()
    broken = pa.RecordBatchReader.from_batches(piece_schema(Bought.schema, ["user"]), iter(_Torn()))
    monkeypatch.setattr(floor.facts._tables, "scan", lambda *_, **__: broken)
    with pytest.raises(BackendError, match="can't be read any further") as refusal:
        together(floor, ["user"])
    assert "Do it again" in refusal.value.next_step


class _Torn:
    """A stream that ends in the middle."""

    def __iter__(self):
        raise OSError("the disk is gone")
        yield
