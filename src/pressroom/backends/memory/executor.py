"""An executor in this process: attempts run one after another while they are submitted. It enforces nothing."""

import contextlib
import importlib
import resource
import sys
import time
import traceback
from collections.abc import Generator, Sequence
from pathlib import Path

from pressroom.ports import LOG, Abilities, Ended, Job, Used, log_of, refuse_more

_MAXRSS_BYTES = 1 if sys.platform == "darwin" else 1024


class InlineExecutor:
    """For steps that are over before a process would have started. What is over its time is not stopped."""

    def __init__(self) -> None:
        """Nothing has run."""
        self._ended: list[Ended] = []

    @property
    def abilities(self) -> Abilities:
        """One at a time, no limit at all."""
        return Abilities(executor="inline", slots=1, own_process=False)

    def submit(self, job: Job) -> None:
        """Run it, now. `peak_bytes` is this process's, whatever it did before."""
        refuse_more(job, self.abilities)
        started, cpu = time.monotonic(), time.process_time()
        with _printing_to(Path(job.folder) / LOG):
            code = _call(job)
        self._ended.append(
            Ended(
                attempt=job.attempt,
                exit_code=code,
                signal=None,
                stopped_for=None,
                cpu_s=time.process_time() - cpu,
                wall_s=time.monotonic() - started,
                peak_bytes=resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * _MAXRSS_BYTES,
                source="this process's clock of CPU time",
            )
        )

    def poll(self, wait_s: float) -> Sequence[Ended]:
        """Whatever was submitted has ended."""
        ended, self._ended = self._ended, []
        return ended

    def stop(self, attempt: str, *, grace_s: float) -> None:
        """Nothing runs that anybody could stop."""

    def log(self, job: Job, start: int = 0) -> bytes:
        """What its file holds."""
        return log_of(job.folder, start)

    def usage(self, job: Job) -> Used | None:
        """Nothing runs that anybody could ask about."""
        return None

    def close(self) -> None:
        """There is nothing to give back."""


def _call(job: Job) -> int:
    """An error is how it ended; a wish to stop is this process's own."""
    module, _, function = job.entry.partition(":")
    try:
        return int(getattr(importlib.import_module(module), function)(Path(job.folder)) or 0)
    except Exception:  # noqa: BLE001  (whatever an attempt raises is how it ended)
        traceback.print_exc()
        return 1


@contextlib.contextmanager
def _printing_to(path: Path) -> Generator[None]:
    log = path.open("a", encoding="utf-8", errors="backslashreplace")
    with log, contextlib.redirect_stdout(log), contextlib.redirect_stderr(log):
        yield
