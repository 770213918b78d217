"""Streams: the facts of one type, by one key, that a view needs kept online; and how long."""

from collections import defaultdict
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

import numpy as np

from pressroom.facts import AggregateKind, Condition
from pressroom.features.errors import OfflineOnly
from pressroom.features.view import Feature, View
from pressroom.values import MICROSECONDS, FactSchema, FieldSchema, FieldType

SLACK_US = 3_600 * MICROSECONDS
"""Instants up to this long before an entity's newest fact are still answered exactly."""

NULLS = "_nulls"
"""Its name in packed rows: one that no field can have."""

_MOST_FIELDS = 64
SketchKind = Literal["distinct", "quantile"]
_SKETCHES: Mapping[AggregateKind, SketchKind] = {"approx_distinct": "distinct", "approx_quantile": "quantile"}
_OF_ANY_SIZE: frozenset[FieldType] = frozenset(("string", "bytes", "vector"))


@dataclass(frozen=True, slots=True, kw_only=True)
class Stream:
    """What is kept online of one fact type for each entity of a view: `fields`, as far back as `horizon_us`.

    `keeps_newest`: some feature looks at the newest fact however old it is.
    """

    view: View
    prefix: bytes
    """How the keys of its entities start: the view's identity and the stream's place in it."""
    record: np.dtype[np.void]
    """One fact as a fixed number of bytes; bit k of `NULLS` says that field k is null."""
    fact: FactSchema
    by: str
    """The key of the fact; of several taken together, their names joined."""
    fields: tuple[FieldSchema, ...]
    where: tuple[Condition, ...]
    """Only facts that satisfy these are kept."""
    features: tuple[Feature, ...]
    horizon_us: int
    keeps_newest: bool
    heap: tuple[str, ...] = ()
    """The fields whose values have no fixed number of bytes; those stand behind the records."""
    hop_us: int = 0
    """0, unless all features are sketches: of what the starts of their windows are whole multiples."""
    sketches: tuple[tuple[str, SketchKind], ...] = ()
    """Which tiles there are of each hop: of which fields, of which kind."""


def streams_of(view: View) -> tuple[Stream, ...]:
    """A view's streams, in the order of its features. Raises OfflineOnly for too many fields."""
    groups: dict[tuple[str, str, tuple[Condition, ...], int], list[Feature]] = defaultdict(list)
    for feature in view.features:
        asked = feature.aggregate
        # Sketches apart, so that neither keeps what only the other needs.
        groups[asked.fact.name, asked.by or "", asked.where, asked.hop_us() or 0].append(feature)
    start = _identity(view)
    return tuple(_stream(view, start + bytes((place,)), features) for place, features in enumerate(groups.values()))


def position_key(view: View) -> bytes:
    """Where the view's position in the log is kept, beside its entities.

    It names the form of packed rows: a view whose rows were packed in another form is filled anew.
    """
    return b"position/2/" + _identity(view)


def _identity(view: View) -> bytes:
    return bytes.fromhex(view.digest()[:32])


def _record(fields: tuple[FieldSchema, ...]) -> np.dtype[np.void]:
    kinds = [(field.name, "<f8" if field.type == "float" else "<i8") for field in fields]
    return np.dtype([("event", "<i8"), ("known", "<i8"), ("seq", "<i8"), (NULLS, "<u8"), *kinds])


def _stream(view: View, prefix: bytes, features: list[Feature]) -> Stream:
    fact, by = features[0].aggregate.fact, features[0].aggregate.by or ""
    names = dict.fromkeys(feature.aggregate.field for feature in features if feature.aggregate.field)
    fields = tuple(field for field in fact.fields if field.name in names)
    # Of what is only told apart, a hash is enough.
    as_values = {f.aggregate.field for f in features if f.aggregate.kind not in ("distinct", "approx_distinct")}
    if len(fields) > _MOST_FIELDS:
        raise OfflineOnly(
            f"{view.name}: {len(fields)} fields of {fact.name} are more than the {_MOST_FIELDS} that are kept online "
            "together.",
            next_step="Split the view into several.",
        )
    aggregates = [feature.aggregate for feature in features]
    return Stream(
        view=view,
        prefix=prefix,
        record=_record(fields),
        fact=fact,
        by=by,
        fields=fields,
        where=features[0].aggregate.where,
        features=tuple(features),
        horizon_us=max((a.window_us or a.ttl_us or 0) for a in aggregates),
        keeps_newest=any(a.window_us is None and a.ttl_us is None for a in aggregates),
        heap=tuple(field.name for field in fields if field.type in _OF_ANY_SIZE and field.name in as_values),
        hop_us=aggregates[0].hop_us() or 0,
        sketches=tuple(sorted({(a.field or "", _SKETCHES[a.kind]) for a in aggregates if a.kind in _SKETCHES})),
    )
