import os
import subprocess
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.compute as pc
import pytest
from deltalake import DeltaTable, write_deltalake

from pressroom.backends.delta.tables import DeltaTables
from pressroom.ports import BackendError, Damaged, NoSpace
from pressroom.values import InvalidInput

Program = Callable[..., "subprocess.Popen[str]"]

APPEND = """
import sys
from pathlib import Path
import pyarrow as pa
from pressroom.backends.delta.tables import DeltaTables

tables = DeltaTables(Path(sys.argv[1]))
for number in range(1, 21):
    tables.append("landing", pa.table({"n": [number]}), position=number)
"""

FORK = """
import os, sys
from pathlib import Path
import pyarrow as pa
from pressroom.backends.delta.tables import DeltaTables
from pressroom.ports import BackendError

tables = DeltaTables(Path(sys.argv[1]))
tables.append("landing", pa.table({"n": [1]}), position=1)
child = os.fork()
if child:
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
try:
    tables.position("landing")
except BackendError:
    os._exit(0)
os._exit(1)
"""


def numbers(tables: DeltaTables) -> list[int]:
    return sorted(pa.table(tables.scan("landing", columns=["n"]))["n"].to_pylist())


def test_processes_that_repeat_each_other_keep_each_append_once(tmp_path: Path, program: Program) -> None:
    for process in [program(APPEND, tmp_path) for _ in range(3)]:
        process.communicate(timeout=120)
        assert process.returncode == 0
    tables = DeltaTables(tmp_path)
    found = numbers(tables)
    assert len(found) == len(set(found)) == (tables.version("landing") or 0) + 1
    assert tables.position("landing") == 20


def test_tables_carried_across_a_fork_are_refused(tmp_path: Path, program: Program) -> None:
    process = program(FORK, tmp_path)
    process.communicate(timeout=60)
    assert process.returncode == 0


def test_others_read_a_table_in_place(tmp_path: Path) -> None:
    moment = datetime(2013, 10, 1, 5, 0, 0, 123_456, tzinfo=UTC)
    rows = pa.table({"n": [1, None], "event": pa.array([moment, moment], pa.timestamp("us", "UTC")), "s": ["x", None]})
    DeltaTables(tmp_path).append("landing", rows, position=1)
    assert pl.read_delta(str(tmp_path / "landing")).sort("n", nulls_last=True).to_dicts() == rows.to_pylist()
    found = pl.scan_delta(str(tmp_path / "landing")).filter(pl.col("event") == moment).collect()
    assert found.height == 2
    own = DeltaTable(tmp_path / "landing").to_pyarrow_dataset().to_table(filter=pc.field("event") >= pa.scalar(moment))
    assert own.num_rows == 2


def test_commits_by_others_are_seen_and_do_not_move_the_position(tmp_path: Path) -> None:
    tables = DeltaTables(tmp_path)
    tables.append("landing", pa.table({"n": [1]}), position=5)
    write_deltalake(tmp_path / "landing", pa.table({"n": [2]}), mode="append")
    assert tables.version("landing") == 1
    assert tables.position("landing") == 5
    assert tables.append("landing", pa.table({"n": [3]}), position=6) == 2
    assert numbers(tables) == [1, 2, 3]


def test_hundreds_of_appends_are_read_from_a_checkpoint(tmp_path: Path) -> None:
    tables = DeltaTables(tmp_path)
    for number in range(1, 60):
        tables.append("landing", pa.table({"n": [number]}), position=number)
    assert list((tmp_path / "landing" / "_delta_log").glob("*.checkpoint.parquet"))
    assert numbers(DeltaTables(tmp_path)) == list(range(1, 60))
    assert DeltaTables(tmp_path).position("landing") == 59


@pytest.mark.parametrize(
    ("given", "expected"),
    [
        (pl.DataFrame({"s": ["x", None]}), pa.string()),
        (pl.DataFrame({"s": pl.Series(["u", None], dtype=pl.Categorical)}), pa.string()),
        (pa.table({"s": pa.array(["x", None], pa.large_string())}), pa.string()),
        (pa.table({"s": pa.array([1, 2], pa.timestamp("ms", "Europe/Vienna"))}), pa.timestamp("us", "UTC")),
        (pa.table({"s": pa.array([b"x", None], pa.binary_view())}), pa.binary()),
    ],
)
def test_types_are_turned_into_those_of_delta(tmp_path: Path, given: pa.Table, expected: pa.DataType) -> None:
    tables = DeltaTables(tmp_path)
    tables.append("landing", given, position=1)
    found = pa.table(tables.scan("landing"))
    assert found.schema.field("s").type == expected
    assert found["s"].to_pylist() == pa.table(given)["s"].to_pylist()


@pytest.mark.parametrize(
    "column",
    [
        pa.array([1], pa.timestamp("us")),
        pa.array([1], pa.timestamp("ns", "UTC")),
        pa.array([1], pa.uint64()),
        pa.array([{"a": 1}]),
        pa.array([[1]], pa.list_(pa.uint8())),
        pa.array([None]),
    ],
)
def test_types_without_a_place_in_delta_are_refused(tmp_path: Path, column: pa.Array) -> None:
    tables = DeltaTables(tmp_path)
    with pytest.raises(InvalidInput):
        tables.append("landing", pa.table({"wrong": column}), position=1)
    assert tables.names() == []


@pytest.mark.parametrize("harm", [lambda path: path.unlink(), lambda path: path.write_bytes(b"no parquet")])
def test_a_lost_or_broken_file_is_damage(tmp_path: Path, harm: Callable[[Path], object]) -> None:
    tables = DeltaTables(tmp_path)
    tables.append("landing", pa.table({"n": [1]}), position=1)
    for path in (tmp_path / "landing").glob("*.parquet"):
        harm(path)
    with pytest.raises(Damaged):
        tables.scan("landing")


def test_a_broken_commit_is_damage(tmp_path: Path) -> None:
    tables = DeltaTables(tmp_path)
    tables.append("landing", pa.table({"n": [1]}), position=1)
    tables.append("landing", pa.table({"n": [2]}), position=2)
    commit = tmp_path / "landing" / "_delta_log" / f"{1:020d}.json"
    commit.write_bytes(commit.read_bytes()[:50])
    with pytest.raises(Damaged):
        DeltaTables(tmp_path).position("landing")


def test_a_commit_that_a_power_cut_emptied_was_never_made(tmp_path: Path) -> None:
    for number in (0, 1):
        tables = DeltaTables(tmp_path / str(number))
        for done in range(1, number + 2):
            tables.append("landing", pa.table({"n": [done]}), position=done)
        (tmp_path / str(number) / "landing" / "_delta_log" / f"{number:020d}.json").write_bytes(b"")
        again = DeltaTables(tmp_path / str(number))
        assert again.position("landing") == number
        assert again.names() == ["landing"] * number
        again.append("landing", pa.table({"n": [number + 1]}), position=number + 1)
        assert numbers(again) == list(range(1, number + 2))


def test_a_full_disk_is_no_space_and_changes_nothing(small_disk: Path, fill_disk: Callable[[Path, int], Path]) -> None:
    tables = DeltaTables(small_disk / "tables")
    tables.append("landing", pa.table({"n": [1]}), position=1)
    filler = fill_disk(small_disk, 0)
    page = os.statvfs(small_disk).f_bsize
    done = 1
    for pages in range(8):
        os.truncate(filler, filler.stat().st_size - page)
        try:
            tables.append("landing", pa.table({"n": [done + 1], f"c{pages}": [0.5]}), position=done + 1)
            done += 1
        except NoSpace:
            assert tables.position("landing") == done
        assert numbers(DeltaTables(small_disk / "tables")) == list(range(1, done + 1))
    filler.unlink()
    tables.append("landing", pa.table({"n": [done + 1]}), position=done + 1)
    assert numbers(tables) == list(range(1, done + 2))
    assert len(list((small_disk / "tables" / "landing").glob("*.parquet"))) == done + 1


def test_a_folder_that_can_not_be_made_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BackendError):
        DeltaTables(tmp_path / "file" / "tables")
