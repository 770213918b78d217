"""Why an attempt failed, as a class, with the evidence; and whether trying again makes sense."""

import signal
from dataclasses import dataclass
from typing import Literal

from pressroom.flows.runner import Fault, Outcome
from pressroom.ports import Ended

CauseClass = Literal["user code", "data", "memory", "time limit", "disk", "infrastructure", "preempted", "budget"]

_DATA = frozenset(
    {"FileNotFoundError", "IsADirectoryError", "UnicodeDecodeError", "ArrowInvalid", "ParserError", "EmptyDataError",
     "BadRows", "BadBatch", "InvalidInput", "NotFinite", "JSONDecodeError", "EOFError"}
)  # fmt: skip
_OUTSIDE = frozenset(
    {"ConnectionError", "ConnectionRefusedError", "ConnectionResetError", "BrokenPipeError", "TimeoutError", "NoSpace",
     "BackendError", "BlockingIOError", "WorkerLost"}
)  # fmt: skip
_PREEMPTED = "Preempted"
_NO_SPACE = "[Errno 28]"
_TOO_LARGE = "[Errno 27]"
_DISK = "Raise disk_limit, or write less."
_SHOWN_LINES = 5


@dataclass(frozen=True, slots=True, kw_only=True)
class Cause:
    """The class of a failure, what shows it, the line of code where there is one, and what to try."""

    of: CauseClass
    evidence: str
    where: str
    advice: str

    def signature(self) -> str:
        """Two failures of one signature are one failure twice."""
        return f"{self.of}: {self.where}: {self.evidence.splitlines()[0] if self.evidence else ''}"


def cause_of(ended: Ended | None, outcome: Outcome | None, log: str) -> Cause | None:
    """Why it failed; None when it did not. `ended` is None for what ran in the flow's own process."""
    if outcome is not None and outcome.fault is None:
        return None
    if ended is not None and ended.stopped_for == "time":
        said = f"stopped after {ended.wall_s:.1f} s"
        return Cause(of="time limit", evidence=said, where="", advice="Raise time_limit, or give it less to do.")
    if ended is not None and ended.stopped_for == "memory":
        said = f"held {ended.peak_bytes / 1e9:.2f} GB at its peak"
        return Cause(of="memory", evidence=said, where="", advice="Raise memory_limit, or work in smaller pieces.")
    if ended is not None and ended.stopped_for == "disk":
        return Cause(of="disk", evidence="wrote more than it may", where="", advice=_DISK)
    if ended is not None and ended.words:
        return Cause(of="infrastructure", evidence=ended.words, where="", advice="Run it again, or somewhere else.")
    if outcome is not None and outcome.fault is not None:
        return _of_fault(outcome.fault)
    return _of_end(ended, log)


def _of_fault(fault: Fault) -> Cause:
    where = f"{fault.file}:{fault.line}" if fault.file else ""
    said = f"{fault.kind}: {fault.message}".rstrip(": ")
    if fault.kind == "MemoryError":
        return Cause(of="memory", evidence=said, where=where, advice="Work in smaller pieces, or give it more memory.")
    if fault.kind == "OSError" and _TOO_LARGE in fault.message:
        return Cause(of="disk", evidence=said, where=where, advice=_DISK)
    if fault.kind == _PREEMPTED:
        return Cause(of="preempted", evidence=said, where="", advice=fault.next_step or "Run it again.")
    if fault.kind in _OUTSIDE or _NO_SPACE in fault.message:
        return Cause(of="infrastructure", evidence=said, where=where, advice=fault.next_step or "Try again later.")
    if fault.kind in _DATA:
        return Cause(of="data", evidence=said, where=where, advice=fault.next_step or "Look at the input it names.")
    return Cause(of="user code", evidence=said, where=where, advice=fault.next_step or "Mend that line, and run again.")


def _of_end(ended: Ended | None, log: str) -> Cause:
    last = "\n".join(log.strip().splitlines()[-_SHOWN_LINES:])
    if ended is None or (ended.exit_code is None and ended.signal is None):
        return Cause(
            of="infrastructure", evidence=f"its process was lost\n{last}".strip(), where="", advice="Run it again."
        )
    if ended.signal == signal.SIGTERM:
        return Cause(of="preempted", evidence=f"ended by SIGTERM\n{last}".strip(), where="", advice="Run it again.")
    if ended.signal == signal.SIGKILL:
        said = f"killed from outside (SIGKILL) while it held {ended.peak_bytes / 1e9:.2f} GB at its peak\n{last}"
        return Cause(
            of="infrastructure",
            evidence=said.strip(),
            where="",
            advice="If the machine ran out of memory, give the step a memory_limit; else run it again.",
        )
    if ended.signal is not None:
        said = f"crashed: {signal.Signals(ended.signal).name}\n{last}"
        return Cause(of="user code", evidence=said.strip(), where="", advice="A library it calls crashed: see the log.")
    said = f"ended itself with exit code {ended.exit_code}\n{last}"
    return Cause(of="user code", evidence=said.strip(), where="", advice="Return a value; do not leave the process.")


def worth_trying_again(cause: Cause, earlier: list[Cause], retries: int) -> bool:
    """What was lost outside is tried again twice at least; of what the step did itself, what its owner allowed, and not
    what failed in the same way before.
    """
    if cause.of in ("infrastructure", "preempted"):
        return len(earlier) < max(2, retries)
    if any(each.signature() == cause.signature() for each in earlier):
        return False
    return len(earlier) < retries
