"""Releasing a fitted model: packed, versioned against the one before it, evaluated, and published with its lineage."""

from collections.abc import Mapping
from dataclasses import dataclass

import pyarrow as pa

from pressroom.catalog import Catalog, Entry, Reference
from pressroom.models import DATA_ONLY, Origin, Packed, Permits, Publisher, VersionReport, Words, pack, publish
from pressroom.ports import Blobs, Clock
from pressroom.training.evaluate import Evaluation, evaluate_model
from pressroom.training.fit import Fitted
from pressroom.training.meanings import meanings_of
from pressroom.training.rows import mature_rows
from pressroom.values import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """A published model, how good it is, why it has the version it has, and which consumers that leaves behind."""

    packed: Packed
    version: Version
    reason: str
    evaluation: Evaluation
    report: VersionReport
    breaks: tuple[str, ...] = ()

    def moved(self) -> bool:
        """Whether consumers of the version before are to be told something."""
        return self.report.rule not in ("first", "unknown") and self.version.patch == 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a model was made from, and for whom."""

    rows: pa.Table
    training_set: Reference
    purposes: tuple[str, ...]
    owner: str


def release(
    fitted: Fitted, made: Made, *, catalog: Catalog, blobs: Blobs, clock: Clock, permits: Permits = DATA_ONLY
) -> Released:
    """Pack `fitted`, work out its version, evaluate what will serve on the validation rows, and publish it."""
    rows = mature_rows(made.rows, "validate")
    name = f"{made.training_set.name}.{fitted.name}"
    origin = Origin(parents=(made.training_set.digest,), labels=fitted.signature.output.labels, purposes=made.purposes)
    packed = pack(
        fitted.model, name=name, signature=fitted.signature, golden=rows, origin=origin, blobs=blobs,
        limits=permits.limits,
    )  # fmt: skip
    evaluation = evaluate_model(packed.runnable, fitted.signature, rows)
    words = Words(
        owner=made.owner,
        parents=(made.training_set,),
        purposes=made.purposes,
        summary=(("auc", f"{evaluation.auc or 0:.4f}"),),
        meanings=meanings_of((made.training_set,), catalog=catalog, blobs=blobs),
    )

    def known_meanings(entry: Entry) -> Mapping[str, str]:
        return meanings_of(entry.parents, catalog=catalog, blobs=blobs)

    on = Publisher(catalog=catalog, blobs=blobs, clock=clock, permits=permits, meanings=known_meanings)
    published = publish(packed, words, on)
    return Released(
        packed=packed,
        version=published.report.version,
        reason=published.report.reason,
        evaluation=evaluation,
        report=published.report,
        breaks=published.breaks,
    )
