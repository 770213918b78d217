"""Where a subject may be mentioned: the key fields of every fact type there ever was, and frozen training sets."""

import io
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import pyarrow.compute as pc
import pyarrow.parquet as pq

from pressroom.catalog import Catalog, Entry
from pressroom.facts import rows_about
from pressroom.features import View
from pressroom.models import prediction_field
from pressroom.ports import Blobs
from pressroom.serving import Serving
from pressroom.values import FactSchema, FieldSchema, from_document

Keys = Mapping[str, Sequence[str]]
"""Key fields by fact."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Mentions:
    """Looks for subjects in the definitions and artifacts of a workspace."""

    catalog: Catalog
    serving: Serving
    blobs: Blobs

    def keys(self, entity: str = "") -> dict[str, tuple[str, ...]]:
        """The fields that name an entity (or any), by fact, in any version that a fact type or endpoint ever had."""
        found: dict[str, dict[str, None]] = {}
        for fact in self._facts():
            names = [field.name for field in fact.key_fields() if entity in ("", field.entity)]
            found.setdefault(fact.name, {}).update(dict.fromkeys(names))
        for fact, request in self._predictions():
            names = [field.name for field in fact.key_fields() if entity in ("", field.entity)]
            names += [prediction_field(field.name) for field in request if _names(field, entity)]
            found.setdefault(fact.name, {}).update(dict.fromkeys(names))
        return {fact: tuple(names) for fact, names in found.items() if names}

    def entities(self) -> list[str]:
        """Every kind of thing that facts are about."""
        return sorted({field.entity or "" for fact in self._facts() for field in fact.key_fields()})

    def views(self) -> list[View]:
        """Every view there ever was."""
        return [
            from_document(self.blobs.get(entry.document), View)
            for entry in self.catalog.entries("view")
            if self.blobs.exists(entry.document)
        ]

    def holds(self, training_set: Entry, keys: Keys, views: Sequence[View], *, entity: str, subject: str) -> bool:
        """Whether the rows of a training set, if they are kept, name the subject; `keys` are those of its entity."""
        if not self.blobs.exists(training_set.document):
            return False
        columns = _columns(training_set, keys, views, entity)
        file = pq.ParquetFile(io.BytesIO(self.blobs.get(training_set.document)))
        there = [name for name in file.schema_arrow.names if name in columns or _feature(name) in columns]
        return bool(there) and bool(pc.any(rows_about(file.read(columns=there), there, subject)).as_py())

    def _facts(self) -> Iterator[FactSchema]:
        for entry in self.catalog.entries("fact"):
            yield from_document(self.blobs.get(entry.document), FactSchema)

    def _predictions(self) -> Iterator[tuple[FactSchema, tuple[FieldSchema, ...]]]:
        for name in {entry.name for entry in self.catalog.entries("endpoint")}:
            for endpoint in self.serving.versions(name):
                yield endpoint.predictions(), endpoint.question.brought()
                yield endpoint.shadows(), ()


def _columns(training_set: Entry, keys: Keys, views: Sequence[View], entity: str) -> set[str]:
    """The columns of a training set in which names of an entity may stand: keys, and features that look one up.

    A feature is `.feature`, for its view may be called by another name there.
    """
    columns = _own_keys(training_set, entity)
    by_digest = {view.digest(): view for view in views}
    for parent in training_set.parents:
        if parent.kind == "fact_table":
            columns.update(keys.get(parent.name, ()))
        elif parent.digest in by_digest:
            columns.update(_looking_up(by_digest[parent.digest], entity))
    return columns


def _own_keys(training_set: Entry, entity: str) -> set[str]:
    """The columns that the rows themselves name an entity in, whatever they came from."""
    told = dict(training_set.summary).get("keys", "")
    pairs = (pair.partition("=") for pair in told.split(", ") if pair)
    return {name for name, _, whom in pairs if whom == entity}


def _looking_up(view: View, entity: str) -> Iterable[str]:
    for feature in view.features:
        source = feature.aggregate.fact.field(feature.aggregate.field or "")
        if source is not None and source.entity == entity:
            yield f".{feature.name}"


def _feature(column: str) -> str:
    _, dot, name = column.rpartition(".")
    return dot + name


def _names(field: FieldSchema, entity: str) -> bool:
    return field.entity is not None and entity in ("", field.entity)
