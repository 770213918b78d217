"""What the demo found: everything its summary shows, as one document."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from pressroom.catalog import Node
from pressroom.costs import Bill
from pressroom.demo.replay import Replayed
from pressroom.demo.unfit import Unfit
from pressroom.experiments import Readout
from pressroom.monitoring import ParityReport
from pressroom.stats import p50, p99
from pressroom.training import Trained


@dataclass(frozen=True, slots=True, kw_only=True)
class FactsAppended:
    """How the facts came in."""

    by_fact: dict[str, int]
    per_second_history: float
    unfit: Sequence[Unfit]


@dataclass(frozen=True, slots=True, kw_only=True)
class Found:
    """What was read out of the facts afterwards."""

    readout: Readout
    parity: ParityReport
    bill: Bill
    lineage: Node


@dataclass(frozen=True, slots=True, kw_only=True)
class DemoResult:
    """A whole demo run."""

    folder: Path
    facts: FactsAppended
    trained: Trained
    rebuilt_digest: str
    replayed: Replayed
    found: Found
    wall_s: float

    def document(self) -> dict[str, Any]:
        """The run as JSON-able values."""
        frozen, live, readout = self.trained.training_set, self.replayed, self.found.readout
        return {
            "workspace": str(self.folder),
            "facts": {
                "appended": sum(self.facts.by_fact.values()),
                "set_aside": sum(unfit.count for unfit in self.facts.unfit),
                "by_fact": self.facts.by_fact,
                "reasons": [{"fact": u.fact, "reason": u.reason, "rows": u.count} for u in self.facts.unfit],
                "history_per_s": self.facts.per_second_history,
                "live_per_s": live.appended / live.append_s if live.append_s else None,
            },
            "training_set": {
                "rows": frozen.rows,
                "digest": frozen.digest,
                "rebuilt_digest": self.rebuilt_digest,
                "inputs": [field.name for field in frozen.inputs],
            },
            "models": [model.document() for model in self.trained.models],
            "endpoint": {
                "name": live.endpoint,
                "requests": live.requests,
                "errors": live.errors,
                "p50_ms": p50(live.latencies_ms),
                "p99_ms": p99(live.latencies_ms),
            },
            "experiment": {**asdict(readout), "name": readout.experiment},
            "parity": asdict(self.found.parity),
            "bill": {
                "total_usd": self.found.bill.total_usd,
                "price_book": self.found.bill.book_version,
                "lines": [asdict(line) for line in self.found.bill.lines],
            },
            "lineage": self.found.lineage.document(),
            "wall_s": self.wall_s,
        }
