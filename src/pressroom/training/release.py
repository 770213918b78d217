"""Releasing a fitted model: packed, versioned against the one before it, evaluated, and published with its lineage."""

from dataclasses import dataclass

import pyarrow as pa

from pressroom.catalog import Catalog, Entry, Reference
from pressroom.models import Behaviour, Origin, Packed, golden_rows, load, next_version, pack
from pressroom.ports import Blobs, Clock
from pressroom.training.evaluate import Evaluation, evaluate_model
from pressroom.training.fit import Fitted
from pressroom.training.rows import mature_rows
from pressroom.values import Version


@dataclass(frozen=True, slots=True, kw_only=True)
class Released:
    """A published model, how good it is, and why it has the version it has."""

    packed: Packed
    version: Version
    reason: str
    evaluation: Evaluation


@dataclass(frozen=True, slots=True, kw_only=True)
class Made:
    """What a model was made from, and for whom."""

    rows: pa.Table
    training_set: Reference
    purposes: tuple[str, ...]
    owner: str


def release(fitted: Fitted, made: Made, *, catalog: Catalog, blobs: Blobs, clock: Clock) -> Released:
    """Pack `fitted`, work out its version, evaluate what will serve on the validation rows, and publish it."""
    rows = mature_rows(made.rows, "validate")
    name = f"{made.training_set.name}.{fitted.name}"
    origin = Origin(parents=(made.training_set.digest,), labels=fitted.signature.output.labels, purposes=made.purposes)
    packed = pack(fitted.model, name=name, signature=fitted.signature, golden=rows, origin=origin, blobs=blobs)
    version, reason = _version(packed, catalog, blobs)
    evaluation = evaluate_model(load(packed.digest, blobs).runnable, fitted.signature, rows)
    reference = catalog.publish(
        Entry(
            kind="model",
            name=name,
            digest=packed.digest,
            version=str(version),
            created=clock.now(),
            owner=made.owner,
            doc=f"{packed.package.kind} model. {reason}",
            document=packed.digest,
            labels=packed.package.origin.labels,
            purposes=made.purposes,
            parents=(made.training_set,),
            summary=(("kind", packed.package.kind), ("auc", f"{evaluation.auc or 0:.4f}")),
        )
    )
    catalog.point(reference)
    return Released(packed=packed, version=version, reason=reason, evaluation=evaluation)


def _version(packed: Packed, catalog: Catalog, blobs: Blobs) -> tuple[Version, str]:
    """The version that a change from the model in use makes of the highest there is; the same model keeps its own."""
    pointer = catalog.pointer("model", packed.package.name)
    if pointer is None:
        return next_version(None, None, Behaviour(signature=packed.package.signature, predictions=None))
    entry = catalog.current("model", packed.package.name)
    again = catalog.find(Reference(kind="model", name=packed.package.name, digest=packed.digest))
    if again is not None:
        return Version.parse(again.version), "The same model as before."
    inputs, answers = golden_rows(packed.package, blobs)
    old = load(entry.digest, blobs)
    fits = set(old.package.signature.names()) <= set(inputs)
    before = Behaviour(signature=old.package.signature, predictions=old.runnable.predict(inputs) if fits else None)
    after = Behaviour(signature=packed.package.signature, predictions=answers)
    highest = max(Version.parse(known.version) for known in catalog.entries("model", packed.package.name))
    return next_version(highest, before, after)
