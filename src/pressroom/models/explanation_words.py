"""An explanation in sentences, from what is written about the inputs: their docs and units."""

import math

import numpy as np

from pressroom.models.explain import Explanation
from pressroom.models.signature import Inputs
from pressroom.values import FieldSchema

_SHOWN = 5


def sentences(explanation: Explanation, inputs: Inputs, row: int, *, most: int = _SHOWN) -> list[str]:
    """What moved the answer of one row, the strongest first: `2.1 h late landing of this aircraft raised the chance of
    a late departure by 0.18`. Inputs that did nothing are not named.
    """
    signature = explanation.signature
    fields = {field.name: field for field in signature.inputs}
    effects = explanation.effects()[row]
    errors = explanation.contributions.error[row]
    output = signature.output.doc or signature.output.name
    order = sorted(range(len(effects)), key=lambda place: -abs(effects[place]))
    said: list[str] = []
    for place in order[:most]:
        effect = float(effects[place])
        if effect == 0 or not math.isfinite(effect):
            continue
        field = fields[explanation.contributions.names[place]]
        doubt = f" (give or take {errors[place]:.2g})" if errors[place] > abs(effect) / 100 else ""
        verb = "raised" if effect > 0 else "lowered"
        said.append(f"{_value(field, inputs[field.name][row])} {verb} the {output} by {abs(effect):.3g}{doubt}.")
    return said


def _value(field: FieldSchema, value: object) -> str:
    words = field.doc.rstrip(".") or field.name
    if isinstance(value, np.ndarray):
        return f"No value for {words}" if np.isnan(value).all() else f"The vector of {words}"
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return f"No value for {words}"
    if isinstance(value, float):
        if field.type == "bool":
            return f"{words}: {'yes' if value else 'no'}"
        return f"{value:.4g} {field.unit} {words}".replace("  ", " ")
    return f"{words} {value}"
