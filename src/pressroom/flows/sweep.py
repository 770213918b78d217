"""Sweeping: what attempts left for others of their key, where none came to take it up."""

import os
import shutil
from collections.abc import Collection, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from uuid import uuid4

from pressroom.values import MICROSECONDS, Instant, parse_duration

KEEP_UNFINISHED_US = parse_duration("28d")
"""As long as the longest training is meant to run: whoever comes back later than that begins anew."""
_SWEPT = ".swept-"


@dataclass(frozen=True, slots=True, kw_only=True)
class Swept:
    """So many folders were removed, and so many bytes with them; `kept` others were written to since, or are in use."""

    folders: int = 0
    size_bytes: int = 0
    kept: int = 0

    def words(self) -> str:
        """What was done, as a sentence; empty when it was nothing."""
        one = "folder of an unfinished step" if self.folders == 1 else "folders of unfinished steps"
        return f"{self.folders:,} {one} removed, {self.size_bytes:,} bytes." if self.folders else ""


def sweep(lasting: Path, *, in_use: Collection[str], keep_us: int, now: Instant) -> Swept:
    """Remove the folders in `lasting` to which nobody has written for `keep_us`, but those whose names are `in_use`.

    A folder is renamed first, so that an attempt which comes at this moment finds all of it or nothing.
    """
    folders = size_bytes = kept = 0
    for folder in sorted(lasting.iterdir()) if lasting.is_dir() else ():
        if not folder.is_dir() or folder.is_symlink():
            continue
        # What a sweep before this one was killed over is gone already.
        begun = folder.name.startswith(_SWEPT)
        if not begun and (folder.name in in_use or now - _last_write_us(folder) < keep_us):
            kept += 1
            continue
        aside = folder if begun else lasting / f"{_SWEPT}{uuid4().hex}"
        with suppress(OSError):
            if not begun:
                folder.rename(aside)
            size = sum(stat.st_blocks * 512 for stat in _stats(aside))
            shutil.rmtree(aside)
            folders, size_bytes = folders + 1, size_bytes + size
    return Swept(folders=folders, size_bytes=size_bytes, kept=kept)


def _last_write_us(folder: Path) -> int:
    return int(max(stat.st_mtime for stat in (folder.stat(), *_stats(folder))) * MICROSECONDS)


def _stats(folder: Path) -> Iterator[os.stat_result]:
    for path, _, names in os.walk(folder):
        for name in (".", *names):
            with suppress(OSError):
                yield os.stat(os.path.join(path, name), follow_symlinks=False)
