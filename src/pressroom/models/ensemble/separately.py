"""The plain way: every model asked by itself, everything combined in numpy. What the fused form must equal."""

import numpy as np
import numpy.typing as npt

from pressroom.models.ensemble.checked import Checked
from pressroom.models.ensemble.expressions import evaluate, unsure
from pressroom.models.signature import Column, Floats, Inputs, count_rows
from pressroom.models.vector_column import null_vectors
from pressroom.values import FieldSchema


def answer_separately(checked: Checked, inputs: Inputs) -> Floats:
    """Answers for rows that may lack inputs; a model that lacks one it needs gives its default. No deadlines."""
    count = count_rows(inputs)
    values: dict[str, Column] = {}
    for field in checked.signature.inputs:
        values[field.name] = inputs[field.name] if field.name in inputs else _absent(field, count)
    for node in checked.ensemble.nodes:
        if node.does == "model":
            member = checked.members[node.name]
            fed = {name: values[checked.source(node, name)] for name in member.signature.names()}
            lacks = np.zeros(count, dtype=np.bool_)
            for field in member.signature.inputs:
                if not field.optional:
                    lacks |= _null(fed[field.name])
            known = {name: column[~lacks] for name, column in fed.items()}
            answers = member.runnable.predict(known)
            made: Floats = np.empty((count, *answers.shape[1:]))
            made[~lacks] = answers
            made[lacks] = np.nan if node.default is None else node.default
            values[node.name] = made
            continue
        operands: list[Floats] = [values[name].astype(np.float64) for name in node.of]
        if node.does == "cascade":
            values[node.name] = np.where(unsure(node, operands[0]), operands[1], operands[0])
        else:
            values[node.name] = evaluate(node, operands)
    return values[checked.ensemble.output].astype(np.float64)


def _absent(field: FieldSchema, count: int) -> Column:
    if field.type == "vector":
        return null_vectors(field, count)
    return np.full(count, None, np.object_) if field.type == "string" else np.full(count, np.nan)


def _null(column: Column) -> npt.NDArray[np.bool_]:
    if column.ndim == 2:
        return np.asarray(np.isnan(column.astype(np.float64)).any(axis=1), np.bool_)
    return np.array([value is None or value != value for value in column.tolist()], np.bool_)
