"""Labels: what happened next, for many rows at once. Features look back, labels look forward."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.facts import INSTANT, Label, key_column
from pressroom.features.errors import BadView
from pressroom.features.kernel.asked import Asked
from pressroom.features.kernel.lookup import NOBODY, following, rows_at
from pressroom.features.kernel.timeline import codes_of, integers, timeline
from pressroom.features.whom import ReadFact
from pressroom.values import FactSchema, Instant, parts_of

_COMPARE = {">": np.greater, ">=": np.greater_equal, "<": np.less, "<=": np.less_equal}


def label_key(label: Label, spine: FactSchema) -> str:
    """The key that the label's fact and the spine share, by name and entity; `by` settles which one of several, or
    which ones taken together.
    """
    theirs = {(field.name, field.entity) for field in spine.key_fields()}
    same = [field.name for field in label.fact.key_fields() if (field.name, field.entity) in theirs]
    if label.by is not None and set(parts_of(label.by)) <= set(same):
        return label.by
    if label.by is None and len(same) == 1:
        return same[0]
    raise BadView(
        f"{label.words()}: which key of {spine.name} is meant? Both have {', '.join(same) or 'none in common'}.",
        next_step=f"Say it: {label.fact.name}.<field>.next(within=..., by={label.fact.name}.<key>).",
    )


def answer_label(label: Label, key: str, spine: pa.Table, read: ReadFact, *, known_at: Instant) -> pa.Array:
    """The label of each row of `spine` (columns `as_of` and `key`) from what is known at `known_at`, as float64.

    A comparison gives 1.0 or 0.0. Null where nothing followed within the time, where it is not known yet, and where the
    value itself is null.
    """
    facts = read(label.fact, ["event", "known", *parts_of(key), label.field])
    cut = pa.scalar(known_at, INSTANT)
    facts = facts.filter(pc.less_equal(facts.column("known"), cut))
    if "until" in facts.column_names:
        facts = facts.filter(pc.fill_null(pc.greater(facts.column("until"), cut), fill_value=True))
    line, values = timeline(facts, key)
    codes, nulls = codes_of(key_column(spine, key), values)
    asked = Asked.of(codes, integers(spine.column("as_of")), nulls)
    rows = rows_at(line, asked, following(line, asked), within_us=label.within_us)
    found = (
        facts.column(label.field)
        .take(pa.array(rows, mask=rows == NOBODY))
        .combine_chunks()
        .cast(pa.float64(), safe=False)
    )
    if label.comparison is None:
        return found
    return pa.array(
        _COMPARE[label.comparison](found.fill_null(0.0).to_numpy(), label.threshold).astype(np.float64),
        mask=pc.is_null(found).to_numpy(zero_copy_only=False),
    )
