"""Watching: what an attempt's processes hold and have used."""

import psutil

from pressroom.ports import Used


def held_bytes(pid: int, *, walled: bool = False) -> int:
    """The memory of all an attempt's processes, pages that files back counted once; 0 when it is gone. `walled` says
    that the first process and its child only stand guard, and hold what the server holds.
    """
    total = 0
    for process in _guarded(pid) if walled else family(pid):
        try:
            memory = process.memory_info()
        except (psutil.NoSuchProcess, psutil.AccessDenied):
            continue
        total += memory.rss - memory.shared
    return total


def used_by(pid: int) -> Used | None:
    """What an attempt's processes have used so far; None when it is gone."""
    found = family(pid)
    if not found:
        return None
    cpu_s, moved = 0.0, list[tuple[int, int]]()
    for process in found:
        try:
            times = process.cpu_times()
            cpu_s += times.user + times.system + times.children_user + times.children_system
            moved.append(_moved(process))
        except (psutil.NoSuchProcess, psutil.AccessDenied, AttributeError, NotImplementedError):
            # Bytes are not told by every system, and nowhere of other users' processes.
            continue
    return Used(
        cpu_s=cpu_s,
        memory_bytes=held_bytes(pid),
        read_bytes=sum(read for read, _ in moved) if moved else None,
        written_bytes=sum(written for _, written in moved) if moved else None,
        source="/proc of its processes; bytes of calls" if moved else "its processes",
    )


def _moved(process: psutil.Process) -> tuple[int, int]:
    """Bytes read and written through calls."""
    counters = process.io_counters()
    return int(getattr(counters, "read_chars")), int(getattr(counters, "write_chars"))  # noqa: B009  (Linux only)


def _guarded(pid: int) -> list[psutil.Process]:
    try:
        return [each for guard in psutil.Process(pid).children() for each in guard.children(recursive=True)]
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return []


def family(pid: int) -> list[psutil.Process]:
    """A process and all that come from it; none when it is gone."""
    try:
        first = psutil.Process(pid)
        return [first, *first.children(recursive=True)]
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return []
