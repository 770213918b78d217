import random
import signal
import subprocess
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

import pytest

from pressroom.backends.local.log import LocalLog
from pressroom.ports import Entry, NoSpace

Program = Callable[..., "subprocess.Popen[str]"]

APPEND = """
import sys
from pathlib import Path
from pressroom.backends.local.log import LocalLog
from pressroom.ports import Entry

folder, name, count, tokens = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3]), sys.argv[4]
log = LocalLog(folder, segment_bytes=20_000)
for number in range(count):
    token = f"{tokens}.{number}"
    told = log.append([Entry(topic=name, rows=3, payload=token.encode() * 20, token=token)])
    print("kept" if told[0] else "known", token, flush=True)
"""

SMALL_RUNS = """
from pressroom.backends.local import token_index

token_index.RUN_TOKENS, token_index.RUN_BYTES, token_index.FULL_RUN_TOKENS = 3, 5_000, 100
"""

FORK = """
import os, sys
from pathlib import Path
from pressroom.backends.local.log import LocalLog
from pressroom.ports import Entry

log = LocalLog(Path(sys.argv[1]))
log.append([Entry(topic="parent", rows=1, payload=b"", token="before")])
child = os.fork()
name = "parent" if child else "child"
for number in range(50):
    assert log.append([Entry(topic=name, rows=1, payload=b"", token=f"{name}.{number}")]) != [None]
assert log.append([Entry(topic=name, rows=1, payload=b"", token="before")]) == [None]
log.close()
if child:
    sys.exit(os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]))
"""

FORK_WHILE_WRITING = """
import os, sys, threading, warnings
from pathlib import Path
from pressroom.backends.local.log import LocalLog
from pressroom.ports import Entry

warnings.simplefilter("ignore", DeprecationWarning)

def append(name):
    assert log.append([Entry(topic=name, rows=1, payload=b"", token=name)]) != [None]

log = LocalLog(Path(sys.argv[1]))
waiting, told = os.pipe()
children = []

def branch():
    children.append(os.fork())
    if children == [0]:
        assert os.read(waiting, 1) == b"x"
        append("child")
        os._exit(0)

with log._turn, log._locked():
    brancher = threading.Thread(target=branch)
    brancher.start()
    brancher.join()
append("parent")
os.write(told, b"x")
sys.exit(os.waitstatus_to_exitcode(os.waitpid(children[0], 0)[1]))
"""

FULL = """
import os, resource, signal, sys
from pathlib import Path
from pressroom.backends.local.log import LocalLog
from pressroom.ports import Entry, NoSpace

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, resource.RLIM_INFINITY))
log = LocalLog(Path(sys.argv[1]))
try:
    for number in range(100):
        log.append([Entry(topic="t", rows=1, payload=os.urandom(700), token=f"{number}.{part}") for part in "ab"])
        print(number, flush=True)
except NoSpace:
    print("full", flush=True)
assert log.append([Entry(topic="t", rows=1, payload=b"small", token="small")]) != [None]
resource.setrlimit(resource.RLIMIT_FSIZE, (200_000, resource.RLIM_INFINITY))
assert None not in log.append([Entry(topic="t", rows=1, payload=bytes(700), token=f"{number}.{part}") for part in "ab"])
print(number, flush=True)
"""


def lines_of(process: "subprocess.Popen[str]") -> list[str]:
    told, _ = process.communicate(timeout=60)
    assert process.returncode == 0
    return told.splitlines()


def test_two_processes_append_in_one_order_and_lose_nothing(tmp_path: Path, program: Program) -> None:
    processes = [program(APPEND, tmp_path, name, 200, name) for name in ("left", "right")]
    for process in processes:
        assert len(lines_of(process)) == 200
    found = list(LocalLog(tmp_path).read())
    assert [stored.first_seq for stored in found] == list(range(0, 1_200, 3))
    assert all(a.next_position == b.position for a, b in pairwise(found))
    for name in ("left", "right"):
        own = [stored.entry.token for stored in found if stored.entry.topic == name]
        assert own == [f"{name}.{number}" for number in range(200)]


def test_reading_and_trimming_beside_a_writer_misses_nothing(tmp_path: Path, program: Program) -> None:
    log = LocalLog(tmp_path, segment_bytes=2_000)
    process = program(APPEND, tmp_path, "writer", 400, "t")
    position, seen = 0, 0
    while seen < 400:
        for stored in log.read(position):
            assert stored.entry.token == f"t.{seen}"
            assert stored.first_seq == 3 * seen
            position, seen = stored.next_position, seen + 1
        log.trim(position)
        kept = [stored.first_seq for stored in log.read()]
        assert kept == list(range(kept[0] if kept else 0, kept[0] + 3 * len(kept) if kept else 0, 3))
    assert len(lines_of(process)) == 400
    assert position == log.last()


def test_one_token_from_two_processes_is_kept_once(tmp_path: Path, program: Program) -> None:
    told = [
        lines_of(process) for process in [program(APPEND, tmp_path, name, 60, "same") for name in ("left", "right")]
    ]
    kept = [line for lines in told for line in lines if line.startswith("kept")]
    assert sorted(kept) == sorted(f"kept same.{number}" for number in range(60))
    assert len(list(LocalLog(tmp_path).read())) == 60


def test_one_token_from_two_processes_that_keep_an_index_is_kept_once(tmp_path: Path, program: Program) -> None:
    both = [program(SMALL_RUNS + APPEND, tmp_path, name, 300, "same") for name in ("left", "right")]
    kept = [line for process in both for line in lines_of(process) if line.startswith("kept")]
    assert sorted(kept) == sorted(f"kept same.{number}" for number in range(300))
    assert lines_of(program(APPEND, tmp_path, "later", 300, "same")) == [
        f"known same.{number}" for number in range(300)
    ]


@pytest.mark.parametrize("runs", ["", SMALL_RUNS], ids=["usual runs", "small runs"])
def test_what_was_acknowledged_survives_kill_9(tmp_path: Path, program: Program, runs: str) -> None:
    chance = random.Random(20130101)
    acknowledged: list[str] = []
    for turn in range(5):
        process = program(runs + APPEND, tmp_path, "killed", 100_000, f"turn{turn}")
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(chance.randint(1, 150))]
        process.send_signal(signal.SIGKILL)
        lines += process.stdout.readlines()
        assert process.wait() == -signal.SIGKILL
        acknowledged += [line.split()[1] for line in lines if line.endswith("\n")]
        log = LocalLog(tmp_path, segment_bytes=20_000)
        found = list(log.read())
        assert set(acknowledged) <= {stored.entry.token for stored in found}
        assert [stored.first_seq for stored in found] == list(range(0, 3 * len(found), 3))
        repeated = [Entry(topic="t", rows=3, payload=b"", token=token) for token in acknowledged]
        assert log.append(repeated) == [None] * len(repeated)
        log.close()


def test_a_log_may_be_carried_across_a_fork(tmp_path: Path, program: Program) -> None:
    lines_of(program(FORK, tmp_path))
    found = list(LocalLog(tmp_path).read())
    assert [stored.first_seq for stored in found] == list(range(101))


def test_a_fork_in_the_middle_of_a_write_locks_nobody_out(tmp_path: Path, program: Program) -> None:
    lines_of(program(FORK_WHILE_WRITING, tmp_path))
    assert [stored.entry.token for stored in LocalLog(tmp_path).read()] == ["parent", "child"]


def test_a_file_that_may_not_grow_is_no_space_and_loses_nothing(tmp_path: Path, program: Program) -> None:
    lines = lines_of(program(FULL, tmp_path))
    place = lines.index("full")
    assert 3 < place < 20
    expected = [f"{number}.{part}" for number in lines[:place] for part in "ab"]
    found = [stored.entry.token for stored in LocalLog(tmp_path).read()]
    assert found == [*expected, "small", f"{lines[-1]}.a", f"{lines[-1]}.b"]


def test_a_full_disk_is_no_space_and_loses_nothing(small_disk: Path, fill_disk: Callable[[Path, int], Path]) -> None:
    log = LocalLog(small_disk / "log")
    filler = fill_disk(small_disk, 100_000)
    kept: list[str] = []

    def append(size: int) -> None:
        while True:
            tokens = [f"{len(kept)}.{size}", f"{len(kept)}.{size}+"]
            log.append([Entry(topic="t", rows=1, payload=bytes(size), token=token) for token in tokens])
            kept.extend(tokens)

    for size in (9_000, 500, 1):
        with pytest.raises(NoSpace):
            append(size)
        assert [stored.entry.token for stored in log.read()] == kept
    assert [stored.entry.token for stored in LocalLog(small_disk / "log").read()] == kept
    filler.unlink()
    assert log.append([Entry(topic="t", rows=1, payload=bytes(50_000), token="after")]) != [None]
    assert [stored.entry.token for stored in log.read()] == [*kept, "after"]
