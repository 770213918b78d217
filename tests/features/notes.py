"""Notes about patients: facts with text, bytes and vectors, declared as data, and random histories of them."""

import math
from dataclasses import replace

import pyarrow as pa
from hypothesis import strategies as st

from pressroom.facts import INSTANT, FieldReference, Float, Int, String, arrow_schema
from pressroom.features.view import Feature, View
from pressroom.values import FactSchema, FieldSchema

MINUTE = 60_000_000
HOUR = 60 * MINUTE
DAY = 24 * HOUR
START = 1_357_000_000_000_000

NOTE = FactSchema(
    name="note",
    doc="Somebody wrote something about a patient.",
    fields=(
        FieldSchema(name="patient", type="string", entity="patient", optional=True),
        FieldSchema(name="writer", type="string", entity="writer", optional=True),
        FieldSchema(name="text", type="string", optional=True),
        FieldSchema(name="scan", type="bytes", optional=True),
        FieldSchema(name="meaning", type="vector", length=2, optional=True),
        FieldSchema(name="mood", type="string", values=("calm", "cross"), optional=True),
        FieldSchema(name="pages", type="int", optional=True),
        FieldSchema(name="fever", type="float", optional=True),
        FieldSchema(name="urgent", type="bool", optional=True),
        FieldSchema(name="due", type="timestamp", optional=True),
    ),
)
KINDS = {"int": Int, "float": Float, "string": String}
REFERENCES = {field_.name: KINDS.get(field_.type, FieldReference)(NOTE, field_) for field_ in NOTE.fields}


def view_of(name, *, by="patient", **aggregates):
    """A view of patients (or writers), from aggregates with their key settled."""
    features = tuple(
        Feature(name=feature, aggregate=_settled(aggregate, by)) for feature, aggregate in aggregates.items()
    )
    return View(name=name, entity=by, owner="", doc="", features=features)


def _settled(aggregate, by):
    return replace(aggregate, by=by)


def table_of(rows):
    """Notes as the facts room gives them: numbered in their order; `until` where one turned out wrong."""
    schema = arrow_schema(NOTE, with_seq=True).append(pa.field("until", INSTANT))
    columns = {name: [row.get(name) for row in rows] for name in schema.names}
    columns["seq"] = list(range(len(rows)))
    return pa.Table.from_arrays(
        [
            pa.array(columns[field_.name], pa.int64()).cast(INSTANT)
            if field_.type == INSTANT
            else pa.array(columns[field_.name], field_.type)
            for field_ in schema
        ],
        schema=schema,
    )


def note(event, **said):
    return {"event": event, "known": event, "patient": "ann", **said}


instants = st.builds(
    lambda step, beside: START + step * 10 * MINUTE + beside, st.integers(0, 200), st.sampled_from([0, 0, 0, -1, 1])
)
texts = st.one_of(st.none(), st.sampled_from(["", "a", "b\0", "ö", "\U0001d538", "x" * 300]), st.text(max_size=3))


@st.composite
def notes(draw):
    """A note that may be late, early, empty, tied, about nobody, or wrong in hindsight."""
    event = draw(instants)
    known = event + draw(st.sampled_from([0, 0, 1, -1, 5 * MINUTE, HOUR, 7 * HOUR, 20 * HOUR, -HOUR]))
    wrong_us = draw(st.sampled_from([None, None, None, 0, MINUTE, 3 * HOUR, 20 * HOUR]))
    return {
        "event": event,
        "known": known,
        "until": None if wrong_us is None else max(known, event) + wrong_us,
        "patient": draw(st.sampled_from(["ann", "bob", None])),
        "writer": draw(st.sampled_from(["ann", "eve", None])),
        "text": draw(texts),
        "scan": draw(st.one_of(st.none(), st.binary(max_size=4))),
        "meaning": draw(st.one_of(st.none(), st.lists(st.floats(width=32, allow_nan=False), min_size=2, max_size=2))),
        "mood": draw(st.sampled_from(["calm", "cross", None])),
        "pages": draw(st.one_of(st.none(), st.sampled_from([0, 1, 2, -3, 2**63 - 1, -(2**63)]))),
        "fever": draw(st.one_of(st.none(), st.sampled_from([0.0, -0.0, 1.5, -1.5, math.nan, math.inf, 5e-324, 1e300]))),
        "urgent": draw(st.sampled_from([True, False, None])),
        "due": draw(st.one_of(st.none(), instants)),
    }


histories = st.lists(notes(), max_size=24)


def appended_as_known(rows):
    """The same notes in the order in which they became known."""
    return sorted(rows, key=lambda row: row["known"])
