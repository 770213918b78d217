"""The second counter of the room: the upkeep of what is stored, and the erasing of a subject from it."""

from collections.abc import Mapping, Sequence

from pressroom.facts.compact import KEEP_US, compact
from pressroom.facts.erase import Erased, Note, count, erase
from pressroom.facts.erase_aside import erase_aside
from pressroom.facts.errors import UnknownFact, did_you_mean
from pressroom.ports import Records, Rewritten, Tables, Vacuumed


class Upkeep:
    """Keeps the tables of one workspace small and tidy. A fact type without a table has nothing settled yet."""

    def __init__(self, *, tables: Tables, records: Records) -> None:
        """Work on these backends."""
        self._tables = tables
        self._records = records

    def compact(self, name: str = "") -> dict[str, Rewritten]:
        """Put the small parts of a table together, or of all; what that did. Raises UnknownFact, NoSpace."""
        done = {table: compact(table, tables=self._tables) for table in self._named(name)}
        return {table: rewritten for table, rewritten in done.items() if rewritten is not None}

    def vacuum(self, name: str = "", *, keep_us: int = KEEP_US) -> dict[str, Vacuumed]:
        """Remove for good what only older versions of a table need, or of all. Raises UnknownFact."""
        return {table: self._tables.vacuum(table, keep_us=keep_us) for table in self._named(name)}

    def erase(self, keys: Mapping[str, Sequence[str]], subject: str, *, note: Note) -> list[Erased]:
        """Remove the rows about a subject, for good, from the tables of these facts, which have it under these keys.

        Every older version of the tables goes with them. `note` is told of the rows before.
        """
        there = set(self._tables.names()).intersection(keys)
        return [erase(name, keys[name], subject, tables=self._tables, note=note) for name in sorted(there)]

    def erase_set_aside(self, keys: Mapping[str, Sequence[str]], subject: str) -> int:
        """Remove the rows about a subject from what was set aside; how many."""
        return erase_aside(keys, subject, records=self._records)

    def count(self, keys: Mapping[str, Sequence[str]], subject: str) -> dict[str, int]:
        """How many rows the tables of these facts have about a subject; those that have none are left out."""
        there = set(self._tables.names())
        found = {name: count(name, keys[name], subject, tables=self._tables) for name in there.intersection(keys)}
        return {name: rows for name, rows in sorted(found.items()) if rows}

    def _named(self, name: str) -> list[str]:
        names = self._tables.names()
        if name and name not in names:
            raise UnknownFact(f"There is no table {name!r}.", next_step=f"Settle first? {did_you_mean(name, names)}")
        return [name] if name else names
