"""Writing a log: one writer at a time, the one that holds the lock.

A writer knows the log up to some position and takes in what other processes appended since before it writes. A frame
that is incomplete or broken and reaches to the end of the log was never acknowledged: it is cut off. A broken frame
before that is damage, and refused. What the index of tokens covers is not read again, so damage there is for readers to
find.
"""

import os
from collections.abc import Sequence
from contextlib import suppress
from itertools import pairwise
from pathlib import Path

from pressroom.backends.local.files import write_at
from pressroom.backends.local.frames import frame_after, frame_at, pack
from pressroom.backends.local.log_reader import read_entries
from pressroom.backends.local.mark import Acknowledged, Mark
from pressroom.backends.local.segments import HEAD_BYTES, Segments
from pressroom.backends.local.token_index import TokenIndex, is_due
from pressroom.backends.local.token_run import Cover, Unsound, digest_of
from pressroom.backends.local.tokens import Tokens
from pressroom.ports import Damaged, Entry, Stored

_RESTORE = "Restore the log's folder from a backup"


class LogWriter:
    """What one process knows of the log. Every method wants the log's lock held, and may raise OSError."""

    def __init__(self, folder: Path, segments: Segments, mark: Mark, *, segment_bytes: int) -> None:
        """Know nothing yet."""
        self._segments = segments
        self._mark = mark
        self._segment_bytes = segment_bytes
        self._trimmed = Tokens(folder / "tokens")
        self._index = TokenIndex(folder / "index", segments)
        self._tokens: dict[bytes, int] = {}
        """Digests of tokens that came after what the index covers, and where; `_tokens_from` is where that begins."""
        self._tokens_from = 0
        self._tried = 0, 0
        self._last = 0
        self._end = -1
        self._next_seq = 0
        self._file = -1
        self._segment = 0

    def settled(self) -> bool:
        """Whether the segments end where the mark says, so that nothing has to be taken in before reading."""
        acknowledged = self._mark.read()
        starts = self._segments.starts()
        if acknowledged is None or not starts or starts[-1] != acknowledged.segment:
            return False
        size = self._segments.path(starts[-1]).stat().st_size
        return size == HEAD_BYTES + acknowledged.end - acknowledged.segment

    def catch_up(self) -> None:
        """Take in what others appended, and cut off what was never acknowledged."""
        while True:
            try:
                return self._catch_up()
            except Unsound:
                self._end = -1

    def append(self, calls: Sequence[Sequence[Entry]]) -> list[list[Stored | None]]:
        """Keep the entries of all `calls` in one frame, or nothing at all; what each call is to be told."""
        fresh, told = self._plan(calls)
        if not fresh:
            return [[None] * len(call) for call in told]
        if self._end - self._segment >= self._segment_bytes:
            self._turn_over()
        raw, stored = pack(fresh, position=self._end, first_seq=self._next_seq)
        self._write(raw)
        self._tokens.update((digest_of(one.entry.token), one.position) for one in stored if one.entry.token)
        self._last, self._end = stored[-1].position, self._end + len(raw)
        self._next_seq += sum(entry.rows for entry in fresh)
        try:
            self._keep_when_due()
        except Unsound:
            self._end = -1
        kept = iter(stored)
        return [[None if gone is None else next(kept) for gone in call] for call in told]

    def trim(self, position: int) -> None:
        """Drop the segments that lie before `position`; their tokens are kept first.

        A segment that reaches beyond it ends here, so that the next trim can drop it, whatever is appended meanwhile.
        """
        self.catch_up()
        if min(position, self._end) > self._segment:
            self._turn_over()
        starts = self._segments.starts()
        gone = [start for start, after in pairwise(starts) if after <= position]
        if not gone:
            return
        stop = starts[len(gone)]
        tokens = [stored.entry.token for stored in read_entries(self._segments, gone[0], stop) if stored.entry.token]
        if tokens:
            self._trimmed.keep(tokens)
        try:
            if self._index.end < stop:
                self._keep()
        except Unsound:
            self._end = -1
        self._segments.delete(gone)

    def close(self) -> None:
        """Close the segment."""
        if self._file >= 0:
            os.close(self._file)
            self._file = -1

    def _size(self) -> int:
        return HEAD_BYTES + self._end - self._segment

    def _catch_up(self) -> None:
        marked = self._mark.read()
        acknowledged = marked or Acknowledged(0, 0)
        known = Acknowledged(self._end, self._segment)
        if self._file >= 0 and marked == known and os.fstat(self._file).st_size == self._size():
            return
        self._begin(acknowledged)
        starts = self._segments.starts()
        for start, after in zip(starts, [*starts[1:], None], strict=True):
            if after is None or after > self._end:
                self._take_in(start, acknowledged, newest=after is None)
        if self._end < acknowledged.end:
            raise Damaged(
                f"The log ends at {self._end}, but entries up to {acknowledged.end} were acknowledged.",
                next_step=f"{_RESTORE}; to go on without them, stop every process and delete the file named mark.",
            )
        if marked != Acknowledged(self._end, self._segment):
            os.fdatasync(self._file)
            self._mark.write(Acknowledged(self._end, self._segment))
        self._keep_when_due()

    def _begin(self, acknowledged: Acknowledged) -> None:
        starts = self._segments.starts()
        if not starts:
            if acknowledged.end > 0:
                raise Damaged("The log's segments are gone.", next_step=f"{_RESTORE}.")
            self._segments.create(0, 0)
            starts = [0]
        if self._end < starts[0] or is_due(0, acknowledged.end - self._end):
            self._index.load()
            if not self._tokens_from <= self._index.end <= self._end:
                self._follow_index()
        if self._end < starts[0]:
            # The index is behind a trim. Where the trimmed tokens were is not known, only that it was before here.
            self._tokens.update((digest_of(token), starts[0] - 1) for token in self._trimmed.all())
            self._last = self._end = starts[0]
            self._next_seq = self._segments.first_seq(starts[0])

    def _follow_index(self) -> None:
        """Know what the index covers, and nothing else."""
        covered = self._index.last
        self._tokens.clear()
        self._tokens_from = self._end = self._index.end
        self._last, self._next_seq = (covered.last, covered.next_seq) if covered else (0, 0)
        self._tried = 0, self._end

    def _take_in(self, start: int, acknowledged: Acknowledged, *, newest: bool) -> None:
        if start >= self._end and (start, self._segments.first_seq(start)) != (self._end, self._next_seq):
            raise Damaged(f"Entries before {self._segments.path(start)} are gone.", next_step=f"{_RESTORE}.")
        with self._segments.window(start) as window:
            while frame := frame_at(window, self._end, self._next_seq):
                self._last, self._end, self._next_seq = frame.last, frame.end, frame.next_seq
                self._tokens.update((digest_of(token), frame.last) for token in frame.tokens)
                if not newest or self._end <= acknowledged.end:
                    self._keep_when_due()
            torn = self._end < window.end
            if torn and (not newest or self._end < acknowledged.end or frame_after(window, self._end)):
                raise Damaged(
                    f"{self._segments.path(start)} is broken at position {self._end}.", next_step=f"{_RESTORE}."
                )
        if newest:
            self._hold(start)
            if torn:
                os.ftruncate(self._file, self._size())
                os.fsync(self._file)

    def _keep_when_due(self) -> None:
        tokens, end = self._tried
        if is_due(len(self._tokens) - tokens, self._end - end):
            self._keep()

    def _keep(self) -> None:
        """Let the index cover all that is known, which is acknowledged by now. Where it can't be written, later."""
        proof = self._segments.lead(self._last) if self._last < self._end else b""
        cover = Cover(start=self._tokens_from, end=self._end, next_seq=self._next_seq, last=self._last, proof=proof)
        try:
            self._index.keep(cover, self._tokens)
        except Unsound:
            raise
        except OSError:
            pass
        if self._index.end >= self._end:
            self._tokens.clear()
            self._tokens_from = self._index.end
        self._tried = len(self._tokens), self._end

    def _hold(self, start: int) -> None:
        if self._file < 0 or self._segment != start:
            self.close()
            self._file, self._segment = self._segments.open(start), start

    def _turn_over(self) -> None:
        # The mark names the new segment before it exists: if this process dies in between, no other goes on
        # writing to the old one.
        self._mark.write(Acknowledged(self._end, self._end))
        self._segments.create(self._end, self._next_seq)
        self._hold(self._end)

    def _plan(self, calls: Sequence[Sequence[Entry]]) -> tuple[list[Entry], list[list[Entry | None]]]:
        while True:
            self.catch_up()
            try:
                plan = self._plan_on_known(calls)
            except Unsound:
                self._end = -1
            else:
                return [entry for call in plan for entry in call if entry is not None], plan

    def _plan_on_known(self, calls: Sequence[Sequence[Entry]]) -> list[list[Entry | None]]:
        taken: set[str] = set()
        plan: list[list[Entry | None]] = []
        for call in calls:
            plan.append([])
            for entry in call:
                known = entry.token != "" and (entry.token in taken or self._knows(entry.token))
                left_out = entry.attached and bool(plan[-1]) and plan[-1][-1] is None
                plan[-1].append(None if known or left_out else entry)
                taken.add(entry.token)
        return plan

    def _knows(self, token: str) -> bool:
        digest = digest_of(token)
        return digest in self._tokens or self._index.holds(digest)

    def _write(self, raw: bytes) -> None:
        size = self._size()
        try:
            write_at(self._file, raw, size)
            os.fdatasync(self._file)
            self._mark.write(Acknowledged(self._end + len(raw), self._segment))
        except OSError:
            self._undo(size)
            raise

    def _undo(self, size: int) -> None:
        # When even this fails, the next append finds a torn tail and cuts it off.
        with suppress(OSError):
            os.ftruncate(self._file, size)
            os.fdatasync(self._file)
            self._mark.write(Acknowledged(self._end, self._segment))
