import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from pressroom.backends.sqlite.records import SqliteRecords
from pressroom.ports import BackendError, Damaged, NoSpace

Program = Callable[..., "subprocess.Popen[str]"]

COUNT = """
import sys
from pathlib import Path
from pressroom.backends.sqlite.records import SqliteRecords
from pressroom.ports import VersionConflict

for _ in range(25):
    records = SqliteRecords(Path(sys.argv[1]))
    while True:
        newest = records.get("count", "a")
        seen, number = (newest.version, int(newest.document)) if newest else (0, 0)
        try:
            records.put("count", "a", b"%d" % (number + 1), seen=seen)
            break
        except VersionConflict:
            continue
    records.put("own", f"{sys.argv[2]}.{number}", b"", seen=0)
    records.close()
"""

FORK = """
import os, sys
from pathlib import Path
from pressroom.backends.sqlite.records import SqliteRecords

records = SqliteRecords(Path(sys.argv[1]))
records.put("k", "before", b"", seen=0)
inherited = set(records._connections._idle)
child = os.fork()
if not child:
    connection = records._connections.borrow()
    assert inherited and connection not in inherited
    records._connections.give_back(connection)
name = "parent" if child else "child"
for number in range(30):
    assert records.get("k", "before") is not None
    records.put("k", f"{name}.{number}", b"", seen=0)
records.close()
if child:
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""

FULL = """
import os, resource, signal, sys
from pathlib import Path
from pressroom.backends.sqlite.records import SqliteRecords
from pressroom.ports import NoSpace

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
records = SqliteRecords(Path(sys.argv[1]))
resource.setrlimit(resource.RLIMIT_FSIZE, (100_000, resource.RLIM_INFINITY))
kept = []
try:
    for number in range(1_000):
        records.put("k", f"{number:04}", os.urandom(3_000), seen=0)
        kept.append(f"{number:04}")
except NoSpace:
    print("full")
assert [record.key for record in records.query("k")] == kept
resource.setrlimit(resource.RLIMIT_FSIZE, (10_000_000, resource.RLIM_INFINITY))
records.put("k", "after", b"", seen=0)
assert [record.key for record in records.query("k")] == [*kept, "after"]
"""


def output_of(process: "subprocess.Popen[str]") -> str:
    told, _ = process.communicate(timeout=120)
    assert process.returncode == 0
    return told


def test_eight_processes_lose_no_update_and_meet_no_lock(tmp_path: Path, program: Program) -> None:
    path = tmp_path / "records.db"
    for process in [program(COUNT, path, number) for number in range(8)]:
        output_of(process)
    records = SqliteRecords(path)
    record = records.get("count", "a")
    assert record is not None
    assert (record.version, record.document) == (200, b"200")
    assert len(records.query("own")) == 200


def test_records_may_be_carried_across_a_fork(tmp_path: Path, program: Program) -> None:
    output_of(program(FORK, tmp_path / "records.db"))
    assert len(SqliteRecords(tmp_path / "records.db").query("k")) == 61


def test_a_file_that_may_not_grow_is_no_space_and_loses_nothing(tmp_path: Path, program: Program) -> None:
    assert output_of(program(FULL, tmp_path / "records.db")) == "full\n"


def test_a_full_disk_is_no_space_and_loses_nothing(small_disk: Path, fill_disk: Callable[[Path, int], Path]) -> None:
    records = SqliteRecords(small_disk / "records.db")
    filler = fill_disk(small_disk, 200_000)
    kept: list[str] = []

    def put() -> None:
        while True:
            records.put("k", f"{len(kept):04}", bytes(range(256)) * 20, seen=0)
            kept.append(f"{len(kept):04}")

    with pytest.raises(NoSpace):
        put()
    assert [record.key for record in records.query("k")] == kept
    filler.unlink()
    records.put("k", "after", b"", seen=0)
    assert [record.key for record in records.query("k")] == [*kept, "after"]


def test_a_file_that_is_no_database_is_damaged(tmp_path: Path) -> None:
    (tmp_path / "records.db").write_bytes(b"not a database" * 1_000)
    with pytest.raises(Damaged):
        SqliteRecords(tmp_path / "records.db")


def test_a_database_whose_pages_were_overwritten_is_damaged(tmp_path: Path) -> None:
    records = SqliteRecords(tmp_path / "records.db")
    for number in range(200):
        records.put("k", f"{number:04}", bytes(500), seen=0)
    records.close()
    path = tmp_path / "records.db"
    raw = path.read_bytes()
    path.write_bytes(raw[:4_096] + b"\x55" * (len(raw) - 4_096))
    with pytest.raises(Damaged):
        SqliteRecords(path).query("k")


def test_a_path_that_can_not_be_opened_is_refused(tmp_path: Path) -> None:
    with pytest.raises(BackendError):
        SqliteRecords(tmp_path)
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(BackendError):
        SqliteRecords(tmp_path / "file" / "records.db")


def test_closed_records_refuse(tmp_path: Path) -> None:
    records = SqliteRecords(tmp_path / "records.db")
    records.close()
    records.close()
    with pytest.raises(BackendError):
        records.get("k", "a")
