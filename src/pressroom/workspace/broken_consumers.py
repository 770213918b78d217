"""Looking up who is in use, for `broken`: models with those who ask for them, and endpoints."""

from collections.abc import Mapping

from pressroom.catalog import Catalog
from pressroom.features import View
from pressroom.models import read_package
from pressroom.serving import Serving
from pressroom.workspace.broken import Broken, Lost, ModelInUse, broken_by, lost_features
from pressroom.workspace.definitions import Definitions


def lost_by(definitions: Definitions, applied: Mapping[str, View]) -> Lost:
    """The features of applied views that these definitions drop or define otherwise."""
    lost: dict[str, str] = {}
    for name, view in definitions.views.items():
        if name in applied:
            lost.update(lost_features(applied[name], view))
    return lost


def broken_consumers(definitions: Definitions, lost: Lost, catalog: Catalog, serving: Serving) -> tuple[Broken, ...]:
    """Everybody in use whom these definitions break. Packages that are gone are passed over."""
    models: list[ModelInUse] = []
    for name in catalog.names("model"):
        entry = catalog.current("model", name)
        if serving.blobs.exists(entry.document):
            models.append(
                ModelInUse(
                    entry=entry,
                    package=read_package(entry.document, serving.blobs),
                    training_set=next((each.name for each in entry.parents if each.kind == "training_set"), ""),
                    consumers=catalog.consumers("model", name),
                )
            )
    endpoints = [serving.current(name) for name in catalog.names("endpoint")]
    return broken_by(definitions, lost, models=models, endpoints=endpoints)
