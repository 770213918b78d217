"""What unfinished steps left is removed once nobody came back for it, and nothing else is."""

import json
import os
import signal
import subprocess
import sys
import time

import pytest

from pressroom.flows.sweep import Swept, sweep
from pressroom.values import MICROSECONDS, parse_duration

NOW_S = 1_700_000_000
DAY_S = 86_400
KEEP_US = parse_duration("28d")

JOBS = """
import time
from pathlib import Path

from pressroom.flows import attempt_place, flow, step


@step
def long(folder: str) -> int:
    left = attempt_place().lasting
    left.mkdir(parents=True, exist_ok=True)
    (left / "checkpoint").write_bytes(b"x" * 5000)
    (Path(folder) / "began").touch()
    while not (Path(folder) / "go").exists():
        time.sleep(0.02)
    return 1


@flow
def lasting(folder: str):
    return long(folder)
"""


def leave(folder, *, days, deep="one/checkpoint", size=10_000):
    file = folder / deep
    file.parent.mkdir(parents=True)
    file.write_bytes(b"x" * size)
    for path in (file, *file.parents[: len(file.relative_to(folder).parts)]):
        os.utime(path, (NOW_S - days * DAY_S,) * 2)
    return file


def swept(lasting, **changes):
    return sweep(lasting, **{"in_use": (), "keep_us": KEEP_US, "now": NOW_S * MICROSECONDS, **changes})


def test_what_nobody_wrote_to_for_so_long_is_removed_and_its_bytes_are_told(tmp_path):
    leave(tmp_path / "old", days=29)
    young = leave(tmp_path / "young", days=27)
    done = swept(tmp_path)
    assert (done.folders, done.kept) == (1, 1)
    assert 10_000 <= done.size_bytes <= 100_000
    assert [each.name for each in tmp_path.iterdir()] == ["young"]
    assert young.exists()
    assert done.words().startswith("1 folder of an unfinished step removed, ")
    assert swept(tmp_path) == Swept(kept=1)
    assert Swept(kept=1).words() == ""


def test_one_young_file_deep_inside_keeps_all_of_its_folder(tmp_path):
    old = leave(tmp_path / "key", days=400)
    leave(tmp_path / "key", days=1, deep="two/new")
    os.utime(tmp_path / "key", (NOW_S - 400 * DAY_S,) * 2)
    assert swept(tmp_path).folders == 0
    assert old.exists()


def test_what_is_in_use_is_kept_however_old(tmp_path):
    leave(tmp_path / "key", days=400)
    assert swept(tmp_path, in_use={"key"}) == Swept(kept=1)


def test_a_sweep_that_was_killed_is_brought_to_its_end(tmp_path):
    leave(tmp_path / ".swept-123", days=0)
    assert swept(tmp_path).folders == 1
    assert list(tmp_path.iterdir()) == []


def test_neither_links_nor_files_nor_what_links_lead_to_are_touched(tmp_path):
    lasting, elsewhere = tmp_path / "lasting", tmp_path / "elsewhere"
    kept = leave(elsewhere, days=400)
    leave(lasting / "key", days=400)
    (lasting / "key" / "link").symlink_to(elsewhere)
    (lasting / "other").symlink_to(elsewhere)
    for path in (lasting / "key" / "link", lasting / "key"):
        os.utime(path, (NOW_S - 400 * DAY_S,) * 2, follow_symlinks=False)
    assert swept(lasting).folders == 1
    assert kept.exists()
    assert (lasting / "other").is_symlink()


def test_where_nothing_was_ever_left_there_is_nothing_to_do(tmp_path):
    assert swept(tmp_path / "lasting") == Swept()


@pytest.fixture
def running(project):
    project.write("jobs.py", JOBS)
    words = [sys.executable, "-m", "pressroom", "run", "jobs.py:lasting", f"folder={project.folder}"]
    with subprocess.Popen(words, cwd=project.folder, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        for _ in range(1_200):
            if (project.folder / "began").exists():
                break
            time.sleep(0.05)
        yield process
        process.kill()


def test_what_a_living_run_needs_is_kept_and_what_a_dead_one_left_is_swept(running, project):
    (folder,) = (project.folder / "data" / "lasting").iterdir()
    long_ago = time.time() - 100 * DAY_S
    for path in (folder / "checkpoint", folder):
        os.utime(path, (long_ago,) * 2)
    assert json.loads(project.cli("sweep", "--json")) == {"removed": {"folders": 0, "bytes": 0}, "kept": 1}
    running.send_signal(signal.SIGKILL)
    running.wait()
    assert "1 folder of an unfinished step removed" in project.cli("sweep")
    assert not folder.exists()
    assert project.cli("sweep") == "There is nothing to remove.\n"


def test_a_later_run_of_the_same_key_keeps_what_the_first_one_left(running, project):
    (folder,) = (project.folder / "data" / "lasting").iterdir()
    running.send_signal(signal.SIGKILL)
    running.wait()
    long_ago = time.time() - 100 * DAY_S
    for path in (folder / "checkpoint", folder):
        os.utime(path, (long_ago,) * 2)
    (project.folder / "pressroom.toml").write_text("[machine]\ncores = 0.5\n", encoding="utf-8")
    (project.folder / "began").unlink()
    project.cli("run", "jobs.py:lasting", f"folder={project.folder}", code=1)
    assert json.loads(project.cli("sweep", "--json"))["kept"] == 1
