"""Removing files that no version needs any more.

delta-rs's own vacuum counts in hours, commits versions of its own and fsyncs nothing; this one only removes files.
"""

import re
import time
from pathlib import Path

import msgspec

from pressroom.backends.delta.folder import TableFolder, fsync
from pressroom.backends.delta.rewrite import parts_of
from pressroom.ports import Vacuumed

_OURS = re.compile(r"part-[0-9a-f]{32}\.parquet\Z")
_FOREIGN_US = 3_600 * 1_000_000
"""A file in no commit that Pressroom did not write is left alone for an hour: its writer may be about to commit it."""


def vacuum(folder: TableFolder, *, keep_us: int) -> Vacuumed:
    """Remove files that left the table `keep_us` ago or earlier, and what crashes left. Wants the lock."""
    table = folder.newest()
    if table is None:
        return Vacuumed()
    needed = {part.path for part in parts_of(folder, table)}
    left_us = _removals(folder)
    now_us = time.time_ns() // 1_000
    gone: list[Path] = []
    for path in folder.path.glob("*.parquet"):
        if path.name not in needed and _age_us(path, left_us.get(path.name), now_us) >= keep_us:
            gone.append(path)
    size_bytes = sum(path.stat().st_size for path in gone)
    for path in gone:
        path.unlink()
    fsync(folder.path)
    return Vacuumed(files=len(gone), size_bytes=size_bytes)


def _age_us(path: Path, left_us: int | None, now_us: int) -> float:
    """How long ago a file left the table. One that was never in it is Pressroom's own from a crash, for the lock keeps
    its writers away, or a stranger's.
    """
    if left_us is not None:
        return now_us - left_us
    written_us = now_us - path.stat().st_mtime_ns // 1_000
    return float("inf") if _OURS.match(path.name) else written_us - _FOREIGN_US


def _removals(folder: TableFolder) -> dict[str, int]:
    """When each file left the table, as far as commits are kept."""
    found: dict[str, int] = {}
    for path in folder.commits():
        for line in path.read_bytes().splitlines():
            if b'"remove"' not in line:
                continue
            removed = msgspec.json.decode(line, type=dict[str, dict[str, object]]).get("remove", {})
            if "path" in removed:
                found[str(removed["path"])] = int(str(removed.get("deletionTimestamp") or 0)) * 1_000
    return found
