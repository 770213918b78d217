"""Landlock: from here on a process opens only what it was told, where namespaces can't be made.

It hides no names and limits no memory; TCP is kept off by a filter on sockets, other processes by the kernel's scopes.
"""

import ctypes
import os
import stat
from collections.abc import Sequence

from pressroom.backends.process import kernel

_CREATE, _ADD, _RESTRICT = 444, 445, 446
_VERSION = 1
_BENEATH = 1
_EXECUTE, _WRITE, _READ, _LIST = 1, 2, 4, 8
_MAKING = sum(1 << bit for bit in range(4, 13))
_REFER, _TRUNCATE, _IOCTL = 1 << 13, 1 << 14, 1 << 15
_SCOPES = 0b11
"""Neither abstract sockets nor signals beyond this process's own children."""
_LEAST, _SINCE_REFER, _SINCE_TRUNCATE, _SINCE_IOCTL, _SINCE_SCOPES = 3, 2, 3, 5, 6


class _Rules(ctypes.Structure):
    _fields_ = (("files", ctypes.c_uint64), ("network", ctypes.c_uint64), ("scopes", ctypes.c_uint64))


class _Beneath(ctypes.Structure):
    _pack_ = 1
    _fields_ = (("allowed", ctypes.c_uint64), ("folder", ctypes.c_int32))


def version() -> int:
    """Which version the kernel speaks; below 1 it has none."""
    return kernel.syscall(_CREATE, None, ctypes.c_size_t(0), _VERSION)


def can_restrict() -> bool:
    """Whether files can be kept apart: from version 3 on nothing that is only to be read can be cut short."""
    return version() >= _LEAST


def restrict(reads: Sequence[str], writes: Sequence[str]) -> None:
    """Let this process read and run what is in `reads`, do anything in `writes`, and open nothing else.

    Raises OSError; needs `no_new_privileges` before.
    """
    speaks = version()
    handled = _EXECUTE | _WRITE | _READ | _LIST | _MAKING
    handled |= _REFER if speaks >= _SINCE_REFER else 0
    handled |= _TRUNCATE if speaks >= _SINCE_TRUNCATE else 0
    handled |= _IOCTL if speaks >= _SINCE_IOCTL else 0
    rules = _Rules(handled, 0, _SCOPES if speaks >= _SINCE_SCOPES else 0)
    size = ctypes.sizeof(rules) if speaks >= _SINCE_SCOPES else 8
    rule_set = kernel.checked(_CREATE, ctypes.byref(rules), ctypes.c_size_t(size), 0)
    try:
        for path in reads:
            _allow(rule_set, path, _EXECUTE | _READ | _LIST)
        for path in writes:
            _allow(rule_set, path, handled)
        kernel.checked(_RESTRICT, rule_set, 0)
    finally:
        os.close(rule_set)


def _allow(rule_set: int, path: str, rights: int) -> None:
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except FileNotFoundError:
        return
    try:
        if not stat.S_ISDIR(os.fstat(descriptor).st_mode):
            rights &= _EXECUTE | _WRITE | _READ | _TRUNCATE | _IOCTL
        beneath = _Beneath(rights, descriptor)
        kernel.checked(_ADD, rule_set, _BENEATH, ctypes.byref(beneath), 0)
    finally:
        os.close(descriptor)
