from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from tests.features.rides import Member

from pressroom.facts import Float, Key
from pressroom.features import BadSpine, spine
from pressroom.values import InvalidInput

T = 1_357_000_000_000_000
UTC = pa.timestamp("us", "UTC")


def frame(**more):
    columns = {"n": [3, 1, 2], "at": pa.array([T + 2, T, T + 1], UTC), "who": ["b", "a", None]}
    return pa.table({**columns, **more})


def test_rows_keep_their_order_and_their_other_columns():
    odd = pa.array([[1], None, [2, 3]])
    rows = spine(frame(odd=odd), as_of="at", keys={"who": Member}).rows()
    assert rows.column_names == ["as_of", "who", "n", "at", "odd"]
    assert rows.column("n").to_pylist() == [3, 1, 2]
    assert rows.column("odd").to_pylist() == [[1], None, [2, 3]]
    assert rows.column("as_of").cast(pa.int64()).to_pylist() == [T + 2, T, T + 1]


@pytest.mark.parametrize(
    "column",
    [
        pa.array([T * 1_000 + 999] * 3, pa.timestamp("ns", "Europe/Vienna")),
        pa.array([T // 1_000] * 3, pa.timestamp("ms", "UTC")),
        pa.array(["2013-01-01T01:26:40+01:00"] * 3),
    ],
)
def test_instants_come_in_any_unit_zone_or_writing(column):
    rows = spine(frame(at=column), as_of="at", keys={"who": Member}).rows()
    assert rows.column("as_of").cast(pa.int64()).to_pylist() == [T // 1_000 * 1_000] * 3


def test_a_naive_instant_is_refused_unless_its_zone_is_named():
    naive = frame(at=pa.array([T] * 3, pa.timestamp("us")))
    with pytest.raises(BadSpine, match=r"Row 0: at is .* which is not"):
        spine(naive, as_of="at", keys={"who": Member}).rows()
    local = spine(naive, as_of="at", keys={"who": Member}, zone="Europe/Vienna").rows()
    assert local.column("as_of").cast(pa.int64()).to_pylist() == [T - 3_600_000_000] * 3


def test_a_row_without_an_instant_is_named():
    with pytest.raises(BadSpine, match="1 rows have no at; the first is row 1"):
        spine(frame(at=pa.array([T, None, T], UTC)), as_of="at", keys={"who": Member}).rows()


def test_columns_that_are_not_there_are_named():
    for words in ({"as_of": "when", "keys": {"who": Member}}, {"as_of": "at", "keys": {"whom": Member}}):
        with pytest.raises(BadSpine, match="no column"):
            spine(frame(), **words)
    with pytest.raises(BadSpine, match="two columns 'n'"):
        spine(pa.table([[1], [1]], names=["n", "n"]), as_of="n", keys={})


def test_columns_are_spoken_of_by_their_names():
    rows = spine(frame(x=[0.5, 1.0, 2.0], odd=[[1], [2], [3]]), as_of="at", keys={"who": Member})
    assert isinstance(rows["x"], Float)
    assert isinstance(rows["who"], Key)
    assert rows["who"].schema.entity == "member"
    for name, why in (("odd", "type that nothing can be asked of"), ("y", "not there")):
        with pytest.raises(BadSpine, match=why):
            rows[name]


def test_a_file_asks_as_the_table_in_it(tmp_path: Path):
    path = tmp_path / "rows.parquet"
    pq.write_table(frame(), path)
    asked = [spine(source, as_of="at", keys={"who": Member}) for source in (frame(), path, str(path))]
    assert len({rows.digest for rows in asked}) == 1
    assert asked[0].rows().equals(asked[1].rows())
    with pytest.raises(BadSpine, match="can't be read as Parquet"):
        spine(tmp_path / "none.parquet", as_of="at", keys={})


def test_frames_of_other_libraries_ask_the_same():
    given = pl.DataFrame({"at": ["2013-01-01T00:00Z"], "who": ["a"]})
    rows = spine(given, as_of="at", keys={"who": Member}).rows()
    assert rows.column("who").type == pa.string()
    assert rows.column("who").to_pylist() == ["a"]


def test_the_identity_is_every_value_and_nothing_else():
    whole = frame(kind=pa.array(["x", "y", None]).dictionary_encode(), yes=[True, None, False])
    digest = spine(whole, as_of="at", keys={"who": Member}).digest
    cut = pa.concat_tables([whole.slice(0, 1), whole.slice(1)])
    assert spine(cut, as_of="at", keys={"who": Member}).digest == digest
    padded = pa.concat_tables([whole, whole]).slice(3)
    assert spine(padded, as_of="at", keys={"who": Member}).digest == digest
    for place, name in enumerate(whole.column_names):
        changed = whole.set_column(place, name, whole.column(name).take(pa.array([1, 1, 0])))
        assert spine(changed, as_of="at", keys={"who": Member}).digest != digest
    assert spine(whole.select([*whole.column_names[::-1]]), as_of="at", keys={"who": Member}).digest != digest
    assert issubclass(BadSpine, InvalidInput)
