"""What an Executor that says it isolates must do besides: each test really tries to get out."""

import ctypes
import dataclasses
import os
import socket
import time
from collections.abc import Callable
from pathlib import Path

from pressroom.ports import Executor
from pressroom.testing.contracts.attempts import LONG_S
from pressroom.testing.contracts.executor import MakesExecutor, job_in, need, wait_for


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

    def test_it_reaches_no_process_of_others(self, executor: Executor, tmp_path: Path) -> None:
        """Not by signals, not by tracing them, not by their files, and not over a socket that has a name only."""
        need(executor, "secrets")
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as server:
            server.bind(f"\0pressroom-{os.getpid()}")
            server.listen()
            tried = self._try_with(executor, tmp_path / "reach_out", "reach_out", str(os.getpid()))
        assert "done" not in tried.values(), tried

    def test_links_lead_nowhere_outside(self, executor: Executor, tmp_path: Path) -> None:
        """What it leaves in its own folder may be followed by whoever cleans up, or reads what was made."""
        need(executor, "paths")
        outside = tmp_path / "outside"
        outside.mkdir()
        (outside / "precious").write_text("kept")
        tried = self._try_with(executor, tmp_path / "lay_links", "lay_links", str(outside))
        assert "done" not in tried.values(), tried
        assert (outside / "precious").read_text() == "kept"
        assert (outside / "precious").stat().st_nlink == 1

    def test_it_can_not_fill_the_disk_beside_its_folder(self, executor: Executor, tmp_path: Path) -> None:
        """Every place that it can write to counts as its disk, or is memory and counts as that."""
        need(executor, "disk")
        need(executor, "memory")
        need(executor, "paths")
        job = job_in(tmp_path / "fill", "fill_everywhere", module=__name__)
        limits = {"most_disk_bytes": 20 << 20, "most_memory_bytes": 200 << 20}
        executor.submit(dataclasses.replace(job, isolated=True, **limits))
        (ended,) = wait_for(executor, 1)
        said = (tmp_path / "fill" / "log").read_text()
        assert ended.stopped_for in ("disk", "memory") or "File too large" in said or "No space" in said, said

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


def reach_out(folder: Path) -> int:
    """Signal, trace and read processes of others, by their number and by guessing; speak over a name."""
    other = int((folder / "what").read_text())
    libc = ctypes.CDLL(None, use_errno=True)

    def trace() -> None:
        if libc.ptrace(_ATTACH, other, 0, 0) != 0:
            raise OSError(ctypes.get_errno(), "ptrace")

    def read_memory() -> None:
        piece = ctypes.create_string_buffer(1)
        where = (ctypes.c_void_p * 2)(ctypes.addressof(piece), 1)
        if libc.process_vm_readv(other, where, 1, where, 1, 0) < 0:
            raise OSError(ctypes.get_errno(), "process_vm_readv")

    def signal_all() -> None:
        """To everybody, which leaves out oneself: there may be guards of one's own, who may not be hurt either."""
        before = set(_numbers()) - {os.getpid(), 1}
        hurt = [number for number in before if _may_signal(number)]
        if not hurt:
            raise PermissionError

    def speak() -> None:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as out:
            out.connect(f"\0pressroom-{other}")

    return _write_down(
        folder,
        signal=lambda: os.kill(other, 0) if Path(f"/proc/{other}/comm").exists() else _absent(),
        trace=trace,
        memory=read_memory,
        descriptors=lambda: next(Path(f"/proc/{other}/fd").iterdir()),
        root=lambda: next(Path(f"/proc/{other}/root").iterdir()),
        folder_of_other=lambda: next(Path(f"/proc/{other}/cwd").iterdir()),
        command=lambda: (Path(f"/proc/{other}/cmdline").read_bytes() or b"")[0],
        anybody=signal_all,
        named_socket=speak,
    )


_ATTACH = 16


def _numbers() -> list[int]:
    return [int(each.name) for each in Path("/proc").glob("[0-9]*")]


def _may_signal(number: int) -> bool:
    try:
        os.kill(number, 0)
    except OSError:
        return False
    # Whoever is of this attempt is nobody else's.
    return os.getsid(number) != os.getsid(0) and number not in (os.getppid(), 1)


def lay_links(folder: Path) -> int:
    """Link to what lies outside, through what is mine and what everybody has."""
    outside = Path((folder / "what").read_text())
    (folder / "log-link").symlink_to(outside / "precious")
    (folder / "way").symlink_to(outside)

    def swapped() -> None:
        """The folder that is my /tmp, made a link to what is not mine."""
        aside = folder / "aside"
        (folder / ".tmp").rename(aside)
        (folder / ".tmp").symlink_to(outside)
        (folder / ".tmp" / "precious").write_text("spoilt")

    return _write_down(
        folder,
        read=lambda: (folder / "log-link").read_text(),
        write=lambda: (folder / "log-link").write_text("spoilt"),
        through=lambda: (folder / "way" / "mine").write_text("spoilt"),
        hard=lambda: os.link(outside / "precious", folder / "hard"),
        parent=lambda: (folder / ".." / "outside" / "precious").write_text("spoilt"),
        handle=lambda: (Path("/proc/self/cwd") / ".." / ".." / "outside" / "precious").write_text("spoilt"),
        swapped=swapped,
        device=lambda: os.mknod(folder / "disk", 0o060600, os.makedev(8, 0)),
    )


def fill_everywhere(folder: Path) -> int:
    """Write 30 MiB files to every folder that lets me, 300 MiB in all, and wait to be found out."""
    places = [folder, Path("/tmp"), Path("/dev/shm"), Path("/var/tmp"), Path("/run"), Path("/")]
    for place in places:
        for number in range(30):
            try:
                (place / f"fill{number}").write_bytes(b"1" * (10 << 20))
            except OSError as error:
                print(place, error)  # noqa: T201  (what keeps it from going on is what is looked for)
                break
    time.sleep(LONG_S)
    return 0


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
