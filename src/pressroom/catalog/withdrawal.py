"""Withdrawals: what an entry stands for is there no longer. The entry stays, for others were made from it."""

from dataclasses import dataclass

from pressroom.catalog.entry import Reference
from pressroom.ports import Records
from pressroom.values import Instant, from_document, to_document

_WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True, kw_only=True)
class Withdrawal:
    """When the bytes behind an entry were removed, and why."""

    at: Instant
    why: str


class Withdrawals:
    """Which entries have lost what they stand for."""

    def __init__(self, records: Records) -> None:
        """Keep withdrawals in these records."""
        self._records = records

    def of(self, reference: Reference) -> Withdrawal | None:
        """The withdrawal of an entry, if it was withdrawn."""
        record = self._records.get(_WITHDRAWN, reference.key())
        return None if record is None else from_document(record.document, Withdrawal)

    def withdraw(self, reference: Reference, withdrawal: Withdrawal) -> None:
        """Say that an entry is withdrawn; one that was is left as it is."""
        if self.of(reference) is None:
            self._records.put(_WITHDRAWN, reference.key(), to_document(withdrawal), seen=0)
