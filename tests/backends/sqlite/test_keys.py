import signal
import subprocess
from collections.abc import Callable
from pathlib import Path

import pytest

from pressroom.backends.sqlite.keys import SqliteKeys
from pressroom.ports import BackendError, NoSpace

Program = Callable[..., "subprocess.Popen[str]"]

PUT = """
import sys
from pathlib import Path
from pressroom.backends.sqlite.keys import SqliteKeys

keys = SqliteKeys(Path(sys.argv[1]))
names = [b"%d" % number for number in range(700)]
for turn in range(1, int(sys.argv[2]) + 1):
    keys.put_many(dict.fromkeys(names, b"%d" % turn))
    print(turn, flush=True)
"""


def test_a_reader_sees_all_or_none_of_what_another_process_puts(tmp_path: Path, program: Program) -> None:
    keys = SqliteKeys(tmp_path / "keys.db")
    names = [b"%d" % number for number in range(700)]
    keys.put_many(dict.fromkeys(names, b"0"))
    process = program(PUT, tmp_path / "keys.db", 60)
    seen: set[bytes | None] = set()
    while process.poll() is None:
        for values in ({*keys.get_many(names)}, {*keys.get_many(names[:5])}, {value for _, value in keys.scan(b"")}):
            assert len(values) == 1
            seen |= values
    assert process.returncode == 0
    assert set(keys.get_many(names)) == {b"60"}
    assert len(seen) > 1


def test_what_was_put_survives_kill_9(tmp_path: Path, program: Program) -> None:
    process = program(PUT, tmp_path / "keys.db", 1_000_000)
    assert process.stdout is not None
    told = [process.stdout.readline() for _ in range(20)]
    process.send_signal(signal.SIGKILL)
    told += process.stdout.readlines()
    values = set(SqliteKeys(tmp_path / "keys.db").get_many([b"%d" % number for number in range(700)]))
    assert len(values) == 1
    value = values.pop()
    assert value is not None
    assert int(value) >= max(int(line) for line in told if line.endswith("\n"))


def test_a_full_disk_is_no_space_and_keeps_nothing_of_the_call(
    small_disk: Path, fill_disk: Callable[[Path, int], Path]
) -> None:
    keys = SqliteKeys(small_disk / "keys.db")
    keys.put_many({b"a": b"1"})
    filler = fill_disk(small_disk, 100_000)
    big = {b"%d" % number: bytes(1_000) for number in range(500)} | {b"a": b"2"}
    with pytest.raises(NoSpace):
        keys.put_many(big)
    assert list(keys.scan(b"")) == [(b"a", b"1")]
    filler.unlink()
    keys.put_many({b"a": b"3", b"b": bytes(100_000)})
    assert keys.get_many([b"a"]) == [b"3"]


def test_a_call_that_breaks_off_keeps_nothing(tmp_path: Path) -> None:
    keys = SqliteKeys(tmp_path / "keys.db")
    with pytest.raises(BackendError):
        keys.put_many({b"a": b"1", b"b": None})  # type: ignore[dict-item]
    assert list(keys.scan(b"")) == []
    keys.put_many({b"a": b"1"})
    assert keys.get_many([b"a"]) == [b"1"]


def test_closed_keys_refuse(tmp_path: Path) -> None:
    keys = SqliteKeys(tmp_path / "keys.db")
    keys.put_many({b"a": b"1"})
    scan = keys.scan(b"")
    assert next(scan) == (b"a", b"1")
    keys.close()
    scan.close()  # type: ignore[attr-defined]
    with pytest.raises(BackendError):
        keys.get_many([b"a"])
