"""A sandboxed step against a plain one; a container step against a bare `podman run` of the same command."""

import itertools
import os
import subprocess
import sys
import tarfile
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing, contextmanager
from pathlib import Path

from benchmarks.case import Case, again, in_turn
from pressroom.backends.container.executor import ContainerExecutor
from pressroom.backends.container.words import find_engine
from pressroom.backends.process.executor import ProcessExecutor
from pressroom.models import bare_environment, visible_folders
from pressroom.ports import Executor, Job
from pressroom.workspace.executors import sandbox_of

_PREPARE = "pressroom.testing.contracts.executor:prepare"
_ENTRY = "pressroom.testing.contracts.executor:leave_with_0"
_IN_A_ROW = 10
_MOST_MORE_MS = 30.0
_NAME = "localhost/pressroom-benchmark:empty"


def cases(runs: int) -> Iterator[Case]:
    """Those that this machine can run."""
    with tempfile.TemporaryDirectory() as scratch:
        folder = Path(scratch)
        names = itertools.count()
        yield from _sandboxed(folder, runs, names)
        yield from _contained(folder, runs, names)


def _sandboxed(folder: Path, runs: int, names: Iterator[int]) -> Iterator[Case]:
    sandbox = sandbox_of("", prepare=_PREPARE)
    if sandbox.abilities.unusable:
        print(f"sandboxed step: {sandbox.abilities.unusable}")
        return
    with closing(sandbox), closing(ProcessExecutor(prepare=_PREPARE, about="")) as plain:
        ours, limit = in_turn(
            runs, again(_IN_A_ROW, _one(sandbox, folder, names)), again(_IN_A_ROW, _one(plain, folder, names))
        )
    more_ms = (ours - limit) / _IN_A_ROW * 1e3
    yield Case(name="sandboxed step, beyond a plain process / 30 ms", unit="ms a step", ours=more_ms,
               limit=_MOST_MORE_MS, target=1.0)  # fmt: skip


def _contained(folder: Path, runs: int, names: Iterator[int]) -> Iterator[Case]:
    engine = find_engine()
    if not engine or ContainerExecutor(engine=engine).abilities.unusable:
        print("container step: there is no podman or docker that works")
        return
    shown = [f"--volume={path}:{path}:ro" for path in visible_folders() if os.path.exists(path)]
    told = {**bare_environment(), "PATH": f"{Path(sys.prefix) / 'bin'}:/usr/bin:/bin"}
    with _image(engine, folder) as image:
        executor = ContainerExecutor(engine=engine, image=image, more=shown, environment=told)
        bare = folder / "bare"
        bare.mkdir()
        words = [
            *engine, "run", "--rm", "--network=none", "--ulimit=nofile=1024:1024", "--ulimit=nproc=1024:1024", *shown,
            *(f"--env={key}={value}" for key, value in told.items()), f"--volume={bare}:{bare}", image,
            "python3", "-m", "pressroom.ports.run_attempt", _ENTRY, str(bare),
        ]  # fmt: skip
        with closing(executor):
            ours, limit = in_turn(
                runs, _one(executor, folder, names), lambda: subprocess.run(words, check=True, capture_output=True)
            )
    yield Case(name="container step, warm image / bare podman run", unit="s", ours=ours, limit=limit, target=1.2)


@contextmanager
def _image(engine: Sequence[str], folder: Path) -> Iterator[str]:
    """An image of folders to mount this system's on, by its digest."""
    archive = folder / "root.tar"
    with tarfile.open(archive, "w") as tar:
        for name in ("tmp", "proc", "dev", "sys", "etc", *(path.strip("/") for path in visible_folders())):
            if Path(f"/{name}").is_dir():
                made = tarfile.TarInfo(name)
                made.type, made.mode = tarfile.DIRTYPE, 0o755
                tar.addfile(made)
    subprocess.run([*engine, "import", str(archive), _NAME], check=True, capture_output=True)
    asked = [*engine, "image", "inspect", "--format", "{{.Digest}}", _NAME]
    digest = subprocess.run(asked, check=True, capture_output=True, text=True).stdout.strip()
    try:
        yield f"{_NAME.partition(':')[0]}@{digest}"
    finally:
        subprocess.run([*engine, "image", "rm", "--force", _NAME], check=False, capture_output=True)


def _one(executor: Executor, folder: Path, names: Iterator[int]) -> Callable[[], None]:
    """An attempt that does nothing, from being submitted to being told; that it went well is checked."""

    def run() -> None:
        attempt = folder / f"attempt-{next(names)}"
        attempt.mkdir()
        executor.submit(Job(attempt=attempt.name, folder=str(attempt), entry=_ENTRY))
        while not (ended := executor.poll(1.0)):
            pass
        if ended[0].exit_code != 0:
            raise RuntimeError((attempt / "log").read_text(encoding="utf-8"))

    return run
