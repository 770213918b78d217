"""Counts use: of a block of code in this process, or of another process and its children."""

import resource
import sys
import time
from types import TracebackType
from typing import Self

import psutil

from pressroom.costs.errors import NoSuchProcess, NotMeasuring
from pressroom.costs.usage import Usage

_MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024
"""What getrusage counts the highest memory in: bytes there, KiB elsewhere."""


class Meter:
    """Measures a block: `with Meter() as meter: ...`, then `meter.usage`.

    Counts CPU seconds and bytes of the whole process, all threads, and of the children that ended inside the block; so
    blocks that run side by side in threads count each other's. `peak_bytes` is the highest memory of the process or of
    one ended child in their whole lives until the block's end, which is all that the system keeps. Bytes are those that
    passed through read and write calls, cached or not; None where the system does not count them.
    """

    def __init__(self) -> None:
        """A meter that stands still."""
        self._start: Usage | None = None
        self._end: Usage | None = None

    def __enter__(self) -> Self:
        """Start to count, from 0."""
        self._start, self._end = _now(), None
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Stop, also when the block failed: what it used is used."""
        self._end = _now()

    @property
    def usage(self) -> Usage:
        """What the block used; so far, while it runs. Raises NotMeasuring before it started."""
        if self._start is None:
            raise NotMeasuring("This meter has not run.", next_step="Put the work inside `with Meter() as meter:`.")
        start, end = self._start, self._end or _now()
        return end.less(start)


def usage_of_process(pid: int) -> Usage:
    """What a process, its living children and theirs, and the children they waited for have used since they started.

    `wall_s` is the age of the process. `peak_bytes` is the memory that all of them hold now, pages they share counted
    for each. Bytes are None where the system does not tell. Raises NoSuchProcess when `pid` is gone.
    """
    try:
        process = psutil.Process(pid)
        used = _of_one(process)
        family = process.children(recursive=True)
        age_s = max(0.0, time.time() - process.create_time())
    except psutil.NoSuchProcess as error:
        raise NoSuchProcess(
            f"Process {pid} is gone.", next_step="Measure it while it runs, or read the usage it left behind."
        ) from error
    held = used.peak_bytes
    for child in family:
        try:
            of_child = _of_one(child)
        except psutil.NoSuchProcess:
            continue
        used += of_child
        held += of_child.peak_bytes
    return Usage(
        cpu_s=used.cpu_s, wall_s=age_s, peak_bytes=held, read_bytes=used.read_bytes, written_bytes=used.written_bytes
    )


def _now() -> Usage:
    """This process and its ended children, from their start; `wall_s` is a timer's."""
    own, ended = (resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN))
    read, written = _bytes_of(psutil.Process())
    return Usage(
        cpu_s=own.ru_utime + own.ru_stime + ended.ru_utime + ended.ru_stime,
        wall_s=time.perf_counter(),
        peak_bytes=max(own.ru_maxrss, ended.ru_maxrss) * _MAXRSS_BYTES,
        read_bytes=read,
        written_bytes=written,
    )


def _of_one(process: psutil.Process) -> Usage:
    times = process.cpu_times()
    read, written = _bytes_of(process)
    return Usage(
        cpu_s=times.user + times.system + times.children_user + times.children_system,
        peak_bytes=process.memory_info().rss,
        read_bytes=read,
        written_bytes=written,
    )


def _bytes_of(process: psutil.Process) -> tuple[int | None, int | None]:
    """Read and written through calls; None where the system does not count, or does not tell us."""
    try:
        counters = process.io_counters()
    except (psutil.AccessDenied, AttributeError, NotImplementedError):
        return None, None
    return getattr(counters, "read_chars", None), getattr(counters, "write_chars", None)
