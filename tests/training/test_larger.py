"""A training set that is larger than memory: the same digest, resumed after a kill, on a disk that is full."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from tests.projects import END, declared, delivered_rows, fill, in_memory, placed_rows, table_of, write_project

from pressroom.backends.local.scratch import LocalScratch
from pressroom.backends.local.workers import Processes
from pressroom.backends.memory.scratch import MemoryScratch
from pressroom.backends.memory.workers import OwnProcess
from pressroom.features import LargerThanMemory, Memory
from pressroom.ports import Held, NoSpace
from pressroom.values import PressroomError
from pressroom.workspace import Workspace, open_workspace

LATE = "late"
_LINE = """
import os, resource, signal, sys
from pathlib import Path
from dataclasses import replace
from pressroom.features import Memory
from pressroom.workspace import open_workspace

folder, known_at, kill_after = Path(sys.argv[1]), int(sys.argv[2]), int(sys.argv[3])
workspace = open_workspace(folder)
larger = replace(workspace.larger, memory=Memory(limit_bytes=60_000, own_bytes=0))
object.__setattr__(workspace, "larger", larger)
definition = workspace.definitions().training_set("late")
if len(sys.argv) > 4:
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (int(sys.argv[4]), resource.RLIM_INFINITY))
seen = {"n": 0}


def told(progress):
    print(progress.stage, progress.done, progress.total, flush=True)
    if progress.stage == "buckets":
        seen["n"] += 1
        if seen["n"] > kill_after >= 0:
            os.kill(os.getpid(), signal.SIGKILL)


found, _ = workspace.training.build(definition, known_at=known_at, progress=told)
print("digest", found.digest, found.rows, found.blob)
"""


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return declared(tmp_path_factory.mktemp("project"))


def limited(workspace, limit_bytes, scratch=None, workers=None):
    larger = LargerThanMemory(
        memory=Memory(limit_bytes=limit_bytes, own_bytes=0),
        scratch=scratch or MemoryScratch(),
        workers=workers or OwnProcess(),
    )
    return Workspace(settings=workspace.settings, ports=workspace.ports, larger=larger)


def built(workspace, project, *, known_at=END, told=lambda progress: None):
    return workspace.training.build(project.training_set(LATE), known_at=known_at, progress=told)[0]


@settings(max_examples=12)
@given(limit_bytes=st.integers(10_000, 400_000))
def test_the_digest_and_the_bytes_are_the_same_by_any_number_of_buckets(project, limit_bytes):
    workspace = in_memory()
    fill(workspace, project)
    expected = built(workspace, project)
    stages = set()
    found = built(limited(workspace, limit_bytes), project, told=lambda progress: stages.add(progress.stage))
    assert (found.digest, found.blob, found.rows) == (expected.digest, expected.blob, expected.rows)
    assert "buckets" in stages
    assert found.table.equals(expected.table)
    for part in ("train", "validate", "test"):
        columns = ["label", "order"]
        assert found.read(columns, part=part).equals(expected.read(columns, part=part))


def test_several_processes_give_the_same(project, tmp_path):
    workspace = in_memory()
    fill(workspace, project)
    workers = Processes(2)
    scratch = LocalScratch(folder=tmp_path / "scratch")
    found = built(limited(workspace, 100_000, scratch, workers), project)
    workers.close()
    assert found.digest == built(workspace, project).digest


def on_disk(folder):
    """A workspace in a folder, with the history in it."""
    write_project(folder)
    with open_workspace(folder) as workspace:
        definitions = workspace.definitions()
        workspace.apply(definitions)
        placed = placed_rows()
        for name, rows in (("placed", placed), ("delivered", delivered_rows(placed))):
            workspace.facts.append_checked([(definitions.facts[name], table_of(definitions.facts[name], rows))])
        workspace.settle()
        return built(workspace, definitions).digest


def ran(folder, *, known_at=END, kill_after=-1, more=()):
    told = [str(folder), str(known_at), str(kill_after), *more]
    command = [sys.executable, "-W", "error", "-c", _LINE, *told]
    return subprocess.run(command, capture_output=True, text=True, check=False)


def scratch_of(folder: Path) -> LocalScratch:
    return LocalScratch(folder=folder / "data" / "scratch")


def test_what_a_killed_run_finished_is_not_repeated(tmp_path):
    digest = on_disk(tmp_path)
    killed = ran(tmp_path, kill_after=9)
    assert killed.returncode == -signal.SIGKILL
    scratch = scratch_of(tmp_path)
    before = {name: (scratch.folder / name).stat().st_mtime_ns for name in scratch.names()}
    done = [name for name in before if "/done/answers/" in name]
    assert len(done) == 9
    with open_workspace(tmp_path) as workspace:
        assert workspace.training.begun(workspace.definitions().training_set(LATE)) == END
    again = ran(tmp_path)
    assert again.returncode == 0, again.stderr
    lines = again.stdout.splitlines()
    assert lines[0].startswith("buckets 9 "), "rows and facts are not dealt again, nine buckets are not answered again"
    assert f"digest {digest}" in lines[-1]
    assert scratch.names() == []
    assert not scratch.folder.exists() or not any(path.is_file() for path in scratch.folder.rglob("*"))


def test_a_bucket_whose_file_was_damaged_is_answered_again(tmp_path):
    digest = on_disk(tmp_path)
    ran(tmp_path, kill_after=9)
    scratch = scratch_of(tmp_path)
    (name, *_) = (name for name in scratch.names() if "/answers/" in name and "/done/" not in name)
    (scratch.folder / name).write_bytes(b"torn")
    again = ran(tmp_path)
    assert again.stdout.splitlines()[0].startswith("buckets 8 ")
    assert f"digest {digest}" in again.stdout


def test_scratch_of_another_question_is_not_used(tmp_path):
    on_disk(tmp_path)
    ran(tmp_path, kill_after=9)
    earlier = END - 86_400_000_000
    again = ran(tmp_path, known_at=earlier)
    assert again.stdout.splitlines()[0].startswith("rows ")
    with open_workspace(tmp_path) as workspace:
        digest = built(workspace, workspace.definitions(), known_at=earlier).digest
    assert f"digest {digest}" in again.stdout
    assert scratch_of(tmp_path).names() == []


def test_forgetting_a_subject_drops_what_was_begun(tmp_path):
    on_disk(tmp_path)
    ran(tmp_path, kill_after=9)
    assert scratch_of(tmp_path).names()
    with open_workspace(tmp_path) as workspace:
        receipt = workspace.forgetting.forget("customer", "c11")
        assert workspace.training.begun(workspace.definitions().training_set(LATE)) is None
    assert scratch_of(tmp_path).names() == []
    assert receipt.bytes_left_in == ()


def test_a_full_disk_says_what_to_free_and_leaves_nothing_wrong(tmp_path):
    digest = on_disk(tmp_path)
    blobs = sorted((tmp_path / "data" / "blobs").rglob("*"))
    full = ran(tmp_path, more=["6000"])
    assert full.returncode == 1
    assert "NoSpace" in full.stderr
    assert f"Free space where {scratch_of(tmp_path).folder} is" in full.stderr
    assert sorted((tmp_path / "data" / "blobs").rglob("*")) == blobs
    again = ran(tmp_path)
    assert again.returncode == 0, again.stderr
    assert f"digest {digest}" in again.stdout


def test_two_who_build_the_same_do_not_disturb_each_other(project, tmp_path):
    workspace = in_memory()
    fill(workspace, project)
    scratch = LocalScratch(folder=tmp_path / "scratch")
    other = limited(workspace, 50_000, LocalScratch(folder=tmp_path / "scratch"))

    def told(progress):
        if progress.stage == "buckets" and progress.done == 3:
            with pytest.raises(Held, match="Somebody else is at late"):
                built(other, project)

    found = built(limited(workspace, 50_000, scratch), project, told=told)
    assert found.digest == built(workspace, project).digest
    assert issubclass(NoSpace, PressroomError)
