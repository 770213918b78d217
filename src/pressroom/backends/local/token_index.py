"""The index of tokens: which of them the log holds, or held before it was trimmed, without reading the log.

A folder of runs, each of which covers a part of the log and begins where the one before it ends; the first begins where
the log began. All of it is derived: whatever is missing, broken or not of this log is removed, and learnt again from
there on. What came after the last run is the writer's to remember.
"""

import re
from bisect import bisect_right
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from pressroom.backends.local.files import make_folder
from pressroom.backends.local.segments import Segments
from pressroom.backends.local.token_run import Cover, Run, Unsound, in_order, write_run

RUN_TOKENS = 4_096
RUN_BYTES = 4 * 1024 * 1024
"""So many tokens, or so much of the log, make a run: what the first append of a process reads in the log, at most."""

FULL_RUN_TOKENS = 1 << 20
"""Runs grow together up to about here. Longer ones would hold up an append for too long while they are made."""

_TOGETHER = 4
_NAME = re.compile(r"(\d{20})-(\d{20})\.run\Z")


def is_due(tokens: int, log_bytes: int) -> bool:
    """Whether what came since the last run is enough for another."""
    return tokens >= RUN_TOKENS or log_bytes >= RUN_BYTES


class TokenIndex:
    """The runs in one folder. Every method wants the log's lock held, and may raise OSError."""

    def __init__(self, folder: Path, segments: Segments) -> None:
        """Know nothing yet of the log in `segments`. The folder is made when there is something to keep."""
        self._folder = folder
        self._segments = segments
        self._runs: list[Run] = []

    @property
    def end(self) -> int:
        """The tokens of all entries before here are known."""
        return self._runs[-1].cover.end if self._runs else 0

    @property
    def last(self) -> Cover | None:
        """What the last run covers."""
        return self._runs[-1].cover if self._runs else None

    def load(self) -> None:
        """Take in what is kept, by any process; remove what is broken, or not of the log as it lies there now."""
        self._runs = []
        for draft in self._folder.glob("*.draft"):
            draft.unlink(missing_ok=True)
        first, whole_to = self._segments.kept()[0], self._segments.whole_to()
        for name in self._names():
            run = self._opened(name) if name[0] == self.end else None
            if run is not None and run.cover.end <= whole_to and self._agrees(run.cover, first):
                self._runs.append(run)
            else:
                self._path(name).unlink(missing_ok=True)

    def holds(self, digest: bytes) -> bool:
        """Whether a token of this digest is in a run. Raises Unsound when a run turns out to be broken."""
        return any(run.holds(digest) for run in reversed(self._runs))

    def keep(self, cover: Cover, digests: Mapping[bytes, int]) -> None:
        """Keep what `cover` covers: `digests`, each with its position in the log. Raises Unsound.

        Other processes may have kept a part of it meanwhile.
        """
        make_folder(self._folder)
        if self._names() != [(run.cover.start, run.cover.end) for run in self._runs]:
            self.load()
        if self.end < cover.start:
            raise Unsound(f"Runs are gone from {self._folder}; they are made again from the log.")
        if self.end < cover.end:
            fresh = b"".join(digest for digest, position in digests.items() if position >= self.end)
            self._add(replace(cover, start=self.end), in_order(fresh))
        while (count := grown_together([run.count for run in self._runs])) > 1:
            self._merge(count)

    def _agrees(self, cover: Cover, first: int) -> bool:
        """Whether the log, kept from `first` on, is the one that a run was made from."""
        if first <= cover.last < cover.end:
            return self._segments.lead(cover.last) == cover.proof
        return cover.end <= first

    def _add(self, cover: Cover, digests: bytes) -> None:
        self._runs.append(write_run(self._path((cover.start, cover.end)), cover, digests))

    def _merge(self, count: int) -> None:
        parts = self._runs[-count:]
        digests = in_order(b"".join(part.digests() for part in parts))
        del self._runs[-count:]
        try:
            self._add(replace(parts[-1].cover, start=parts[0].cover.start), digests)
        except BaseException:
            self._runs += parts
            raise
        for part in parts:
            part.path.unlink(missing_ok=True)

    def _names(self) -> list[tuple[int, int]]:
        """Where the runs that there are start and end; of those that start together, the longest first."""
        names: list[tuple[int, int]] = []
        with suppress(FileNotFoundError):
            names = [
                (int(match[1]), int(match[2])) for path in self._folder.iterdir() if (match := _NAME.match(path.name))
            ]
        return sorted(names, key=lambda name: (name[0], -name[1]))

    def _opened(self, name: tuple[int, int]) -> Run | None:
        with suppress(Unsound, FileNotFoundError):
            run = Run(self._path(name))
            if (run.cover.start, run.cover.end) == name:
                return run
        return None

    def _path(self, name: tuple[int, int]) -> Path:
        return self._folder / f"{name[0]:020d}-{name[1]:020d}.run"


def grown_together(counts: list[int]) -> int:
    """How many of the last runs, by their numbers of tokens, are to become one: four of a size, so that there are few
    of each size and every token is written a few times; 1 when none are.
    """
    sizes = [_size(count) for count in counts]
    alike = 1
    while alike < len(sizes) and sizes[-1 - alike] <= sizes[-1] < _size(FULL_RUN_TOKENS):
        alike += 1
    return alike if alike >= _TOGETHER else 1


def _size(count: int) -> int:
    """0 for the smallest runs, 1 for those of four times as many tokens, and so on."""
    return bisect_right([RUN_TOKENS * _TOGETHER ** (power + 1) for power in range(24)], count)
