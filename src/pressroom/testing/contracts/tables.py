"""What every Tables must do."""

from pathlib import Path

import pyarrow as pa
import pytest

from pressroom.ports import Tables
from pressroom.values import Columns, InvalidInput, NotFound, PressroomError

SCHEMA = pa.schema(
    [
        ("tail", pa.string()),
        ("seats", pa.int64()),
        ("delay", pa.float64()),
        ("late", pa.bool_()),
        ("event", pa.timestamp("us", tz="UTC")),
    ]
)


def some_rows(*numbers: int) -> pa.Table:
    """A row of every type for each number; every third has nulls."""
    return pa.Table.from_pylist(
        [
            {
                "tail": f"N{number}",
                "seats": number - 2**40,
                "delay": None if number % 3 == 0 else number / 7,
                "late": None if number % 3 == 0 else number % 2 == 0,
                "event": number * 1_000_003,
            }
            for number in numbers
        ],
        schema=SCHEMA,
    )


def rows_of(columns: Columns | None) -> list[dict[str, object]]:
    """The rows, in the order of their first column: a table promises no order."""
    assert columns is not None
    rows = pa.table(columns)
    return rows.sort_by(rows.column_names[0]).to_pylist()


class TablesContract:
    """Subclass it, override `make`, and `again` where handles share a store."""

    def make(self, tmp_path: Path) -> Tables:
        """An empty store."""
        raise NotImplementedError

    def again(self, store: Tables, tmp_path: Path) -> Tables:
        """Another handle on what `store` holds."""
        return store

    def test_a_table_that_was_never_appended_to_is_none(self, tmp_path: Path) -> None:
        tables = self.make(tmp_path)
        assert tables.scan("landing") is None
        assert tables.version("landing") is None
        assert tables.position("landing") == 0
        assert tables.names() == []

    def test_rows_come_back_with_their_types_and_nulls(self, tmp_path: Path) -> None:
        tables = self.make(tmp_path)
        tables.append("landing", some_rows(1, 2, 3), position=10)
        found = tables.scan("landing")
        assert rows_of(found) == some_rows(1, 2, 3).to_pylist()
        assert pa.table(found).schema.remove_metadata() == SCHEMA

    def test_bytes_and_lists_come_back_with_their_types_and_nulls(self, tmp_path: Path) -> None:
        tables = self.make(tmp_path)
        schema = pa.schema([("tail", pa.string()), ("photo", pa.binary()), ("place", pa.list_(pa.float32()))])
        rows = [
            {"tail": "N1", "photo": b"\x00\xff", "place": [0.5, None, 1.5]},
            {"tail": "N2", "photo": None, "place": None},
            {"tail": "N3", "photo": b"", "place": []},
        ]
        tables.append("landing", pa.Table.from_pylist(rows, schema=schema), position=10)
        tables.append("landing", pa.Table.from_pylist([{**rows[0], "tail": "N4"}], schema=schema), position=11)
        tables.rewrite("landing", lambda part: part, below_rows=100)
        found = tables.scan("landing")
        assert rows_of(found) == [*rows, {**rows[0], "tail": "N4"}]
        assert pa.table(found).schema.remove_metadata() == schema
        with pytest.raises(InvalidInput):
            tables.append("landing", pa.table({"place": pa.array([[1]], pa.list_(pa.int64()))}), position=12)

    def test_versions_count_from_zero_and_positions_go_with_them(self, tmp_path: Path) -> None:
        tables = self.make(tmp_path)
        for version, position in enumerate((10, 11, 500)):
            assert tables.append("landing", some_rows(version), position=position) == version
            assert tables.version("landing") == version
            assert tables.position("landing") == position
        assert rows_of(tables.scan("landing")) == some_rows(0, 1, 2).to_pylist()

    @pytest.mark.parametrize("position", [10, 9, 1])
    def test_an_append_at_or_below_the_position_changes_nothing(self, tmp_path: Path, position: int) -> None:
        tables = self.make(tmp_path)
        version = tables.append("landing", some_rows(1), position=10)
        assert tables.append("landing", some_rows(2), position=position) == version
        assert tables.version("landing") == version
        assert tables.position("landing") == 10
        assert rows_of(tables.scan("landing")) == some_rows(1).to_pylist()

    def test_an_append_of_no_rows_moves_the_position(self, tmp_path: Path) -> None:
        tables = self.make(tmp_path)
        tables.append("landing", some_rows(), position=10)
        assert rows_of(tables.scan("landing")) == []
        tables.append("landing", some_rows(1), position=20)
        tables.append("landing", some_rows(), position=30)
        assert tables.position("landing") == 30
        assert rows_of(tables.scan("landing")) == some_rows(1).to_pylist()

    def test_some_columns_in_the_order_asked_for(self, tmp_path: Path) -> None:
        tables = self.make(tmp_path)
        tables.append("landing", some_rows(1, 2), position=10)
        found = pa.table(tables.scan("landing", columns=["event", "tail"]))
        assert found.column_names == ["event", "tail"]
        assert rows_of(found) == some_rows(1, 2).select(["event", "tail"]).to_pylist()

    def test_an_old_version_stays_as_it_was(self, tmp_path: Path) -> None:
        tables = self.make(tmp_path)
        versions = [tables.append("landing", some_rows(number), position=number) for number in (1, 2, 3)]
        assert rows_of(tables.scan("landing", version=versions[0])) == some_rows(1).to_pylist()
        assert rows_of(tables.scan("landing", version=versions[1])) == some_rows(1, 2).to_pylist()
        assert rows_of(tables.scan("landing", version=versions[2], columns=["tail"])) == (
            some_rows(1, 2, 3).select(["tail"]).to_pylist()
        )

    @pytest.mark.parametrize("question", [{"version": 7}, {"version": -1}, {"columns": ["nobody"]}])
    def test_versions_and_columns_that_are_not_there_are_refused(
        self, tmp_path: Path, question: dict[str, object]
    ) -> None:
        tables = self.make(tmp_path)
        tables.append("landing", some_rows(1), position=10)
        with pytest.raises(PressroomError):
            tables.scan("landing", **question)  # pyright: ignore[reportArgumentType]

    def test_a_new_column_is_null_in_the_rows_before_and_a_missing_one_in_those_after(self, tmp_path: Path) -> None:
        tables = self.make(tmp_path)
        tables.append("landing", pa.table({"n": [1], "old": ["x"]}), position=10)
        tables.append("landing", pa.table({"n": [2], "new": [0.5]}), position=20)
        assert rows_of(tables.scan("landing")) == [
            {"n": 1, "old": "x", "new": None},
            {"n": 2, "old": None, "new": 0.5},
        ]
        assert rows_of(tables.scan("landing", columns=["new"])) == [{"new": 0.5}, {"new": None}]
        assert rows_of(tables.scan("landing", version=0)) == [{"n": 1, "old": "x"}]

    def test_a_column_of_another_type_is_refused(self, tmp_path: Path) -> None:
        tables = self.make(tmp_path)
        version = tables.append("landing", pa.table({"n": [1]}), position=10)
        with pytest.raises(InvalidInput):
            tables.append("landing", pa.table({"n": ["one"]}), position=20)
        assert (tables.version("landing"), tables.position("landing")) == (version, 10)
        assert rows_of(tables.scan("landing")) == [{"n": 1}]

    def test_tables_do_not_share_rows_or_positions(self, tmp_path: Path) -> None:
        tables = self.make(tmp_path)
        tables.append("weather.observed", some_rows(1), position=10)
        tables.append("landing", some_rows(2), position=5)
        assert tables.names() == ["landing", "weather.observed"]
        assert (tables.position("landing"), tables.position("weather.observed")) == (5, 10)
        assert rows_of(tables.scan("landing")) == some_rows(2).to_pylist()

    @pytest.mark.parametrize("name", ["", "../up", "a/b", ".hidden", "A", "a b"])
    def test_names_that_are_no_names_are_refused(self, tmp_path: Path, name: str) -> None:
        tables = self.make(tmp_path)
        with pytest.raises(InvalidInput):
            tables.append(name, some_rows(1), position=1)
        assert tables.names() == []

    def test_anything_that_speaks_arrow_is_taken(self, tmp_path: Path) -> None:
        tables = self.make(tmp_path)
        batches = some_rows(1, 2, 3).to_batches(max_chunksize=2)
        tables.append("landing", pa.RecordBatchReader.from_batches(SCHEMA, batches), position=10)
        assert rows_of(tables.scan("landing")) == some_rows(1, 2, 3).to_pylist()

    def test_another_handle_sees_what_was_appended(self, tmp_path: Path) -> None:
        tables = self.make(tmp_path)
        other = self.again(tables, tmp_path)
        assert other.version("landing") is None
        tables.append("landing", some_rows(1), position=10)
        assert other.append("landing", some_rows(1), position=10) == 0
        other.append("landing", some_rows(2), position=20)
        assert tables.position("landing") == 20
        assert rows_of(tables.scan("landing")) == some_rows(1, 2).to_pylist()

    def test_rewriting_hands_over_each_part_and_puts_what_comes_back_in_its_place(self, tmp_path: Path) -> None:
        tables = self.make(tmp_path)
        for number in (1, 2, 3):
            version = tables.append("landing", some_rows(number, number + 10), position=number)
        seen: list[list[int]] = []

        def without_two(part: Columns) -> Columns | None:
            rows = pa.table(part)
            seen.append(sorted(rows["seats"].to_pylist()))
            mask = [tail == "N2" for tail in rows["tail"].to_pylist()]
            return rows.filter(pa.array([not one for one in mask])) if any(mask) else None

        done = tables.rewrite("landing", without_two)
        assert done is not None
        assert (done.taken_parts, done.taken_rows, done.put_parts, done.put_rows) == (1, 2, 1, 1)
        assert sorted(seen) == [[number - 2**40, number + 10 - 2**40] for number in (1, 2, 3)]
        assert done.version == tables.version("landing") == version + 1
        assert tables.position("landing") == 3
        assert rows_of(tables.scan("landing")) == rows_of(some_rows(1, 3, 11, 12, 13))
        assert rows_of(tables.scan("landing", version=version)) == rows_of(some_rows(1, 2, 3, 11, 12, 13))

    def test_a_part_without_a_row_left_is_none_and_the_table_goes_on(self, tmp_path: Path) -> None:
        tables = self.make(tmp_path)
        tables.append("landing", some_rows(1, 2), position=1)
        done = tables.rewrite("landing", lambda part: pa.table(part).slice(0, 0))
        assert done is not None
        assert (done.taken_parts, done.put_parts, done.put_rows) == (1, 0, 0)
        assert rows_of(tables.scan("landing")) == []
        assert pa.table(tables.scan("landing")).schema.remove_metadata() == SCHEMA
        tables.append("landing", some_rows(3), position=2)
        assert rows_of(tables.scan("landing")) == some_rows(3).to_pylist()

    def test_rewriting_nothing_makes_no_version(self, tmp_path: Path) -> None:
        tables = self.make(tmp_path)
        assert tables.rewrite("landing", lambda part: part) is None
        version = tables.append("landing", some_rows(1), position=1)
        done = tables.rewrite("landing", lambda part: None)
        assert done is not None
        assert (done.version, done.taken_parts) == (version, 0)
        assert tables.version("landing") == version

    def test_an_error_while_rewriting_changes_nothing(self, tmp_path: Path) -> None:
        tables = self.make(tmp_path)
        version = tables.append("landing", some_rows(1), position=1)
        tables.append("landing", some_rows(2), position=2)
        asked: list[Columns] = []

        def fail_at_the_second(part: Columns) -> Columns | None:
            asked.append(part)
            if len(asked) == 2:
                raise ZeroDivisionError
            return part

        with pytest.raises(ZeroDivisionError):
            tables.rewrite("landing", fail_at_the_second)
        assert tables.version("landing") == version + 1
        assert rows_of(tables.scan("landing")) == some_rows(1, 2).to_pylist()

    def test_small_parts_are_handed_over_together_and_large_ones_are_left_alone(self, tmp_path: Path) -> None:
        tables = self.make(tmp_path)
        tables.append("landing", some_rows(*range(20, 30)), position=1)
        for number in range(6):
            tables.append("landing", some_rows(number), position=2 + number)
        assert self._gathered(tables, below_rows=10, least=7) == []
        assert self._gathered(tables, below_rows=10, least=6) == [6]
        assert self._gathered(tables, below_rows=6, least=1) == [], "two large parts and nothing to put together"
        assert rows_of(tables.scan("landing")) == rows_of(some_rows(*range(6), *range(20, 30)))

    def test_small_parts_are_handed_over_no_more_at_once_than_asked(self, tmp_path: Path) -> None:
        tables = self.make(tmp_path)
        for number in range(9):
            tables.append("landing", some_rows(number, number + 20), position=1 + number)
        gathered = self._gathered(tables, below_rows=6, least=2)
        assert sum(gathered) == 18
        assert max(gathered) < 2 * 6
        assert rows_of(tables.scan("landing")) == rows_of(some_rows(*range(9), *range(20, 29)))

    def _gathered(self, tables: Tables, *, below_rows: int, least: int) -> list[int]:
        sizes: list[int] = []

        def same(part: Columns) -> Columns:
            sizes.append(pa.table(part).num_rows)
            return part

        tables.rewrite("landing", same, below_rows=below_rows, least=least)
        return sizes

    def test_parts_with_different_columns_can_be_put_together(self, tmp_path: Path) -> None:
        tables = self.make(tmp_path)
        tables.append("landing", pa.table({"n": [1], "old": ["x"]}), position=10)
        tables.append("landing", pa.table({"n": [2], "new": [0.5]}), position=20)
        before = rows_of(tables.scan("landing"))
        tables.rewrite("landing", lambda part: part, below_rows=100)
        assert rows_of(tables.scan("landing", columns=["n", "old", "new"])) == before

    def test_vacuum_keeps_the_newest_version_alone(self, tmp_path: Path) -> None:
        tables = self.make(tmp_path)
        assert tables.vacuum("landing", keep_us=0).files == 0
        for number in (1, 2, 3):
            tables.append("landing", some_rows(number), position=number)
        other = self.again(tables, tmp_path)
        assert pa.table(other.scan("landing")).num_rows == 3
        done = tables.rewrite("landing", lambda part: part, below_rows=100)
        assert done is not None
        assert tables.vacuum("landing", keep_us=3_600_000_000).files == 0
        assert pa.table(other.scan("landing", version=done.version - 1)).num_rows == 3
        assert tables.vacuum("landing", keep_us=0).files > 0
        assert tables.vacuum("landing", keep_us=0).files == 0
        for handle in (tables, other):
            assert rows_of(handle.scan("landing")) == some_rows(1, 2, 3).to_pylist()
            with pytest.raises(NotFound):
                handle.scan("landing", version=done.version - 1)
        tables.append("landing", some_rows(4), position=4)
        assert rows_of(other.scan("landing", version=done.version)) == some_rows(1, 2, 3).to_pylist()
        assert rows_of(other.scan("landing")) == some_rows(1, 2, 3, 4).to_pylist()
