"""Containers, where podman or docker is installed. The image is empty; this system is shown in it."""

import io
import os
import subprocess
import sys
import tarfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from pressroom.backends.container.executor import ContainerExecutor
from pressroom.backends.container.words import find_engine
from pressroom.models import bare_environment, visible_folders
from pressroom.ports import Job, NotEnforced, told_in
from pressroom.testing.contracts.attempts import until
from pressroom.testing.contracts.executor import BUSY, ExecutorContract, job_in, wait_for
from pressroom.testing.contracts.isolation import SECRET, IsolationContract

NAME = "localhost/pressroom-tests:empty"


@pytest.fixture(scope="module")
def image(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An image with nothing but folders to mount on, by its digest."""
    engine = find_engine()
    if not engine:
        pytest.skip("neither podman nor docker is installed")
    if ContainerExecutor(engine=engine).abilities.unusable:
        pytest.skip("the engine does not work here")
    archive = tmp_path_factory.mktemp("image") / "root.tar"
    with tarfile.open(archive, "w") as tar:
        for name in ("tmp", "proc", "dev", "sys", "etc", "run", *(path.strip("/") for path in visible_folders())):
            if Path(f"/{name}").is_dir():
                folder = tarfile.TarInfo(name)
                folder.type, folder.mode = tarfile.DIRTYPE, 0o755
                tar.addfile(folder)
        users = b"root:x:0:0:root:/tmp:/bin/sh\n"
        file = tarfile.TarInfo("etc/passwd")
        file.size = len(users)
        tar.addfile(file, io.BytesIO(users))
    made = subprocess.run([*engine, "import", str(archive), NAME], capture_output=True, text=True, check=False)
    if made.returncode != 0:
        pytest.skip(f"no image can be made here: {made.stderr[-300:]}")
    asked = [*engine, "image", "inspect", "--format", "{{.Digest}}", NAME]
    digest = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    words = ["run", "--rm", "--network=none", "--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024", *SHOWN, NAME]
    trial = subprocess.run([*engine, *words, "/bin/true"], capture_output=True, text=True, check=False)
    if trial.returncode != 0:
        pytest.skip(f"no container can be run here: {trial.stderr[-300:]}")
    yield f"{NAME.partition(':')[0]}@{digest}"
    subprocess.run([*engine, "image", "rm", "--force", NAME], capture_output=True, check=False)


SHOWN = tuple(f"--volume={path}:{path}:ro" for path in visible_folders() if os.path.exists(path))


class _Containers:
    @pytest.fixture(autouse=True)
    def _image(self, image: str, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("PRESSROOM_TEST_TOKEN", SECRET)
        self.image = image

    def make(self) -> ContainerExecutor:
        told = {**bare_environment(), "PATH": f"{Path(sys.prefix) / 'bin'}:/usr/bin:/bin"}
        return ContainerExecutor(engine=find_engine(), image=self.image, more=SHOWN, environment=told, slots=4)


class TestContainerExecutor(_Containers, ExecutorContract):
    def test_the_digest_of_the_image_is_told(self, tmp_path: Path) -> None:
        executor = self.make()
        executor.submit(job_in(tmp_path / "one", "leave_pid"))
        assert wait_for(executor, 1)[0].image == self.image.partition("@")[2]
        executor.close()

    def test_its_control_group_says_what_it_used(self, tmp_path: Path) -> None:
        executor = self.make()
        executor.submit(job_in(tmp_path / "one", "work_hard"))
        (ended,) = wait_for(executor, 1)
        executor.close()
        assert ended.source.startswith("control group")
        assert ended.memory_byte_s is not None
        assert ended.memory_byte_s > 0
        assert ended.read_bytes is not None

    def test_what_is_read_from_outside_is_what_is_counted_inside(self, tmp_path: Path) -> None:
        executor = self.make()
        job = job_in(tmp_path / "busy", "busy_long", module=BUSY)
        executor.submit(job)
        until((tmp_path / "busy" / "started").exists)
        until(lambda: told_in(tmp_path / "busy").cpu_s >= 0.2)
        seen = executor.usage(job)
        executor.stop(job.attempt, grace_s=0.0)
        (ended,) = wait_for(executor, 1)
        executor.close()
        assert seen is not None
        if seen.source.startswith("control group, read from outside"):
            assert seen.cpu_s == pytest.approx(ended.cpu_s, rel=0.01, abs=0.05)
        # It was killed with all that could have told of it, and is billed all the same.
        assert ended.cpu_s >= 0.2

    def test_an_image_that_is_not_there_is_said_so(self, tmp_path: Path) -> None:
        executor = self.make()
        (tmp_path / "one").mkdir()
        missing = f"localhost/nothing@sha256:{'0' * 64}"
        executor.submit(Job(attempt="one", folder=str(tmp_path / "one"), entry="os:abort", image=missing))
        (ended,) = wait_for(executor, 1)
        assert "the container was not started" in ended.words
        executor.close()


class TestIsolationOfContainers(_Containers, IsolationContract):
    pass


def test_an_image_that_is_not_pinned_is_refused(tmp_path: Path) -> None:
    executor = ContainerExecutor(engine=find_engine())
    if executor.abilities.unusable:
        pytest.skip("neither podman nor docker is installed")
    with pytest.raises(NotEnforced, match="not pinned"):
        executor.submit(Job(attempt="one", folder=str(tmp_path), entry="os:abort", image="python:3.11"))
    with pytest.raises(NotEnforced, match="no image"):
        executor.submit(Job(attempt="one", folder=str(tmp_path), entry="os:abort"))
