"""Processes as they are written down: told apart from a later one that was given the same number."""

import os
import socket
from dataclasses import dataclass

import psutil

_SAME_S = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process by its machine, its number, and when it was born, in seconds since 1970."""

    host: str
    pid: int
    born: float


def this_process() -> Process:
    """The one that asks."""
    return process_of(os.getpid())


def process_of(pid: int) -> Process:
    """A living process of this machine."""
    return Process(host=socket.gethostname(), pid=pid, born=psutil.Process(pid).create_time())


def is_alive(process: Process) -> bool:
    """Whether it lives. Of another machine nothing can be known from here, so it is taken to live."""
    if process.host != socket.gethostname():
        return True
    try:
        found = psutil.Process(process.pid)
        return abs(found.create_time() - process.born) < _SAME_S and found.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
