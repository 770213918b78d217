"""What is known of a flow's work for a period: in which run it was done, by which code, from which facts."""

from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from typing import Literal

from pressroom.ports import Records, VersionConflict
from pressroom.values import Instant, Period, from_document, to_document

PeriodState = Literal["done", "failed", "cancelled"]
_KIND = "flow_period"


@dataclass(frozen=True, slots=True, kw_only=True)
class PeriodRecord:
    """The last run of a flow for a period. `code` identifies the code of the flow and of all that it reaches, and
    `unknown` says what of it has no digest; `rows` counts the facts in the period, by type, that were there then.
    """

    flow: str
    period: Period
    state: PeriodState
    run: str
    at: Instant
    code: str
    unknown: tuple[str, ...] = ()
    rows: Mapping[str, int] | None = None
    words: str = ""


class PeriodRecords:
    """The periods of one workspace."""

    def __init__(self, records: Records) -> None:
        """Keep them in `records`."""
        self._records = records

    def get(self, flow: str, period: Period) -> PeriodRecord | None:
        """What is known of a period, whatever facts it had."""
        record = self._records.get(_KIND, _key(flow, period))
        return None if record is None else from_document(record.document, PeriodRecord)

    def put(self, done: PeriodRecord) -> None:
        """Write down what became of a period; of two at once, the later stands."""
        while True:
            key = _key(done.flow, done.period)
            record = self._records.get(_KIND, key)
            with suppress(VersionConflict):
                self._records.put(_KIND, key, to_document(done), seen=0 if record is None else record.version)
                return


def _key(flow: str, period: Period) -> str:
    return f"{flow}/{period.start:020d}-{period.end:020d}"
