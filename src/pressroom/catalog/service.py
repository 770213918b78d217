"""The counter of the room: publish, point, find, trace."""

from contextlib import suppress
from dataclasses import replace

from pressroom.catalog.aliases import Aliases
from pressroom.catalog.entry import Entry, Kind, Pointer, Reference
from pressroom.catalog.errors import UnknownEntry
from pressroom.catalog.lifecycle import Stages
from pressroom.catalog.lineage import Node, trace
from pressroom.catalog.trust import Trusts
from pressroom.catalog.wanted import Wanted, highest, parse_wanted
from pressroom.catalog.withdrawal import Withdrawals
from pressroom.ports import Records, VersionConflict
from pressroom.values import Digest, from_document, to_document

_ENTRY, _POINTER = "entry", "pointer"


class Catalog:
    """What exists in one workspace."""

    def __init__(self, records: Records) -> None:
        """Keep entries and pointers in these records."""
        self._records = records
        self.stages = Stages(records)
        """Which stage entries are in."""
        self.withdrawals = Withdrawals(records)
        """Which entries have lost what they stand for."""
        self.aliases = Aliases(records)
        """Which version of a name stands under which alias."""
        self.trusts = Trusts(records)
        """Who signed for code."""

    def publish(self, entry: Entry) -> Reference:
        """Keep an entry. The same thing made again keeps its first entry."""
        key = entry.reference().key()
        if self._records.get(_ENTRY, key) is None:
            with suppress(VersionConflict):
                self._records.put(_ENTRY, key, to_document(entry), seen=0)
        return entry.reference()

    def reword(self, entry: Entry) -> None:
        """Take over what is said about an entry that is kept: its owner, doc, labels and document. What it is stays,
        and since when. Raises UnknownEntry, VersionConflict.
        """
        record = self._records.get(_ENTRY, entry.reference().key())
        old = None if record is None else from_document(record.document, Entry)
        if record is None or old is None:
            raise UnknownEntry(f"There is no {entry.kind} {entry.name!r} to reword.", next_step="Publish it first.")
        new = replace(old, owner=entry.owner, doc=entry.doc, labels=entry.labels, document=entry.document)
        if new != old:
            self._records.put(_ENTRY, record.key, to_document(new), seen=record.version)

    def find(self, reference: Reference) -> Entry | None:
        """The entry that a reference points at."""
        record = self._records.get(_ENTRY, reference.key())
        return None if record is None else from_document(record.document, Entry)

    def point(self, reference: Reference) -> Pointer:
        """Put an entry in use under its name; what was in use before is remembered. Raises VersionConflict."""
        seen = self._records.get(_POINTER, f"{reference.kind}/{reference.name}")
        old = None if seen is None else from_document(seen.document, Pointer)
        if old is not None and old.digest == reference.digest:
            return old
        pointer = Pointer(digest=reference.digest, before=() if old is None else (old.digest, *old.before)[:20])
        self._put(reference.kind, reference.name, pointer, seen=0 if seen is None else seen.version)
        return pointer

    def point_back(self, kind: Kind, name: str) -> Pointer | None:
        """Put the entry before in use again; None when there is none. What was in use is dropped from the history."""
        seen = self._records.get(_POINTER, f"{kind}/{name}")
        old = None if seen is None else from_document(seen.document, Pointer)
        if seen is None or old is None or not old.before:
            return None
        pointer = Pointer(digest=old.before[0], before=old.before[1:])
        self._put(kind, name, pointer, seen=seen.version)
        return pointer

    def pointer(self, kind: Kind, name: str) -> Pointer | None:
        """Which digest of a name is in use."""
        record = self._records.get(_POINTER, f"{kind}/{name}")
        return None if record is None else from_document(record.document, Pointer)

    def current(self, kind: Kind, name: str) -> Entry:
        """The entry in use under a name. Raises UnknownEntry, listing what there is."""
        pointer = self.pointer(kind, name)
        entry = None if pointer is None else self.find(Reference(kind=kind, name=name, digest=pointer.digest))
        if entry is None:
            there = ", ".join(self.names(kind)) or "none"
            raise UnknownEntry(f"There is no {kind.replace('_', ' ')} {name!r}.", next_step=f"There are: {there}.")
        return entry

    def resolve(self, kind: Kind, text: str) -> Entry:
        """The entry that `name`, `name@^2`, `name@production` or `name@DIGEST` means now. Raises UnknownEntry, listing
        what there is, and InvalidInput.
        """
        wanted = parse_wanted(text)
        if not wanted.pin:
            return self.current(kind, wanted.name)
        entries = self.entries(kind, wanted.name)
        if not entries:
            return self.current(kind, wanted.name)
        if wanted.is_range():
            kept = [entry for entry in entries if self.withdrawals.of(entry.reference()) is None]
            return highest(kept, wanted) or self._nothing(kind, wanted, entries)
        digest = self.aliases.get(kind, wanted.name, wanted.pin) or wanted.digest_prefix()
        found = [entry for entry in entries if digest and entry.digest.startswith(digest)]
        return found[0] if len(found) == 1 else self._nothing(kind, wanted, entries)

    def consumers(self, kind: Kind, name: str) -> list[tuple[Entry, Wanted]]:
        """Who is in use and asks for `name`, and how each pins it: endpoints, and ensembles among models."""
        found: list[tuple[Entry, Wanted]] = []
        for by in ("endpoint", "model"):
            for user in self.names(by):
                entry = self.current(by, user)
                asked = [parse_wanted(pin) for pin in entry.pins]
                found += [(entry, wanted) for wanted in asked if wanted.name == name]
        return found if kind == "model" else []

    def names(self, kind: Kind) -> list[str]:
        """The names of a kind that are in use."""
        return list(self.in_use(kind))

    def in_use(self, kind: Kind) -> dict[str, Digest]:
        """Which digest is in use under each name of a kind, in the order of the names."""
        records = self._records.query(_POINTER, prefix=f"{kind}/")
        return {record.key.split("/", 1)[1]: from_document(record.document, Pointer).digest for record in records}

    def entries(self, kind: Kind, name: str = "") -> list[Entry]:
        """Every entry of a kind, or of a name, the oldest first."""
        prefix = f"{kind}/{name}/" if name else f"{kind}/"
        found = [from_document(record.document, Entry) for record in self._records.query(_ENTRY, prefix=prefix)]
        return sorted(found, key=lambda entry: (entry.created, entry.name, entry.digest))

    def by_digest(self, kind: Kind, digest: Digest) -> Entry | None:
        """The entry of a kind with this digest, whatever its name."""
        return next((entry for entry in self.entries(kind) if entry.digest == digest), None)

    def lineage(self, reference: Reference) -> Node:
        """What an entry was made from, all the way."""
        return trace(reference, self._told)

    def _nothing(self, kind: Kind, wanted: Wanted, entries: list[Entry]) -> Entry:
        there = ", ".join(f"{entry.version} ({entry.digest[:12]})" for entry in entries[-8:])
        aliases = ", ".join(self.aliases.of(kind, wanted.name))
        raise UnknownEntry(
            f"No {kind.replace('_', ' ')} answers to {wanted}.",
            next_step=f"Of {wanted.name} there are {there}" + (f"; aliases: {aliases}." if aliases else "."),
        )

    def _told(self, reference: Reference) -> Entry | None:
        """An entry, with a word about it where it is withdrawn."""
        entry, withdrawal = self.find(reference), self.withdrawals.of(reference)
        if entry is None or withdrawal is None:
            return entry
        return replace(entry, summary=(*entry.summary, ("withdrawn", withdrawal.why)))

    def _put(self, kind: Kind, name: str, pointer: Pointer, *, seen: int) -> None:
        self._records.put(_POINTER, f"{kind}/{name}", to_document(pointer), seen=seen)
