"""The log as segment files of one folder, appended to by all threads and processes of a machine.

In the folder: `segments/`, `tokens` (of trimmed entries), `index/` (of all tokens; made again when it is lost), `mark`
(what is acknowledged), `lock` (an flock, held while writing). The folder must be on a local file system.
"""

import fcntl
import os
import threading
from collections import deque
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from pressroom.backends.local.files import make_folder, refusals
from pressroom.backends.local.log_reader import read_entries
from pressroom.backends.local.log_writer import LogWriter
from pressroom.backends.local.mark import Mark
from pressroom.backends.local.segments import Segments
from pressroom.ports import BackendError, Damaged, Entry, NoSpace, Stored
from pressroom.values import InvalidInput, PressroomError

SEGMENT_BYTES = 64 * 1024 * 1024
"""When a segment is this long, the next append starts a new one: what trimming frees at once."""


class _Call:
    """One call of `append` on its way to the disk."""

    __slots__ = ("entries", "failure", "told")

    def __init__(self, entries: Sequence[Entry]) -> None:
        self.entries = entries
        self.told: list[Stored | None] | None = None
        self.failure: PressroomError | None = None


class LocalLog:
    """A durable log in `folder`, which is made when missing. Raises Damaged for a folder whose log is broken.

    Threads that append at the same time share one write and one fsync. Safe to carry across a fork. The first append of
    a process reads what came since the index was last kept (4,096 tokens or 4 MiB), however long the log is.
    """

    def __init__(self, folder: Path, *, segment_bytes: int = SEGMENT_BYTES) -> None:
        """Open the log; whatever a crash left unacknowledged at its end is cut off, or completed, first."""
        self._folder = folder
        self._segment_bytes = segment_bytes
        with refusals(f"opening the log in {folder}"):
            make_folder(folder)
        self._open()

    def append(self, entries: Sequence[Entry]) -> list[Stored | None]:
        """One frame, one fsync. The rows of entries that are not kept are not numbered."""
        if os.getpid() != self._pid:
            self._open()
        call = _Call(entries)
        self._waiting.append(call)
        with self._turn:
            if call.told is None and call.failure is None:
                self._lead()
        if call.failure is not None:
            raise call.failure
        return call.told or []

    def read(self, position: int = 0) -> Iterator[Stored]:
        """The entries that were acknowledged when the first is asked for. Takes no lock."""
        yield from read_entries(self._segments, position, self.last())

    def first(self) -> int:
        """Where the oldest segment starts."""
        with refusals("looking into the log"):
            return self._segments.kept()[0]

    def last(self) -> int:
        """What the mark says: one small read."""
        if os.getpid() != self._pid:
            self._open()
        with refusals("reading the log's mark"):
            acknowledged = self._mark.read()
        if acknowledged is None:
            raise Damaged("The log's mark is unreadable.", next_step="Open the log again: the mark is made anew.")
        return acknowledged.end

    def trim(self, position: int) -> None:
        """Drop whole segments before `position`; at `last()`, everything."""
        if os.getpid() != self._pid:
            self._open()
        with self._turn, refusals("trimming the log"), self._locked():
            self._writer.trim(position)

    def close(self) -> None:
        """Close all files; the log can't be used afterwards."""
        if os.getpid() == self._pid and not self._closed:
            with self._turn:
                self._closed = True
                self._writer.close()
                self._mark.close()

    def _open(self) -> None:
        # After a fork, the child shares neither locks nor what was waiting with its parent.
        self._pid = os.getpid()
        self._closed = False
        self._turn = threading.Lock()
        self._waiting: deque[_Call] = deque()
        with refusals(f"opening the log in {self._folder}"):
            self._segments = Segments(self._folder / "segments")
            self._mark = Mark(self._folder / "mark")
            self._writer = LogWriter(self._folder, self._segments, self._mark, segment_bytes=self._segment_bytes)
            with self._locked():
                if not self._writer.settled():
                    self._writer.catch_up()

    @contextmanager
    def _locked(self) -> Generator[None]:
        if self._closed:
            raise BackendError("This log is closed.", next_step="Open it again.")
        # Opened each time: a descriptor carried across a fork would share its lock with the parent.
        file = os.open(self._folder / "lock", os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o666)
        try:
            fcntl.flock(file, fcntl.LOCK_EX)
            yield
        finally:
            # Said, not left to the closing: a child forked meanwhile holds a copy of the descriptor.
            fcntl.flock(file, fcntl.LOCK_UN)
            os.close(file)

    def _lead(self) -> None:
        calls = [self._waiting.popleft() for _ in range(len(self._waiting))]
        failure = BackendError(
            "The append was interrupted.", next_step="Append again; with the same token, nothing is kept twice."
        )
        try:
            with refusals("appending to the log"), self._locked():
                self._settle(calls)
        except PressroomError as error:
            failure = error
        finally:
            for call in calls:
                if call.told is None and call.failure is None:
                    call.failure = failure

    def _settle(self, calls: Sequence[_Call]) -> None:
        try:
            with refusals("appending to the log"):
                answers = self._writer.append([call.entries for call in calls])
        except (NoSpace, InvalidInput) as error:
            if len(calls) == 1:
                calls[0].failure = error
                return
            # What is too much together, or wrong in one, is done one by one.
            for call in calls:
                self._settle([call])
            return
        for call, told in zip(calls, answers, strict=True):
            call.told = told
