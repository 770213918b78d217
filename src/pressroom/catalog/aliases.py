"""Aliases: names for one of an entry's versions, such as `production`. The only thing about a version that moves."""

from pressroom.catalog.entry import Kind, Pointer, Reference
from pressroom.ports import Records
from pressroom.values import Digest, check_name, from_document, to_document

_ALIAS = "alias"


class Aliases:
    """Which version stands under which alias."""

    def __init__(self, records: Records) -> None:
        """Keep aliases in these records."""
        self._records = records

    def put(self, alias: str, reference: Reference) -> Pointer:
        """Let `alias` mean this entry from now on; what it meant is remembered. Raises VersionConflict."""
        key = self._key(reference.kind, reference.name, check_name(alias, what="an alias"))
        seen = self._records.get(_ALIAS, key)
        old = None if seen is None else from_document(seen.document, Pointer)
        before = () if old is None else (old.digest, *old.before)[:20]
        pointer = Pointer(digest=reference.digest, before=before)
        self._records.put(_ALIAS, key, to_document(pointer), seen=0 if seen is None else seen.version)
        return pointer

    def get(self, kind: Kind, name: str, alias: str) -> Digest | None:
        """What an alias means."""
        record = self._records.get(_ALIAS, self._key(kind, name, alias))
        return None if record is None else from_document(record.document, Pointer).digest

    def of(self, kind: Kind, name: str) -> dict[str, Digest]:
        """All aliases of a name."""
        prefix = self._key(kind, name, "")
        records = self._records.query(_ALIAS, prefix=prefix)
        return {record.key[len(prefix) :]: from_document(record.document, Pointer).digest for record in records}

    @staticmethod
    def _key(kind: Kind, name: str, alias: str) -> str:
        return f"{kind}/{name}/{alias}"
