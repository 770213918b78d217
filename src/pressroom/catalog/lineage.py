"""Lineage: what something was made from, and that from what."""

from collections.abc import Callable
from dataclasses import dataclass

from pressroom.catalog.entry import Entry, Reference


@dataclass(frozen=True, slots=True, kw_only=True)
class Node:
    """An entry and the entries it was made from. One that is no longer kept shows as its reference alone."""

    reference: Reference
    version: str = ""
    summary: tuple[tuple[str, str], ...] = ()
    parents: tuple["Node", ...] = ()

    def document(self) -> dict[str, object]:
        """The tree as nested mappings."""
        return {
            "kind": self.reference.kind,
            "name": self.reference.name,
            "digest": self.reference.digest,
            "version": self.version,
            "summary": dict(self.summary),
            "parents": [parent.document() for parent in self.parents],
        }


def trace(reference: Reference, find: Callable[[Reference], Entry | None]) -> Node:
    """The whole tree above an entry. Lineage has no loops: a parent exists before what is made from it."""
    entry = find(reference)
    if entry is None:
        return Node(reference=reference)
    return Node(
        reference=reference,
        version=entry.version,
        summary=entry.summary,
        parents=tuple(trace(parent, find) for parent in entry.parents),
    )
