"""Trust: an owner signs for code that is kept as an artifact. Without it nobody loads that."""

from dataclasses import dataclass

from pressroom.catalog.entry import Entry, Reference
from pressroom.catalog.errors import NotTheOwner
from pressroom.ports import Records
from pressroom.values import Digest, Instant, from_document, to_document

_TRUST = "trust"


@dataclass(frozen=True, slots=True, kw_only=True)
class Trust:
    """Who signed for an entry, when and why."""

    by: str
    at: Instant
    why: str = ""


class Trusts:
    """Who signed for what."""

    def __init__(self, records: Records) -> None:
        """Keep signatures in these records."""
        self._records = records

    def of(self, reference: Reference) -> Trust | None:
        """Who signed for an entry."""
        record = self._records.get(_TRUST, reference.key())
        return None if record is None else from_document(record.document, Trust)

    def sign(self, entry: Entry, trust: Trust) -> Trust:
        """Sign for exactly this entry, not for its name. Raises NotTheOwner for anybody but its owner. The first
        signature stays.
        """
        if not trust.by.strip() or (entry.owner and trust.by != entry.owner):
            raise NotTheOwner(
                f"{entry.name} is owned by {entry.owner or 'nobody'}, and {trust.by or 'nobody'} can't sign for it.",
                next_step=f"Let {entry.owner or 'somebody'} read the code and sign: --by {entry.owner or 'NAME'}.",
            )
        known = self.of(entry.reference())
        if known is not None:
            return known
        self._records.put(_TRUST, entry.reference().key(), to_document(trust), seen=0)
        return trust

    def withdraw(self, reference: Reference) -> None:
        """Take a signature back; none is no error."""
        self._records.delete(_TRUST, reference.key())

    def has(self, digest: Digest) -> bool:
        """Whether somebody signed for a model with this digest, under any name."""
        return any(record.key.endswith(f"/{digest}") for record in self._records.query(_TRUST, prefix="model/"))
