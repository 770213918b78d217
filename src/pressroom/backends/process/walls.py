"""Walls around an attempt: what is to be seen inside, the limits that hold there, and the rights that are given up."""

import os
import resource
import signal
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from pressroom.backends.process import kernel, seccomp
from pressroom.ports import Job

Way = Literal["none", "namespaces", "bubblewrap", "landlock"]

SCRATCH = ".tmp"
"""The folder in an attempt's folder that is its /tmp."""
FOR_NETWORK = ("/etc/resolv.conf", "/etc/hosts", "/etc/nsswitch.conf")
_FIRST_USER = 0x7000_0000
"""Users from here on are nobody's: an attempt that root starts runs as one of them, which no other attempt is."""
_FIRST_LASTING_USER, _LASTING_USERS = 0x7100_0000, 0x0E00_0000
_MOST_FILES = 4_096


@dataclass(frozen=True, slots=True, kw_only=True)
class Walls:
    """How attempts are kept apart. Inside, `shows` can be read besides what a job declares; there are at most
    `most_processes`. `root` is an empty folder to build on, `command` what bubblewrap is called with, `groups` whether
    control groups can be made.
    """

    way: Way = "none"
    shows: tuple[str, ...] = ()
    root: str = ""
    command: tuple[str, ...] = ()
    groups: bool = False
    most_processes: int = 1_024


def seen(job: Job, walls: Walls) -> Iterator[str]:
    """What an attempt may read besides its own folder; what lies in another of them, or is not there, is left out."""
    shown: list[str] = []
    for path in (*walls.shows, *job.reads, *(FOR_NETWORK if job.network else ())):
        if os.path.exists(path) and not any(path == each or path.startswith(f"{each}/") for each in shown):
            shown.append(path)
            yield path


def make_scratch(job: Job) -> Path:
    """The folder in the attempt's folder that is its /tmp."""
    scratch = Path(job.folder) / SCRATCH
    scratch.mkdir(exist_ok=True)
    return scratch


def make_lasting(job: Job) -> tuple[str, ...]:
    """The folder that outlives the attempt, if it has one."""
    if job.lasting:
        os.makedirs(job.lasting, exist_ok=True)
    return (job.lasting,) if job.lasting else ()


def own_folder(job: Job) -> int:
    """Make the attempt's folder, the /tmp in it, and what outlives it those of the user that it will run as; which one
    that is. Attempts that share a lasting folder are one user, so that one which starts takes no file from another.
    """
    folder = make_scratch(job).parent
    lasting = make_lasting(job)
    if os.geteuid() != 0:
        return os.geteuid()
    user = _FIRST_USER + os.getpid()
    if lasting:
        user = _FIRST_LASTING_USER + zlib.crc32(os.fsencode(job.lasting)) % _LASTING_USERS
    left = [path for each in lasting for path in (Path(each), *Path(each).rglob("*"))]
    for path in (folder, *folder.iterdir(), *left):
        os.chown(path, user, user, follow_symlinks=False)
    for path in map(Path, job.reads):
        # Of inputs that lie beside the folder; what else is to be read has the rights that its owner gave it.
        if path.parent == folder.parent and not path.stat().st_mode & 0o004:
            os.chown(path, -1, user)
            path.chmod(path.stat().st_mode | 0o040)
    return user


def give_up_rights(user: int) -> None:
    """From here on this process is `user`, and nothing that it starts gets more rights than that."""
    if os.geteuid() == 0 and user != 0:
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    kernel.drop_capabilities()
    kernel.no_new_privileges()


def limit(job: Job, walls: Walls) -> None:
    """The limits that this process hands on: no core files, and no single file beyond the disk limit."""
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _lower(resource.RLIMIT_NOFILE, _MOST_FILES)
    if walls.way == "namespaces" or not walls.groups:
        _lower(resource.RLIMIT_NPROC, walls.most_processes)
    if job.most_disk_bytes is not None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (job.most_disk_bytes, job.most_disk_bytes))


def filter_calls(job: Job) -> None:
    """System calls that no step needs are refused, where their numbers are known."""
    if seccomp.can_filter():
        seccomp.filter_calls(network=bool(job.network))


def settle_in(scratch: str) -> None:
    """What the attempt itself finds: standard signals, its own /tmp as home, no file of its parent's open."""
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    os.closerange(3, _MOST_FILES * 16)
    os.environ.update(HOME=scratch, TMPDIR=scratch, USER="step", LOGNAME="step")
    os.chdir(scratch)


def _lower(kind: int, most: int) -> None:
    _, hard = resource.getrlimit(kind)
    least = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(kind, (least, least))
