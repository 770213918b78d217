"""Counting: what an attempt that runs has used so far, and who counted what of one that has ended."""

from pathlib import Path

from pressroom.costs import Sources, Usage
from pressroom.flows.attempt_meter import Metered, metered_in
from pressroom.flows.calls import Call
from pressroom.ports import Ended, Executor, Job
from pressroom.values import MICROSECONDS, Instant

_METER = "its own meter: its main process and the children that it waited for"
_CALLS = f"{_METER}; bytes of calls"


def used_so_far(executor: Executor, call: Call, folder: Path, now: Instant) -> Usage:
    """What all processes of a call's attempt have used as its executor sees them, or as its own meter does where that
    saw more. `folder` is that of the run.
    """
    mine, wall_s = folder / call.attempt(), (now - call.started) / MICROSECONDS
    seen, meter = executor.usage(Job(attempt=call.attempt(), folder=str(mine), entry="")), metered_in(mine)
    cpu = (None if seen is None else seen.cpu_s, meter.cpu_s)
    byte_s = (None if seen is None else seen.memory_byte_s, meter.memory_byte_s)
    return Usage(
        cpu_s=max((each for each in cpu if each is not None), default=0.0),
        wall_s=wall_s,
        memory_byte_s=max((each for each in byte_s if each is not None), default=None),
        read_bytes=meter.read_bytes if seen is None or meter.read_bytes is not None else seen.read_bytes,
        written_bytes=meter.written_bytes if seen is None or meter.written_bytes is not None else seen.written_bytes,
        gpu_s=call.share().gpu * wall_s,
    )


def ended_here(call: Call, used: Usage) -> Ended:
    """How an attempt ended that ran in the run's own process, where a meter counted what it used."""
    return Ended(
        attempt=call.attempt(),
        exit_code=0,
        signal=None,
        stopped_for=None,
        cpu_s=used.cpu_s,
        wall_s=used.wall_s,
        peak_bytes=used.peak_bytes,
        source="this process and the children that it waited for",
    )


def sources_of(seen: Metered, ended: Ended) -> Sources:
    """Who counted each figure that is known."""
    found = {"wall_s": "the run's clock"}
    if ended.cpu_s or seen.cpu_s is not None:
        found["cpu_s"] = ended.source if ended.cpu_s else _METER
    if ended.peak_bytes:
        found["peak_bytes"] = "wait4: the largest of its processes"
    if ended.memory_byte_s is not None or seen.memory_byte_s is not None:
        found["memory_byte_s"] = _METER if ended.memory_byte_s is None else ended.source
    for name in ("read_bytes", "written_bytes"):
        if getattr(seen, name) is not None or getattr(ended, name) is not None:
            found[name] = ended.source if getattr(seen, name) is None else _CALLS
    return found
