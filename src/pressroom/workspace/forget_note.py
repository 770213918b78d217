"""The note that forgetting keeps while it works: what has to be known when it is cut short and done again.

By then the rows that say it may be gone. The note never holds the subject's own name.
"""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import pyarrow as pa

from pressroom.catalog import Reference
from pressroom.ports import Records
from pressroom.values import Digest, from_document, to_document

_KIND = "forgetting"


@dataclass(frozen=True, slots=True, kw_only=True)
class Neighbour:
    """Others that the subject's facts were about: their names under a key of a fact type.

    `namesake`: something else that is called exactly like the subject is among them.
    """

    fact: str
    key: str
    names: tuple[str, ...]
    namesake: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Note:
    """Rows about the subject by table, who else they were about, and the training sets that held it."""

    rows: dict[str, int]
    neighbours: tuple[Neighbour, ...] = ()
    held: tuple[Reference, ...] = ()

    def others(self, subject: str) -> dict[tuple[str, str], list[str]]:
        """The names of the neighbours, by fact and key."""
        return {
            (other.fact, other.key): [*other.names, *((subject,) if other.namesake else ())]
            for other in self.neighbours
        }


@dataclass(frozen=True, slots=True, kw_only=True)
class NoteBook:
    """The note about one subject, which stands under its digest."""

    records: Records
    digest: Digest

    def read(self) -> Note:
        """What is noted; of a forgetting that has just begun, nothing."""
        record = self.records.get(_KIND, self.digest)
        return Note(rows={}) if record is None else from_document(record.document, Note)

    def add_held(self, rows: dict[str, int], held: Sequence[Reference]) -> None:
        """Note how many rows there are, and which training sets hold the subject; what was noted before stays."""
        note = self.read()
        most = {fact: max(rows.get(fact, 0), note.rows.get(fact, 0)) for fact in {**note.rows, **rows}}
        self._write(replace(note, rows=most, held=tuple(dict.fromkeys([*note.held, *held]))))

    def add_neighbours(
        self, fact: str, rows: pa.Table, *, keys: Sequence[str], own: Sequence[str], subject: str
    ) -> None:
        """Note who else rows are about that will go next; under the keys `own`, the subject's name is itself."""
        note = self.read()
        known = {(other.fact, other.key): other for other in note.neighbours}
        for key in keys:
            if key not in rows.column_names:
                continue
            names = rows.column(key).drop_null().unique().to_pylist()
            before = known.get((fact, key), Neighbour(fact=fact, key=key, names=()))
            known[fact, key] = replace(
                before,
                names=tuple(dict.fromkeys([*before.names, *(name for name in names if name != subject)])),
                namesake=before.namesake or (key not in own and subject in names),
            )
        self._write(replace(note, neighbours=tuple(known.values())))

    def drop(self) -> None:
        """The work is done."""
        self.records.delete(_KIND, self.digest)

    def _write(self, note: Note) -> None:
        seen = self.records.get(_KIND, self.digest)
        self.records.put(_KIND, self.digest, to_document(note), seen=0 if seen is None else seen.version)
