"""A linear model as steps of an ONNX graph, in float64 throughout."""

from collections.abc import Mapping

import numpy as np

from pressroom.models.ensemble.expressions_onnx import Steps
from pressroom.models.errors import UnsupportedModel
from pressroom.models.structure import Levels, Linear

_LINKS = {"sigmoid": "Sigmoid", "exp": "Exp"}


def write_linear_steps(linear: Linear, matrix: str, texts: Mapping[str, str], steps: Steps, output: str) -> None:
    """From a matrix of the number inputs, in order, and a tensor (n, 1) for each text, to the answer (n, 1).

    Raises UnsupportedModel for a model of several outputs, and where the empty text, which stands for null among a
    graph's texts, is a level of its own.
    """
    if linear.link not in ("identity", *_LINKS):
        raise UnsupportedModel(
            f"A linear model with {linear.link} is not written as steps.", next_step="Serve it whole."
        )
    named = {levels.input for levels in linear.levels}
    places = [place for place, name in enumerate(linear.inputs) if name not in named]
    terms: list[str] = [steps.constant([[linear.intercept]])]
    if places:
        fills = [linear.fills[place] for place in places]
        if any(fill is not None for fill in fills):
            filled = steps.constant([[np.nan if fill is None else fill for fill in fills]])
            matrix = steps.add("Where", [steps.add("IsNaN", [matrix]), filled, matrix])
        weights = steps.constant([[linear.weights[place]] for place in places])
        terms.append(steps.add("MatMul", [matrix, weights]))
    terms += [_level_weights(levels, texts[levels.input], steps) for levels in linear.levels]
    margin = terms[0]
    for term in terms[1:]:
        margin = steps.add("Add", [margin, term])
    steps.add(_LINKS.get(linear.link, "Identity"), [margin], output)


def _level_weights(levels: Levels, text: str, steps: Steps) -> str:
    if "" in levels.values:
        raise UnsupportedModel(f"{levels.input} has the empty text for a level.", next_step="Serve the model whole.")
    count = len(levels.values)
    place = steps.add(
        "LabelEncoder",
        [text],
        domain="ai.onnx.ml",
        keys_strings=[*levels.values, ""],
        values_int64s=list(range(count + 1)),
        default_int64=count + 1,
    )
    table = steps.constant([*levels.weights, levels.null, levels.other])
    return steps.add("Gather", [table, place])
