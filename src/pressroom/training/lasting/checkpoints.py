"""The checkpoints of one training: written whole or not at all, read only when they are what was written."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress

from pressroom.ports import BackendError, Damaged, NoSpace, Scratch
from pressroom.training.lasting.checkpoint_file import Head, read_checkpoint, read_head, write_checkpoint
from pressroom.training.lasting.retention import Keep, Note
from pressroom.values import PressroomError

_PREFIX = "checkpoint-"
_WRITING = "writing"


class Checkpoints:
    """Files `checkpoint-000000000123`, the number being that of ticks. One process at a time: its opener holds them."""

    def __init__(self, files: Scratch, keep: Keep, *, told: Callable[[str], None]) -> None:
        """`told` hears what went wrong and was survived."""
        self._files = files
        self._keep = keep
        self._told = told
        self._drop_unfinished()
        self._notes = dict(self._read_notes())

    def ticks(self) -> list[int]:
        """Of the checkpoints there are, oldest first."""
        return sorted(self._notes)

    def newest(self, *, before: int | None = None) -> tuple[Head, dict[str, bytes]] | None:
        """The newest that is what was written; what is damaged is told of, and the one before is taken."""
        for tick in sorted(self._notes, reverse=True):
            if before is not None and tick >= before:
                continue
            try:
                with self._files.read(_name(tick)) as source:
                    return read_checkpoint(source)
            except (PressroomError, OSError) as error:
                self._told(f"The checkpoint at tick {tick} can't be used, so the one before is taken: {error}")
                self._notes.pop(tick)
        return None

    def write(self, head: Head, files: Mapping[str, bytes]) -> None:
        """Write one, then let go of those that need not be kept. Where there is no room, all but the newest go first.

        Raises NoSpace, BackendError; the newest that was there stays.
        """
        try:
            self._write(head, files)
        except NoSpace:
            spare = self.ticks()[:-1]
            if not spare:
                raise
            self._told(f"There is no room for a checkpoint: {len(spare)} older ones are given up.")
            self._drop(spare)
            self._write(head, files)
        kept = {note.tick for note in self._keep.of([*self._notes.values(), head.note])}
        self._notes[head.note.tick] = head.note
        # Failing to remove what is old is no reason to say that what is new was not written.
        with suppress(BackendError):
            self._drop([tick for tick in self._notes if tick not in kept])

    def _write(self, head: Head, files: Mapping[str, bytes]) -> None:
        name = _name(head.note.tick)
        with self._files.write(_WRITING) as sink:
            sink.write(name.encode())
        with self._files.write(name) as sink:
            write_checkpoint(sink, head, files)

    def _drop(self, ticks: list[int]) -> None:
        for tick in ticks:
            self._files.remove(_name(tick))
            self._notes.pop(tick, None)

    def _drop_unfinished(self) -> None:
        """What a killed writer left of the checkpoint that it was at."""
        names = self._files.names()
        if _WRITING not in names:
            return
        with self._files.read(_WRITING) as source:
            name = source.read().decode("ascii", errors="replace")
        with suppress(PressroomError):
            if name.startswith(_PREFIX) and name not in names:
                self._files.remove(name)
            self._files.remove(_WRITING)

    def _read_notes(self) -> Iterator[tuple[int, Note]]:
        for name in self._files.names(_PREFIX):
            digits = name.removeprefix(_PREFIX)
            if not digits.isdigit():
                continue
            try:
                with self._files.read(name) as source:
                    yield int(digits), read_head(source).note
            except (Damaged, OSError):
                # It is looked at whole, and told of, when it is its turn.
                yield int(digits), Note(tick=int(digits), trained_s=0.0)


def _name(tick: int) -> str:
    return f"{_PREFIX}{tick:012d}"
