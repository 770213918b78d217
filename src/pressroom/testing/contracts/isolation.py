"""What an Executor that says it isolates must do besides: each test really tries to get out."""

import dataclasses
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

from pressroom.ports import Executor
from pressroom.testing.contracts.executor import LONG_S, MakesExecutor, job_in, need, wait_for


class IsolationContract(MakesExecutor):
    """What an executor that says it isolates must do besides. Each test really tries. Override `make` here too."""

    def test_it_reads_what_is_declared_and_can_write_none_of_it(self, executor: Executor, tmp_path: Path) -> None:
        need(executor, "paths")
        given = tmp_path / "given"
        given.write_text("input")
        job = job_in(tmp_path / "read", "use_inputs", module=__name__)
        (tmp_path / "read" / "what").write_text(str(given))
        executor.submit(dataclasses.replace(job, isolated=True, reads=(str(given),)))
        (ended,) = wait_for(executor, 1)
        assert ended.exit_code == 0, (tmp_path / "read" / "log").read_text()
        assert (tmp_path / "read" / "got").read_text() == "input"
        assert given.read_text() == "input"

    def test_it_sees_no_other_teams_data_and_no_home(self, executor: Executor, tmp_path: Path) -> None:
        need(executor, "paths")
        secret = tmp_path / "another_team"
        secret.mkdir()
        (secret / "salaries").write_text("secret")
        link = tmp_path / "snoop"
        tried = self._try_with(executor, link, "snoop", f"{secret}/salaries")
        assert "done" not in tried.values(), tried

    def _try_with(self, executor: Executor, folder: Path, function: str, target: str) -> dict[str, str]:
        job = job_in(folder, function, module=__name__)
        (folder / "what").write_text(target)
        executor.submit(dataclasses.replace(job, isolated=True))
        (ended,) = wait_for(executor, 1)
        assert ended.exit_code == 0, (folder / "log").read_text()
        return dict(line.split("=", 1) for line in (folder / "tried").read_text().splitlines())

    def test_nothing_outside_is_written(self, executor: Executor, tmp_path: Path) -> None:
        need(executor, "paths")
        outside = tmp_path / "outside"
        outside.mkdir()
        outside.chmod(0o777)
        self._try_with(executor, tmp_path / "scribble", "scribble", str(outside))
        assert list(outside.iterdir()) == []
        assert not Path("/tmp/pressroom_was_here").exists()

    def test_it_writes_to_its_own_lasting_folder_and_to_no_other(self, executor: Executor, tmp_path: Path) -> None:
        need(executor, "paths")
        lasting = tmp_path / "lasting"
        for name in ("its_own", "another"):
            (lasting / name).mkdir(parents=True)
            (lasting / name / "checkpoint").write_text(name)
            (lasting / name).chmod(0o777)
        job = job_in(tmp_path / "overwrite", "overwrite", module=__name__)
        (tmp_path / "overwrite" / "what").write_text(str(lasting))
        executor.submit(dataclasses.replace(job, isolated=True, lasting=str(lasting / "its_own")))
        (ended,) = wait_for(executor, 1)
        assert ended.exit_code == 0, (tmp_path / "overwrite" / "log").read_text()
        tried = dict(line.split("=", 1) for line in (tmp_path / "overwrite" / "tried").read_text().splitlines())
        # What looks made beside them may be in a root of its own.
        assert {name for name, said in tried.items() if said == "done"} - {"make"} == {"own", "add"}, tried
        assert sorted(each.name for each in lasting.iterdir()) == ["another", "its_own"]
        assert (lasting / "its_own" / "checkpoint").read_text() == "mine"
        assert [each.name for each in (lasting / "another").iterdir()] == ["checkpoint"]
        assert (lasting / "another" / "checkpoint").read_text() == "another"

    def test_it_speaks_to_nobody_over_the_network(self, executor: Executor, tmp_path: Path) -> None:
        need(executor, "network")
        with socket.create_server(("127.0.0.1", 0)) as server:
            port = server.getsockname()[1]
            tried = self._try_with(executor, tmp_path / "call_out", "call_out", str(port))
        assert "done" not in tried.values(), tried

    def test_it_reads_no_secret_of_the_environment_and_of_other_processes(
        self, executor: Executor, tmp_path: Path
    ) -> None:
        need(executor, "secrets")
        tried = self._try_with(executor, tmp_path / "pry", "pry", str(os.getpid()))
        assert "done" not in tried.values(), tried

    def test_it_can_not_fork_endlessly(self, executor: Executor, tmp_path: Path) -> None:
        need(executor, "processes")
        started = self._try_with(executor, tmp_path / "fork_bomb", "fork_bomb", "")
        assert 0 < int(started["forks"]) < 2_000
        executor.submit(job_in(tmp_path / "one", "leave_pid"))
        assert wait_for(executor, 1)[0].exit_code == 0


def use_inputs(folder: Path) -> int:
    """Copy the input, then try to spoil it."""
    given = Path((folder / "what").read_text())
    (folder / "got").write_text(given.read_text())
    try:
        given.write_text("spoilt")
    except OSError:
        return 0
    return 1


def snoop(folder: Path) -> int:
    """Read what is somebody else's: by its path, over a link, and in the home."""
    other = (folder / "what").read_text()
    (folder / "link").symlink_to(other)
    return _write_down(
        folder,
        path=lambda: Path(other).read_text(),
        link=lambda: (folder / "link").read_text(),
        neighbours=lambda: next(iter(folder.parent.glob("another_team/*"))),
        home=_first_file_of_a_home,
        shadow=lambda: Path("/etc/shadow").read_text(),
    )


def _first_file_of_a_home() -> bytes:
    """A folder on the way to what is shown may have its name; what is in it is not there."""
    found = [each for home in ("/root", "/home/*") for each in Path("/").glob(f"{home[1:]}/*") if each.is_file()]
    return found[0].read_bytes()


def scribble(folder: Path) -> int:
    """Write where nobody asked for it; what looks written may only be a /tmp of my own."""
    outside = Path((folder / "what").read_text())
    return _write_down(
        folder,
        beside=lambda: (outside / "mine").write_text("x"),
        above=lambda: (folder.parent / "outside" / "mine").write_text("x"),
        tmp=lambda: Path("/tmp/pressroom_was_here").write_text("x"),
        system=lambda: Path("/usr/pressroom_was_here").write_text("x"),
        root=lambda: Path("/pressroom_was_here").write_text("x"),
    )


def overwrite(folder: Path) -> int:
    """Write where I may, and where another one of the same kind may."""
    lasting = Path((folder / "what").read_text())
    return _write_down(
        folder,
        own=lambda: (lasting / "its_own" / "checkpoint").write_text("mine"),
        add=lambda: (lasting / "its_own" / "new").write_text("mine"),
        read=lambda: (lasting / "another" / "checkpoint").read_text(),
        write=lambda: (lasting / "another" / "checkpoint").write_text("mine"),
        beside=lambda: (lasting / "another" / "new").write_text("mine"),
        make=lambda: (lasting / "a_third").mkdir(),
        link=lambda: (lasting / "its_own" / "there").symlink_to("../another/checkpoint") or _through(lasting),
    )


def _through(lasting: Path) -> None:
    (lasting / "its_own" / "there").read_text()


def call_out(folder: Path) -> int:
    """Speak with this machine and with the world, over TCP and UDP."""
    port = int((folder / "what").read_text())

    def datagram() -> None:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as out:
            out.connect(("192.0.2.1", 53))
            out.send(b"x")

    return _write_down(
        folder,
        loopback=lambda: socket.create_connection(("127.0.0.1", port), timeout=2).close(),
        world=lambda: socket.create_connection(("192.0.2.1", 80), timeout=2).close(),
        datagram=datagram,
    )


def pry(folder: Path) -> int:
    """Look for secrets in the environment, and in the processes of others."""
    other = (folder / "what").read_text()

    def variables() -> None:
        if not any(SECRET in f"{name}={value}" for name, value in os.environ.items()):
            raise KeyError(SECRET)

    def at_the_start() -> None:
        if SECRET.encode() not in Path("/proc/self/environ").read_bytes():
            raise KeyError(SECRET)

    def anybody() -> None:
        found = [each for each in Path("/proc").glob("[0-9]*/environ") if _reads(each, SECRET.encode())]
        if not found:
            raise KeyError(SECRET)

    return _write_down(
        folder,
        variables=variables,
        start=at_the_start,
        anybody=anybody,
        other=lambda: Path(f"/proc/{other}/environ").read_bytes()[0],
        memory=lambda: Path(f"/proc/{other}/maps").read_bytes()[0],
        kill=lambda: os.kill(int(other), 0) if Path(f"/proc/{other}/comm").exists() else _absent(),
    )


def _absent() -> None:
    raise ProcessLookupError


def _reads(path: Path, wanted: bytes) -> bool:
    try:
        return wanted in path.read_bytes()
    except OSError:
        return False


def fork_bomb(folder: Path) -> int:
    """Start processes until that fails."""
    forks = 0
    try:
        while forks < 4_000:
            if os.fork() == 0:
                time.sleep(LONG_S)
                os._exit(0)
            forks += 1
    except OSError:
        pass
    (folder / "tried").write_text(f"forks={forks}\n")
    return 0


SECRET = "pressroom-contract-secret"


def _write_down(folder: Path, **tries: Callable[[], object]) -> int:
    """Try each, and write down what came of it."""
    lines: list[str] = []
    for name, attempt in tries.items():
        try:
            attempt()
        except Exception as error:  # noqa: BLE001  (whatever keeps it from succeeding)
            lines.append(f"{name}={type(error).__name__}: {error}".replace("\n", " "))
        else:
            lines.append(f"{name}=done")
    (folder / "tried").write_text("\n".join(lines) + "\n")
    return 0
