"""Parity: are the features that were served those that the facts give for the same instants? Pure."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc

from pressroom.features import Question
from pressroom.models import prediction_field

_SHOWN = 20


@dataclass(frozen=True, slots=True, kw_only=True)
class Mismatch:
    """A feature of one prediction that was served as something else than the facts give."""

    prediction_id: str
    feature: str
    served: str
    recomputed: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ParityReport:
    """`checked` predictions with `values` feature values in all; `unequal` of these differ; 20 are shown."""

    checked: int
    values: int
    unequal: int
    by_feature: tuple[tuple[str, int], ...]
    examples: tuple[Mismatch, ...]


def compare(question: Question, served: pa.Table, recomputed: pa.Table) -> ParityReport:
    """Compare prediction facts with the question's offline answer for the same rows. Equal means equal: every bit."""
    examples: list[Mismatch] = []
    counts: list[tuple[str, int]] = []
    names = [field.name for bound in question.views for field in bound.results()]
    for name in names:
        mine, theirs = served.column(prediction_field(name)), recomputed.column(name)
        differs = np.flatnonzero(_differs(mine, theirs))
        if len(differs):
            counts.append((name, len(differs)))
        for row in differs[: _SHOWN - len(examples)]:
            examples.append(
                Mismatch(
                    prediction_id=str(served.column("prediction_id")[int(row)].as_py()),
                    feature=name,
                    served=repr(mine[int(row)].as_py()),
                    recomputed=repr(theirs[int(row)].as_py()),
                )
            )
    return ParityReport(
        checked=served.num_rows,
        values=served.num_rows * len(names),
        unequal=sum(count for _, count in counts),
        by_feature=tuple(counts),
        examples=tuple(examples),
    )


def _differs(mine: pa.ChunkedArray, theirs: pa.ChunkedArray) -> npt.NDArray[np.bool_]:
    """Where two columns differ: null equals null, NaN equals NaN, and nothing equals anything else."""
    theirs = theirs.cast(mine.type)
    null_mine, null_theirs = (pc.is_null(column).to_numpy(zero_copy_only=False) for column in (mine, theirs))
    if pa.types.is_list(mine.type):
        unequal = _lists_differ(mine.combine_chunks(), theirs.combine_chunks())
    elif pa.types.is_floating(mine.type):
        left, right = (column.fill_null(0.0).to_numpy() for column in (mine, theirs))
        unequal = (left != right) & ~(np.isnan(left) & np.isnan(right))
    else:
        unequal = pc.fill_null(pc.not_equal(mine, theirs), fill_value=False).to_numpy(zero_copy_only=False)
    return (null_mine != null_theirs) | (~null_mine & unequal)


def _lists_differ(mine: pa.Array, theirs: pa.Array) -> npt.NDArray[np.bool_]:
    """Where two columns of lists differ: in length, or value by value."""
    lengths, others = (pc.list_value_length(column).fill_null(0).to_numpy() for column in (mine, theirs))
    unequal = lengths != others
    # What is left has the same lengths, row by row, and so the same places in what is flattened.
    same = pa.array(~unequal)
    differs = _differs(*(pa.chunked_array([column.filter(same).flatten()]) for column in (mine, theirs)))
    rows = np.repeat(np.flatnonzero(~unequal), lengths[~unequal])
    unequal[rows[differs]] = True
    return unequal
