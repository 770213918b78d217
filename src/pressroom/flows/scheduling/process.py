"""Processes as they are written down: told apart from a later one that was given the same number."""

import os
import socket
from dataclasses import dataclass

from pressroom.flows import processes


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process by its machine, its number, and when it was born: see `pressroom.flows.processes`."""

    host: str
    pid: int
    born: float


def this_process() -> Process:
    """The one that asks."""
    return process_of(os.getpid())


def process_of(pid: int) -> Process:
    """A living process of this machine."""
    return Process(host=socket.gethostname(), pid=pid, born=processes.born_s(pid))


def is_alive(process: Process) -> bool:
    """Whether it lives. Of another machine nothing can be known from here, so it is taken to live."""
    if process.host != socket.gethostname():
        return True
    return processes.lives(processes.Process(number=process.pid, born_s=process.born))
