"""Processes of this machine, told apart: a number is given again, a number and an instant of birth are not."""

import os
from contextlib import suppress
from dataclasses import dataclass

import psutil

_TICKS = os.sysconf("SC_CLK_TCK")
_BORN_AT = 19
"""The place of the start time behind the name of the program in /proc/PID/stat: see proc(5), field 22."""
_DEAD = (b"Z", b"X")


@dataclass(frozen=True, slots=True, kw_only=True)
class Process:
    """A process by its number, and by when it was born: seconds since the machine started, so that a clock that is set
    makes nobody another one; where the system does not tell, seconds since 1970.
    """

    number: int
    born_s: float


def this_process() -> Process:
    """The one that asks."""
    return Process(number=os.getpid(), born_s=born_s(os.getpid()))


def lives(process: Process) -> bool:
    """Whether it is there still, and not another one of its number. One that only waits to be buried is not."""
    try:
        return abs(born_s(process.number) - process.born_s) < 1.0 / _TICKS
    except psutil.NoSuchProcess:
        return False


def born_s(number: int) -> float:
    """When a process was born. Raises psutil.NoSuchProcess."""
    with suppress(FileNotFoundError, ProcessLookupError, ValueError, IndexError):
        with open(f"/proc/{number}/stat", "rb") as file:
            # The name of the program is in brackets, and may hold any.
            behind = file.read().rpartition(b")")[2].split()
        if behind[0] in _DEAD:
            raise psutil.NoSuchProcess(number)
        return int(behind[_BORN_AT]) / _TICKS
    found = psutil.Process(number)
    if found.status() == psutil.STATUS_ZOMBIE:
        raise psutil.NoSuchProcess(number)
    return found.create_time()
