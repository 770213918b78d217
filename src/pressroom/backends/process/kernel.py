"""What Linux offers to keep a process apart, and Python does not: a few calls, each an OSError when it fails."""

import ctypes
import os
import platform
from pathlib import Path

NEW_MOUNTS, NEW_UTS, NEW_IPC, NEW_USER, NEW_PIDS, NEW_NETWORK = (
    0x00020000, 0x04000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000,
)  # fmt: skip
READ_ONLY, NOSUID, NODEV, NOEXEC, REMOUNT, BIND, RECURSIVE, PRIVATE = (
    0x1, 0x2, 0x4, 0x8, 0x20, 0x1000, 0x4000, 0x40000,
)  # fmt: skip
_DETACH = 0x2
_NO_NEW_PRIVILEGES, _DEATH_SIGNAL, _DUMPABLE, _SECCOMP, _CHILD_SUBREAPER = 38, 1, 4, 22, 36
_SECCOMP_FILTER = 2
_AT_FDCWD, _AT_RECURSIVE = -100, 0x8000
_ATTR_READ_ONLY, _ATTR_NOSUID, _ATTR_NODEV = 0x1, 0x2, 0x4
_MOUNT_SETATTR = 442
_NUMBERS = {"x86_64": {"pivot_root": 155, "capset": 126}, "aarch64": {"pivot_root": 41, "capset": 91}}
_CAPABILITIES_VERSION = 0x20080522

_LIBC = ctypes.CDLL(None, use_errno=True)


def unshare(flags: int) -> None:
    """Leave namespaces that this process was born into."""
    _check(_LIBC.unshare(flags), "unshare")


def mount(source: str, target: str, kind: str = "", *, flags: int = 0, options: str = "") -> None:
    """Mount, or bind with the flag BIND."""
    words = [each.encode() if each else None for each in (source, target, kind)]
    _check(_LIBC.mount(*words, ctypes.c_ulong(flags), options.encode() if options else None), f"mount on {target}")


def restrict_mount(target: str, *, read_only: bool) -> None:
    """From here down nothing is a device or changes who runs it, and with `read_only` nothing can be written."""
    wanted = _ATTR_NOSUID | _ATTR_NODEV | (_ATTR_READ_ONLY if read_only else 0)
    attributes = (ctypes.c_uint64 * 4)(wanted, 0, 0, 0)
    done = syscall(_MOUNT_SETATTR, _AT_FDCWD, target.encode(), _AT_RECURSIVE, attributes, ctypes.sizeof(attributes))
    _check(done, f"mount_setattr on {target}")


def move_root(folder: str) -> None:
    """Make a folder, which something is mounted on, the root of all that this process sees."""
    os.chdir(folder)
    _check(syscall(_number("pivot_root"), b".", b"."), "pivot_root")
    _check(_LIBC.umount2(b".", _DETACH), "umount")
    os.chdir("/")


def drop_capabilities() -> None:
    """Give back every capability, also those of a namespace that is ours."""
    head = (ctypes.c_uint32 * 2)(_CAPABILITIES_VERSION, 0)
    _check(syscall(_number("capset"), head, (ctypes.c_uint32 * 6)()), "capset")


def no_new_privileges() -> None:
    """No program that is started from here on gets more rights than this process has."""
    _check(_LIBC.prctl(_NO_NEW_PRIVILEGES, 1, 0, 0, 0), "prctl")


def die_with_parent(number: int) -> None:
    """Have this process get a signal when its parent ends."""
    _check(_LIBC.prctl(_DEATH_SIGNAL, number, 0, 0, 0), "prctl")


def adopt_orphans() -> None:
    """What descends from this process, and whose parent ends, becomes its child: it can be waited for, and counted."""
    _check(_LIBC.prctl(_CHILD_SUBREAPER, 1, 0, 0, 0), "prctl")


def be_readable() -> None:
    """Let this process look at itself in /proc again, after its user was changed."""
    _check(_LIBC.prctl(_DUMPABLE, 1, 0, 0, 0), "prctl")


def install_filter(program: ctypes.Structure) -> None:
    """Have a filter judge each system call of this process and of its children, for good."""
    _check(_LIBC.prctl(_SECCOMP, _SECCOMP_FILTER, ctypes.byref(program), 0, 0), "seccomp")


def syscall(number: int, *arguments: object) -> int:
    """A call that the C library has no name for; -1 when it failed."""
    return _LIBC.syscall(ctypes.c_long(number), *arguments)


def checked(number: int, *arguments: object) -> int:
    """The same; raises OSError when it failed."""
    done = syscall(number, *arguments)
    _check(done, f"system call {number}")
    return done


def map_own_user() -> None:
    """In a user namespace of its own, this process's user and group are who they were, and nobody else is."""
    user, group = os.geteuid(), os.getegid()
    unshare(NEW_USER)
    Path("/proc/self/setgroups").write_text("deny", encoding="ascii")
    Path("/proc/self/uid_map").write_text(f"{user} {user} 1", encoding="ascii")
    Path("/proc/self/gid_map").write_text(f"{group} {group} 1", encoding="ascii")


def _number(name: str) -> int:
    try:
        return _NUMBERS[platform.machine()][name]
    except KeyError:
        raise OSError(f"{name} has no number for {platform.machine()}") from None


def _check(done: int, what: str) -> None:
    if done < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{what}: {os.strerror(number)}")
