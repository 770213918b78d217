"""Outcomes: what followed the predictions of an endpoint, as far as it is known."""

import pyarrow as pa

from pressroom.features import Features
from pressroom.serving.endpoint import Endpoint
from pressroom.values import FactSchema, Instant, parts_of


def outcomes_of(endpoint: Endpoint, predictions: pa.Table, features: Features, *, known_at: Instant) -> pa.Array:
    """The endpoint's label for each of its predictions, from the facts known at `known_at`; null while nobody knows."""
    key = endpoint.label_key
    outcome, _ = features.label(
        endpoint.label, _asking(endpoint.predictions(), key), _spine(predictions, key), known_at=known_at
    )
    return outcome


def _asking(fact: FactSchema, key: str) -> FactSchema:
    """The prediction's fact type with the outcome's key or keys alone, so that no other key can be meant."""
    return FactSchema(name=fact.name, doc=fact.doc, fields=tuple(f for f in fact.fields if f.name in parts_of(key)))


def _spine(predictions: pa.Table, key: str) -> pa.Table:
    return pa.table(
        {"as_of": predictions.column("event"), **{part: predictions.column(part) for part in parts_of(key)}}
    )
