"""What the inputs and the label of a model meant when it was trained: names and types say nothing of a window."""

from collections.abc import Iterable

from pressroom.catalog import Catalog, Reference
from pressroom.features import View
from pressroom.ports import Blobs
from pressroom.values import digest_document, from_document


def meanings_of(parents: Iterable[Reference], *, catalog: Catalog, blobs: Blobs) -> dict[str, str]:
    """By input and for the label: its definition in words, or a name for it, that is equal where the definition is.
    Parents that are no training sets say nothing.
    """
    found: dict[str, str] = {}
    for parent in parents:
        training_set = catalog.find(parent) if parent.kind == "training_set" else None
        if training_set is None:
            continue
        found["the label"] = training_set.doc.rpartition("label: ")[2]
        for reference in training_set.parents:
            entry = catalog.find(reference) if reference.kind == "view" else None
            if entry is not None and blobs.exists(entry.document):
                view = from_document(blobs.get(entry.document), View)
                for feature in view.features:
                    meaning = digest_document((view.entity, feature.aggregate.meaning()))
                    found[f"{view.name}.{feature.name}"] = f"definition {meaning[:8]}"
    return found
