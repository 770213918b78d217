"""An attempt in namespaces of its own: another root, no other process to be seen, no network unless asked.

Three processes: one outside, which mirrors how it ended; the first one inside, whose end is the end of all the others
there; and the attempt. They are forked from a server that has its imports done, which is why this is not bubblewrap.
"""

import fcntl
import os
import signal
import socket
import struct
from pathlib import Path
from types import FrameType
from typing import NoReturn

from pressroom.backends.process import kernel
from pressroom.backends.process.walls import (
    SCRATCH,
    Walls,
    filter_calls,
    give_up_rights,
    limit,
    make_lasting,
    own_folder,
    seen,
    settle_in,
)
from pressroom.ports import (
    LOG,
    Job,
    to_log,
)

KILL = signal.SIGUSR1
"""Has the process outside kill all inside, wait for them, and so know what they used."""
_DEVICES = ("null", "zero", "full", "random", "urandom")
_SET_FLAGS, _UP_AND_RUNNING = 0x8914, 0x41
_STATUS = struct.Struct("i")


def enter(job: Job, walls: Walls) -> None:
    """Return in the attempt; the other two processes end in here. Raises OSError where the machine says no."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, signal.SIG_IGN)
    user = own_folder(job)
    to_log(Path(job.folder) / LOG)
    if os.geteuid() != 0:
        kernel.map_own_user()
    kernel.unshare(kernel.NEW_MOUNTS | kernel.NEW_IPC | kernel.NEW_PIDS | (0 if job.network else kernel.NEW_NETWORK))
    reader, writer = os.pipe()
    first = os.fork()
    if first != 0:
        os.close(writer)
        _mirror(first, reader)
    os.close(reader)
    build_root(job, walls)
    if not job.network:
        _raise_loopback()
    limit(job, walls)
    give_up_rights(user)
    kernel.die_with_parent(signal.SIGKILL)
    filter_calls(job)
    attempt = os.fork()
    if attempt != 0:
        _reap(attempt, writer)
    kernel.be_readable()
    settle_in("/tmp")


def build_root(job: Job, walls: Walls) -> None:
    """A root with the system and what is declared, read only, the attempt's folder, and a /tmp that is in it."""
    root = walls.root
    kernel.mount("none", "/", flags=kernel.RECURSIVE | kernel.PRIVATE)
    kernel.mount("tmpfs", root, "tmpfs", flags=kernel.NOSUID | kernel.NODEV, options="mode=755,size=4m")
    shown = list(seen(job, walls))
    for path in shown:
        if not path.startswith("/tmp/"):
            _show(root, path, path)
    _show(root, f"{job.folder}/{SCRATCH}", "/tmp", read_only=False)
    for path in shown:
        if path.startswith("/tmp/"):
            _show(root, path, path)
    for folder in (job.folder, *make_lasting(job)):
        _show(root, folder, folder, read_only=False)
    for device in _DEVICES:
        _bind(f"/dev/{device}", f"{root}/dev/{device}")
    Path(f"{root}/dev/fd").symlink_to("/proc/self/fd")
    _mount_new(root, "tmpfs", "/dev/shm", "mode=1777")
    _mount_new(root, "proc", "/proc")
    kernel.move_root(root)
    kernel.mount("", "/", flags=kernel.REMOUNT | kernel.BIND | kernel.READ_ONLY | kernel.NOSUID | kernel.NODEV)


def _show(root: str, source: str, inside: str, *, read_only: bool = True) -> None:
    target = f"{root}{inside}"
    _bind(source, target)
    kernel.restrict_mount(target, read_only=read_only)


def _bind(source: str, target: str) -> None:
    if not os.path.exists(target):
        if os.path.isdir(source):
            os.makedirs(target)
        else:
            os.makedirs(os.path.dirname(target), exist_ok=True)
            Path(target).touch()
    kernel.mount(source, target, flags=kernel.BIND | kernel.RECURSIVE)


def _mount_new(root: str, kind: str, inside: str, options: str = "") -> None:
    os.makedirs(f"{root}{inside}", exist_ok=True)
    flags = kernel.NOSUID | kernel.NODEV | kernel.NOEXEC
    kernel.mount(kind, f"{root}{inside}", kind, flags=flags, options=options)


def _raise_loopback() -> None:
    """Processes of one attempt may speak with each other; there is nobody else on this network."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as any_socket:
        fcntl.ioctl(any_socket, _SET_FLAGS, struct.pack("16sh14x", b"lo", _UP_AND_RUNNING))


def _reap(attempt: int, writer: int) -> NoReturn:
    """The first one inside: inherits whom the attempt leaves behind, and says how the attempt ended."""
    while True:
        pid, status = os.wait()
        if pid == attempt:
            os.write(writer, _STATUS.pack(status))
            os._exit(0)


def _mirror(first: int, reader: int) -> NoReturn:
    """The one outside: ends as the attempt did, or as killed when nobody could say."""

    def kill(number: int, frame: FrameType | None) -> None:
        os.kill(first, signal.SIGKILL)

    signal.signal(KILL, kill)
    told = os.read(reader, _STATUS.size)
    os.waitpid(first, 0)
    status = _STATUS.unpack(told)[0] if len(told) == _STATUS.size else signal.SIGKILL
    if os.WIFSIGNALED(status):
        number = os.WTERMSIG(status)
        if number not in (signal.SIGKILL, signal.SIGSTOP):
            signal.signal(number, signal.SIG_DFL)
        os.kill(os.getpid(), number)
    os._exit(os.WEXITSTATUS(status))
