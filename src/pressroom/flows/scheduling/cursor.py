"""How far a schedule was looked at, and whether it is paused."""

from contextlib import suppress
from dataclasses import dataclass

from pressroom.ports import Records, VersionConflict
from pressroom.values import Instant, from_document, to_document

_CURSOR = "schedule"
_PAUSE = "schedule_pause"


@dataclass(frozen=True, slots=True, kw_only=True)
class Cursor:
    """Ticks up to `upto` were dealt with; those up to `pruned` may be forgotten, and are not made again."""

    upto: Instant
    pruned: Instant = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Pause:
    """Since when a schedule is paused, and why."""

    since: Instant
    why: str


class Cursors:
    """The cursors and pauses of one workspace."""

    def __init__(self, records: Records) -> None:
        """Keep them in `records`."""
        self._records = records

    def get(self, name: str) -> Cursor | None:
        """How far a schedule was looked at."""
        record = self._records.get(_CURSOR, name)
        return None if record is None else from_document(record.document, Cursor)

    def put(self, name: str, cursor: Cursor) -> None:
        """Note how far. Where somebody else does so at the same time, either will do: ticks are there once."""
        record = self._records.get(_CURSOR, name)
        with suppress(VersionConflict):
            self._records.put(_CURSOR, name, to_document(cursor), seen=0 if record is None else record.version)

    def pause(self, name: str) -> Pause | None:
        """The pause of a schedule, if it is paused."""
        record = self._records.get(_PAUSE, name)
        return None if record is None else from_document(record.document, Pause)

    def stop(self, name: str, pause: Pause) -> bool:
        """Pause a schedule; False when it is paused already."""
        with suppress(VersionConflict):
            self._records.put(_PAUSE, name, to_document(pause), seen=0)
            return True
        return False

    def go_on(self, name: str) -> None:
        """End a pause."""
        self._records.delete(_PAUSE, name)
