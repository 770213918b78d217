"""Records: small documents that change under a version. Catalog entries, pointers, runs."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from pressroom.values import Document


@dataclass(frozen=True, slots=True, kw_only=True)
class Record:
    """A document at one of its versions (1, 2, 3 ...)."""

    kind: str
    key: str
    version: int
    document: Document


class Records(Protocol):
    """Documents by (kind, key), changed only by those who saw the newest version."""

    def get(self, kind: str, key: str) -> Record | None:
        """The newest version, or None."""
        ...

    def put(self, kind: str, key: str, document: Document, *, seen: int) -> Record:
        """Store a new version, durably. `seen` is the version the caller saw last, 0 for none; raises VersionConflict
        when that is not the newest, and NoSpace. A write made anywhere is seen by the next read anywhere."""
        ...

    def put_many(self, kind: str, documents: Mapping[str, Document]) -> None:
        """Store a new version of each, by key, whatever versions are there: all of them or none, in one durable step.
        For what has no reader who would have to have seen the newest. Raises NoSpace."""
        ...

    def query(self, kind: str, *, prefix: str = "") -> list[Record]:
        """The newest version of every record of `kind` whose key starts with `prefix`, in the order of the keys."""
        ...

    def delete(self, kind: str, key: str) -> None:
        """Remove a record; removing what is not there is no error."""
        ...

    def scrub(self) -> None:
        """Make what was removed or replaced before unreadable: no byte of it stays in what this store keeps.

        Slow (everything may be written anew), and meant for the forgetting of a subject. Raises NoSpace, and
        BackendError while a reader elsewhere holds on to an older state.
        """
        ...

    def close(self) -> None:
        """Give back files and connections."""
        ...
