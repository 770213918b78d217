"""Attempts that use processors, for contracts about executors: in one process, in two, and in an orphan."""

import os
import time
from pathlib import Path

from pressroom.testing.contracts.attempts import sleep_long, until

_MIB = 1 << 20


def busy_long(folder: Path) -> int:
    """Use a fifth of a second and hold 20 MiB, then wait for longer than anybody would."""
    held = bytearray(os.urandom(1)) * (20 * _MIB)
    start = time.process_time()
    while time.process_time() - start < 0.25:
        held[0] = (held[0] + 1) % 256
    return sleep_long(folder)


def be_busy_twice(folder: Path) -> int:
    """Be busy in two processes for a second; how much of a core they had together."""
    began = time.monotonic()
    child = os.fork()
    while time.monotonic() - began < 1.0:
        pass
    if child == 0:
        os._exit(0)
    os.waitpid(child, 0)
    took_s, times = time.monotonic() - began, os.times()
    used_s = time.process_time() + times.children_user + times.children_system
    (folder / "used").write_text(f"{used_s} {took_s}")
    return 0


def leave_an_orphan_at_work(folder: Path) -> int:
    """Have half a second of work done by a process whose parent is gone."""
    if os.fork() == 0:
        if os.fork() == 0:
            (folder / "orphan").write_text(str(os.getpid()))
            while time.process_time() < 0.5:
                pass
        os._exit(0)
    os.wait()
    until(lambda: (folder / "orphan").exists() and (folder / "orphan").read_text() != "")
    orphan = int((folder / "orphan").read_text())
    until(lambda: not _lives(orphan))
    return 0


def _lives(process: int) -> bool:
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    return True
