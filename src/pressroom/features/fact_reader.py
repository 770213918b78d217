"""Reading facts for one answer."""

from collections.abc import Sequence

import pyarrow as pa

from pressroom.facts import Facts, FactVersion
from pressroom.values import FactSchema


class FactReader:
    """Reads facts whole, and remembers which versions it saw, by fact, in the order of reading."""

    def __init__(self, facts: Facts) -> None:
        """Read these."""
        self._facts = facts
        self.versions: dict[str, FactVersion] = {}

    def read(self, fact: FactSchema, columns: Sequence[str]) -> pa.Table:
        """Every fact of a type, also those known to be wrong by now."""
        table, self.versions[fact.name] = self._facts.history(fact, columns)
        return table

    def seen(self) -> tuple[FactVersion, ...]:
        """The versions, by the facts' names."""
        return tuple(self.versions[name] for name in sorted(self.versions))
