"""Rewriting and vacuuming a Delta table: others read on in place, and what crashes leave is cleared away."""

import json
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import polars as pl
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from deltalake import DeltaTable, write_deltalake

from pressroom.backends.delta.tables import DeltaTables
from pressroom.ports import NoSpace
from pressroom.values import Columns

Program = Callable[..., "subprocess.Popen[str]"]

COMPACT = """
import sys
from pathlib import Path
from pressroom.backends.delta.tables import DeltaTables

tables = DeltaTables(Path(sys.argv[1]))
while True:
    tables.rewrite("landing", lambda part: part, below_rows=1_000)
    print("compacted", flush=True)
"""

DIE = """
import os, signal, sys
from pathlib import Path
from pressroom.backends.delta import rewrite
from pressroom.backends.delta.tables import DeltaTables

rewrite._commit = lambda *_: os.kill(os.getpid(), signal.SIGKILL)
DeltaTables(Path(sys.argv[1])).rewrite("landing", lambda part: part, below_rows=1_000)
"""


def filled(folder: Path, *numbers: int) -> DeltaTables:
    tables = DeltaTables(folder)
    for number in numbers:
        tables.append("landing", pa.table({"n": [number], "s": [f"N{number}"]}), position=number)
    return tables


def numbers(tables: DeltaTables, **more: int) -> list[int]:
    return sorted(pa.table(tables.scan("landing", columns=["n"], **more))["n"].to_pylist())


def files(folder: Path) -> set[str]:
    return {path.name for path in (folder / "landing").glob("*.parquet")}


def all_of(part: Columns) -> Columns:
    return part


def test_others_read_a_rewritten_table_in_place(tmp_path: Path) -> None:
    tables = filled(tmp_path, 1, 2, 3)
    tables.rewrite("landing", all_of, below_rows=100)
    tables.vacuum("landing", keep_us=0)
    assert len(files(tmp_path)) == 1
    assert pl.read_delta(str(tmp_path / "landing"))["n"].sort().to_list() == [1, 2, 3]
    table = DeltaTable(tmp_path / "landing")
    assert table.to_pyarrow_dataset().to_table().num_rows == 3
    table.create_checkpoint()
    assert numbers(DeltaTables(tmp_path)) == [1, 2, 3]
    assert tables.position("landing") == 3


def test_a_commit_says_whether_rows_changed(tmp_path: Path) -> None:
    tables = filled(tmp_path, 1, 2)
    for turned in (all_of, lambda part: pa.table(part).slice(0, 1)):
        tables.rewrite("landing", turned, below_rows=100, least=1)
        tables.append("landing", pa.table({"n": [9], "s": ["x"]}), position=10 + (tables.version("landing") or 0))
    commits = sorted((tmp_path / "landing" / "_delta_log").glob("*.json"))
    changes = [
        {action[kind]["dataChange"] for line in commit.read_text().splitlines() for action in [json.loads(line)]
         for kind in action if kind in ("add", "remove")}
        for commit in commits
    ]  # fmt: skip
    assert changes == [{True}, {True}, {False}, {True}, {True}, {True}]


def test_rows_of_other_writers_are_rewritten_too(tmp_path: Path) -> None:
    tables = filled(tmp_path, 1)
    write_deltalake(tmp_path / "landing", pa.table({"n": [2], "s": ["y"]}), mode="append")
    done = tables.rewrite("landing", all_of, below_rows=100)
    assert done is not None
    assert (done.taken_parts, done.put_rows) == (2, 2)
    assert numbers(tables) == [1, 2]


def test_a_file_that_a_crash_left_is_removed_and_a_strangers_is_left_for_an_hour(tmp_path: Path) -> None:
    tables = filled(tmp_path, 1)
    folder = tmp_path / "landing"
    ours, theirs = folder / f"part-{'0' * 32}.parquet", folder / "part-00001-abc-c000.snappy.parquet"
    for path in (ours, theirs):
        pq.write_table(pa.table({"n": [7]}), path)
    assert tables.vacuum("landing", keep_us=0).files == 1
    assert (ours.exists(), theirs.exists()) == (False, True)
    assert numbers(tables) == [1]


def test_a_kill_before_the_commit_leaves_the_table_and_a_file_to_remove(tmp_path: Path, program: Program) -> None:
    tables = filled(tmp_path, 1, 2)
    before = files(tmp_path)
    process = program(DIE, tmp_path)
    process.communicate(timeout=60)
    assert process.returncode == -signal.SIGKILL
    assert len(files(tmp_path) - before) == 1
    assert numbers(tables) == numbers(DeltaTables(tmp_path)) == [1, 2]
    assert tables.vacuum("landing", keep_us=10**15).files == 1
    assert files(tmp_path) == before


def test_readers_and_appenders_beside_a_compacting_process_miss_nothing(tmp_path: Path, program: Program) -> None:
    tables = filled(tmp_path, 1, 2)
    process = program(COMPACT, tmp_path)
    assert process.stdout is not None
    process.stdout.readline()
    for number in range(3, 13):
        tables.append("landing", pa.table({"n": [number], "s": ["x"]}), position=number)
        version = tables.version("landing")
        assert version is not None
        assert numbers(tables, version=version) == numbers(tables) == list(range(1, number + 1))
        tables.vacuum("landing", keep_us=0)
    process.kill()
    assert numbers(DeltaTables(tmp_path)) == list(range(1, 13))
    assert tables.position("landing") == 12


def test_a_full_disk_while_rewriting_changes_nothing(small_disk: Path, fill_disk: Callable[[Path, int], Path]) -> None:
    tables = filled(small_disk, 1, 2)
    before = files(small_disk)
    filler = fill_disk(small_disk, 0)
    with pytest.raises(NoSpace):
        tables.rewrite("landing", all_of, below_rows=100)
    assert numbers(tables) == [1, 2]
    assert files(small_disk) == before
    filler.unlink()
    tables.rewrite("landing", all_of, below_rows=100)
    assert numbers(tables) == [1, 2]
