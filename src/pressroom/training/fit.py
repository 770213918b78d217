"""Fitting: one candidate, on the mature training rows, under a meter."""

from dataclasses import dataclass, replace

import pyarrow as pa

from pressroom.costs import Meter, Usage
from pressroom.models import Signature, framework, inputs_from_table
from pressroom.training.candidate import Candidate, Fields
from pressroom.training.rows import labels, mature_rows
from pressroom.values import FieldSchema


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fitted:
    """A model as its framework made it, what it takes and gives, on how many rows it was fitted, and what that used."""

    name: str
    model: object
    signature: Signature
    rows: int
    usage: Usage


def fit(candidate: Candidate, table: pa.Table, *, inputs: Fields, label: FieldSchema) -> Fitted:
    """Fit `candidate` to the rows of `table` whose split is "train" and whose label is known.

    `inputs` are the training set's inputs, of which the candidate takes its choice; `label` says what is predicted. The
    meter counts reading the columns and the fit. Raises InvalidInput where no row or no usable input is left, and
    FrameworkMissing.
    """
    chosen = candidate.choose(inputs)
    signature = Signature(inputs=chosen, output=chance_of(label))
    rows = mature_rows(table, "train")
    for module in candidate.needs:
        framework(module)
    with Meter() as meter:
        model = candidate.fit(inputs_from_table(signature, rows), labels(rows), signature)
    return Fitted(name=candidate.name, model=model, signature=signature, rows=rows.num_rows, usage=meter.usage)


def chance_of(label: FieldSchema) -> FieldSchema:
    """The output of a model that predicts a yes-or-no label: the chance of yes, under the label's name."""
    return replace(label, type="float", unit="probability", optional=False, doc=f"chance of {label.name}")
