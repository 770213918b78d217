"""A filter on system calls: what no step needs, and what would let it look at or change more than its own.

Refused with EPERM: mounting and new namespaces, tracing and reading other processes, keys, kernel modules and
programs, clocks. Without the network, also every socket that is not between processes of this machine.
"""

import ctypes
import platform
from collections.abc import Sequence

from pressroom.backends.process import kernel

_LOAD, _JUMP_EQUAL, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x45, 0x06
_ALLOW, _REFUSE, _UNKNOWN, _KILL = 0x7FFF0000, 0x00050001, 0x00050026, 0x80000000
_AT_NUMBER, _AT_ARCHITECTURE, _AT_FIRST = 0, 4, 16
_X32_BIT = 0x40000000
_NAMESPACES = 0x7E020000
"""All CLONE_NEW flags."""
_UNIX_SOCKET = 1

_ARCHITECTURES = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_CALLS = {
    "x86_64": {
        "ptrace": 101, "mount": 165, "umount2": 166, "pivot_root": 155, "chroot": 161, "unshare": 272, "setns": 308,
        "process_vm_readv": 310, "process_vm_writev": 311, "kcmp": 312, "add_key": 248, "request_key": 249,
        "keyctl": 250, "init_module": 175, "finit_module": 313, "delete_module": 176, "kexec_load": 246,
        "kexec_file_load": 320, "bpf": 321, "perf_event_open": 298, "userfaultfd": 323, "open_by_handle_at": 304,
        "settimeofday": 164, "clock_settime": 227, "clock_adjtime": 305, "swapon": 167, "swapoff": 168, "reboot": 169,
        "acct": 163, "quotactl": 179, "syslog": 103, "move_mount": 429, "open_tree": 428, "fsopen": 430,
        "fsmount": 432, "mount_setattr": 442, "io_uring_setup": 425,
    },
    "aarch64": {
        "ptrace": 117, "mount": 40, "umount2": 39, "pivot_root": 41, "chroot": 51, "unshare": 97, "setns": 268,
        "process_vm_readv": 270, "process_vm_writev": 271, "kcmp": 272, "add_key": 217, "request_key": 218,
        "keyctl": 219, "init_module": 105, "finit_module": 273, "delete_module": 106, "kexec_load": 104,
        "kexec_file_load": 294, "bpf": 280, "perf_event_open": 241, "userfaultfd": 282, "open_by_handle_at": 265,
        "settimeofday": 170, "clock_settime": 112, "clock_adjtime": 266, "swapon": 224, "swapoff": 225, "reboot": 142,
        "acct": 89, "quotactl": 60, "syslog": 116, "move_mount": 429, "open_tree": 428, "fsopen": 430,
        "fsmount": 432, "mount_setattr": 442, "io_uring_setup": 425,
    },
}  # fmt: skip
_CLONE = {"x86_64": 56, "aarch64": 220}
_CLONE3 = 435
_SOCKET = {"x86_64": 41, "aarch64": 198}


class _Line(ctypes.Structure):
    _fields_ = (("code", ctypes.c_uint16), ("yes", ctypes.c_uint8), ("no", ctypes.c_uint8), ("k", ctypes.c_uint32))


class _Program(ctypes.Structure):
    _fields_ = (("count", ctypes.c_uint16), ("lines", ctypes.POINTER(_Line)))


def can_filter() -> bool:
    """Whether the numbers of this machine's system calls are known here."""
    return platform.machine() in _ARCHITECTURES


def filter_calls(*, network: bool) -> None:
    """Install the filter in this process. Raises OSError; needs `no_new_privileges` before."""
    lines = _lines(platform.machine(), network=network)
    kept = (_Line * len(lines))(*lines)
    kernel.install_filter(_Program(len(lines), kept))


def _lines(machine: str, *, network: bool) -> Sequence[tuple[int, int, int, int]]:
    """The program: each line loads a word, or compares it and jumps over so many lines, or ends with an answer."""
    lines = [
        (_LOAD, 0, 0, _AT_ARCHITECTURE),
        (_JUMP_EQUAL, 1, 0, _ARCHITECTURES[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _AT_NUMBER),
    ]
    if machine == "x86_64":
        # The same calls under other numbers, with pointers of 32 bits.
        lines += [(_JUMP_ANY_BIT, 0, 1, _X32_BIT), (_RETURN, 0, 0, _UNKNOWN)]
    for number in _CALLS[machine].values():
        lines += [(_JUMP_EQUAL, 0, 1, number), (_RETURN, 0, 0, _REFUSE)]
    # What clone3 is asked for lies in memory, which a filter can't read: unknown, so that libraries ask clone.
    lines += [(_JUMP_EQUAL, 0, 1, _CLONE3), (_RETURN, 0, 0, _UNKNOWN)]
    lines += [
        (_JUMP_EQUAL, 0, 4, _CLONE[machine]),
        (_LOAD, 0, 0, _AT_FIRST),
        (_JUMP_ANY_BIT, 0, 1, _NAMESPACES),
        (_RETURN, 0, 0, _REFUSE),
        (_RETURN, 0, 0, _ALLOW),
    ]
    if not network:
        lines += [
            (_JUMP_EQUAL, 0, 4, _SOCKET[machine]),
            (_LOAD, 0, 0, _AT_FIRST),
            (_JUMP_EQUAL, 1, 0, _UNIX_SOCKET),
            (_RETURN, 0, 0, _REFUSE),
            (_RETURN, 0, 0, _ALLOW),
        ]
    return [*lines, (_RETURN, 0, 0, _ALLOW)]
