"""How a run goes: a line for each call that ended, and what runs now."""

from types import TracebackType
from typing import Self

from rich.console import Console
from rich.status import Status

from pressroom.flows import Call

_MARKS = {"kept": "=", "done": "+", "failed": "!", "skipped": "-", "cancelled": "-"}


class RunProgress:
    """Shows calls as their states change; `run` is the run's name once it has one."""

    def __init__(self, console: Console) -> None:
        """Write to `console`."""
        self.run = ""
        self._console = console
        self._status: Status = console.status("Starting")
        self._running: dict[int, str] = {}
        self._ended = 0

    def __enter__(self) -> Self:
        """Start to show."""
        self._status.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Show no more."""
        self._status.stop()

    def show(self, run: str, call: Call) -> None:
        """Show a call as it is now."""
        self.run = run
        if call.state == "running":
            said = "" if call.progress is None else f" {call.progress.words()}"
            self._running[call.number] = f"{call.step.name}{said}"
        else:
            self._running.pop(call.number, None)
        if call.state in _MARKS:
            self._ended += 1
            # Answers from what is kept are many and quick: only the count tells of them.
            if call.state != "kept":
                self._console.print(
                    f"{_MARKS[call.state]} {call.number:04d}-{call.step.name}: {call.state}. {_words(call)}"
                )
        names = ", ".join(dict.fromkeys(self._running.values())) or "nothing"
        self._status.update(f"{run}: {self._ended} ended; running: {names}")


def _words(call: Call) -> str:
    if call.state == "done" and call.result is not None:
        return f"{call.result.wall_s:.2f} s. Ran, for {call.reason}."
    if call.failures:
        cause = call.failures[-1]
        return f"{cause.of}: {cause.evidence.splitlines()[0] if cause.evidence else ''} {cause.where}"
    return call.reason
