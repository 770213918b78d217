"""Packing an ensemble: its nodes resolved to versions, the whole published under its own name."""

from collections.abc import Sequence
from typing import Any

from pressroom.catalog import Reference
from pressroom.models import TOLERANCE, Ensemble, Words, pack
from pressroom.workspace.pack import PackedModel, as_table
from pressroom.workspace.workspace import Workspace


def pack_ensemble(
    ensemble: Ensemble,
    *,
    sample: Any,
    workspace: Workspace,
    owner: str = "",
    purposes: Sequence[str] = (),
    tolerance: float = TOLERANCE,
) -> PackedModel:
    """Assemble `ensemble` over the models that its references mean now, pack it, and put it in use under its name.

    `sample` are rows with all its inputs, on which it is compared with its models asked one by one. The package holds
    the very versions that were found, so what it answers does not change when a model gets a new version; the catalog
    keeps the references, so that a plan can say whom a new version leaves behind. Raises BadEnsemble, and what
    `pack` does.
    """
    made = workspace.models.assemble(ensemble)
    packed = pack(
        made,
        name=ensemble.name,
        signature=made.signature,
        golden=as_table(sample),
        origin=made.origin(),
        blobs=workspace.ports.blobs,
        tolerance=tolerance,
        space=made.checked.gives[ensemble.output].space,
        limits=workspace.permits.limits,
    )
    entries = [workspace.catalog.resolve("model", node.model) for node in ensemble.models()]
    parents: dict[str, Reference] = {entry.digest: entry.reference() for entry in entries}
    words = Words(
        owner=owner,
        parents=tuple(parents.values()),
        purposes=tuple(purposes) or packed.package.origin.purposes,
        pins=tuple(dict.fromkeys(node.model for node in ensemble.models())),
    )
    return PackedModel(packed=packed, published=workspace.models.publish(packed, words))
