"""Forgetting a subject: out of every store, for good, with a receipt. Killed on the way, it is done again as a whole.

The order is what makes that safe. Facts leave the log for the tables, where they can be taken out. Before rows go, it
is noted who else they were about, for those packed rows have to be made anew. The note goes last.
"""

from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from pressroom.catalog import Catalog, Reference, Withdrawal
from pressroom.facts import Facts, Upkeep, did_you_mean
from pressroom.features import Features, View
from pressroom.ports import Blobs, Clock, Records
from pressroom.values import Digest, from_document, to_document
from pressroom.workspace.errors import StillThere, UnknownEntity
from pressroom.workspace.forget_note import Note, NoteBook
from pressroom.workspace.forget_receipt import ForgetReceipt, TrainedOn, salt_of, subject_digest
from pressroom.workspace.mentions import Keys, Mentions
from pressroom.workspace.traces import traces

_RECEIPT = "receipt"
_TURNS = 5
"""Two turns empty the log of everything older, also while others append; the rest is patience with other trimmers."""


@dataclass(frozen=True, slots=True, kw_only=True)
class _Whom:
    """A subject, and everything in which it may be mentioned."""

    entity: str
    subject: str
    own: Keys
    every: Keys
    views: list[View]
    book: NoteBook


@dataclass(frozen=True, slots=True, kw_only=True)
class Forgetting:
    """Forgets subjects of one workspace. `settle` moves the log into the tables, `data` is where files are kept."""

    catalog: Catalog
    facts: Facts
    features: Features
    upkeep: Upkeep
    mentions: Mentions
    blobs: Blobs
    records: Records
    clock: Clock
    settle: Callable[[], object]
    data: Path

    def forget(self, entity: str, subject: str) -> ForgetReceipt:
        """Remove everything about a subject. Raises UnknownEntity, and StillThere when something came in meanwhile."""
        whom = self._whom(entity, subject)
        log_from = self._empty_log()
        self.features.drop_scratch()
        self._note_what_is_there(whom)
        erased = self.upkeep.erase(
            whom.own,
            subject,
            note=lambda fact, rows: whom.book.add_neighbours(
                fact, rows, keys=whom.every[fact], own=whom.own[fact], subject=subject
            ),
        )
        note = whom.book.read()
        online = self.features.forget(whom.views, entity=entity, subject=subject, neighbours=note.others(subject))
        aside = self.upkeep.erase_set_aside(whom.own, subject)
        for reference in note.held:
            self._withdraw(reference)
        self.records.scrub()
        self._ask_again(whom, note)
        receipt = ForgetReceipt(
            entity=entity,
            subject=whom.book.digest,
            at=self.clock.now(),
            facts=tuple(replace(one, rows=max(one.rows, note.rows.get(one.fact, 0))) for one in erased),
            log_from=log_from,
            online_removed=online.removed,
            online_rebuilt=online.rebuilt,
            set_aside_removed=aside,
            training_sets=self._trained_on(note),
            bytes_left_in=traces(self.data, subject),
        )
        self._keep(receipt)
        whom.book.drop()
        return receipt

    def receipts(self, entity: str = "", subject: str = "") -> list[ForgetReceipt]:
        """The receipts there are, the oldest first: of one subject, of a kind of them, or all."""
        prefix = f"{entity}/{self._digest(entity, subject)}/" if subject else f"{entity}/" if entity else ""
        records = self.records.query(_RECEIPT, prefix=prefix)
        found = [from_document(record.document, ForgetReceipt) for record in records]
        return sorted(found, key=lambda receipt: receipt.at)

    def _whom(self, entity: str, subject: str) -> _Whom:
        own = self.mentions.keys(entity)
        if not own:
            entities = self.mentions.entities()
            raise UnknownEntity(f"No fact is about a {entity!r}.", next_step=did_you_mean(entity, entities))
        return _Whom(
            entity=entity,
            subject=subject,
            own=own,
            every=self.mentions.keys(),
            views=self.mentions.views(),
            book=NoteBook(records=self.records, digest=self._digest(entity, subject)),
        )

    def _digest(self, entity: str, subject: str) -> Digest:
        return subject_digest(salt_of(self.records), entity, subject)

    def _empty_log(self) -> int:
        """Let go of everything that is in the log now; where it starts then."""
        end = self.facts.log_end()
        for _ in range(_TURNS):
            self.settle()
            if self.facts.log_start() >= end:
                return self.facts.log_start()
        raise StillThere("The log still holds what was in it.", next_step="Stop what keeps it busy, and do it again.")

    def _note_what_is_there(self, whom: _Whom) -> None:
        held = [
            entry.reference()
            for entry in self.catalog.entries("training_set")
            if self.mentions.holds(entry, whom.own, whom.views, entity=whom.entity, subject=whom.subject)
        ]
        whom.book.add_held(self.upkeep.count(whom.own, whom.subject), held)

    def _withdraw(self, reference: Reference) -> None:
        entry = self.catalog.find(reference)
        if entry is not None:
            self.catalog.withdrawals.withdraw(reference, Withdrawal(at=self.clock.now(), why="a subject was forgotten"))
            self.blobs.delete(entry.document)

    def _ask_again(self, whom: _Whom, note: Note) -> None:
        found = [f"table {name}" for name in self.upkeep.count(whom.own, whom.subject)]
        if self.features.is_online(whom.views, entity=whom.entity, subject=whom.subject):
            found.append("online store")
        if self.upkeep.erase_set_aside(whom.own, whom.subject):
            found.append("rows set aside")
        for reference in note.held:
            entry = self.catalog.find(reference)
            if entry is not None and self.blobs.exists(entry.document):
                found.append(f"training set {reference.name}")
        if found:
            raise StillThere(
                f"Something about this {whom.entity} came in meanwhile: {', '.join(found)}.",
                next_step="Stop what sends it, and forget it again.",
            )

    def _trained_on(self, note: Note) -> tuple[TrainedOn, ...]:
        models = self.catalog.entries("model")
        touched = {fact for fact, rows in note.rows.items() if rows}
        sets: list[TrainedOn] = []
        for entry in self.catalog.entries("training_set"):
            held = entry.reference() in note.held
            if held or any(parent.kind == "fact_table" and parent.name in touched for parent in entry.parents):
                made = tuple(f"{one.name} {one.version}" for one in models if entry.reference() in one.parents)
                sets.append(TrainedOn(name=entry.name, digest=entry.digest, held=held, models=made))
        return tuple(sets)

    def _keep(self, receipt: ForgetReceipt) -> None:
        key = f"{receipt.entity}/{receipt.subject}/{receipt.at:020d}"
        seen = self.records.get(_RECEIPT, key)
        self.records.put(_RECEIPT, key, to_document(receipt), seen=0 if seen is None else seen.version)
