"""Vector inputs seen as the numbers that they are made of: `looks` of length 2 is `looks.0` and `looks.1`.

What looks at one number at a time (trees, linear forms, parts by entity) works on a flat signature; vectors are spread
on the way in, and what is said about their numbers is added up on the way out.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace

import numpy as np
from msgspec import UNSET

from pressroom.models.errors import SignatureMismatch
from pressroom.models.model import Contributions, Runnable
from pressroom.models.signature import Column, Floats, Inputs, Signature, length_of
from pressroom.values import FieldSchema, InvalidInput


def has_vectors(signature: Signature) -> bool:
    """Whether some input is a vector."""
    return any(field.type == "vector" for field in signature.inputs)


def check_vectors(signature: Signature) -> None:
    """Refuse vectors without a length, and an input that is called like a number of a vector."""
    names = signature.columns()
    doubles = sorted({name for name in names if names.count(name) > 1}) if has_vectors(signature) else []
    if doubles:
        raise InvalidInput(
            f"Two inputs would be called {doubles[0]!r}: a number of a vector is called VECTOR.PLACE.",
            next_step="Rename the input that is no vector.",
        )


def flat(signature: Signature) -> Signature:
    """The same inputs as numbers and texts only."""
    if not has_vectors(signature):
        return signature
    return replace(signature, inputs=tuple(number for field in signature.inputs for number in _numbers(field)))


def spread(signature: Signature, inputs: Inputs) -> Inputs:
    """Inputs of a signature as those of its flat one; nothing is copied."""
    made: dict[str, Column] = {}
    for field in signature.inputs:
        column = inputs.get(field.name)
        if column is None:
            continue
        if field.type != "vector":
            made[field.name] = column
        else:
            made.update((f"{field.name}.{place}", column[:, place]) for place in range(length_of(field)))
    return made


def folded(signature: Signature, inputs: Inputs) -> Inputs:
    """The other way round. Refuses a vector of which a number is missing."""
    made: dict[str, Column] = {}
    for field in signature.inputs:
        if field.type != "vector":
            made[field.name] = inputs[field.name]
            continue
        names = [f"{field.name}.{place}" for place in range(length_of(field))]
        missing = [name for name in names if name not in inputs]
        if missing:
            raise SignatureMismatch(f"The input {missing[0]!r} is missing.", next_step="Give the whole vector.")
        made[field.name] = np.stack([inputs[name] for name in names], axis=1).astype(np.float64)
    return made


@dataclass(frozen=True, slots=True, eq=False)
class OfFlat:
    """A Runnable of the flat signature from one that takes vectors."""

    whole: Runnable
    signature: Signature

    def predict(self, inputs: Inputs) -> Floats:
        """The answer for each row."""
        return self.whole.predict(folded(self.signature, inputs))


def of_columns(signature: Signature, said: Mapping[str, str]) -> dict[str, str]:
    """What is said of inputs, said of their columns."""
    return {
        number.name: said[field.name]
        for field in signature.inputs
        if field.name in said
        for number in ([field] if field.type != "vector" else _numbers(field))
    }


def gathered(found: Contributions, signature: Signature) -> Contributions:
    """Contributions of columns as those of inputs: a vector's is the sum of its numbers'."""
    if not has_vectors(signature) or found.names != signature.columns():
        return found
    values, errors = [], []
    place = 0
    for field in signature.inputs:
        stop = place + (length_of(field) if field.type == "vector" else 1)
        values.append(found.values[:, place:stop].sum(axis=1))
        errors.append(np.sqrt((found.error[:, place:stop] ** 2).sum(axis=1)))
        place = stop
    return replace(found, names=signature.names(), values=np.stack(values, axis=1), error=np.stack(errors, axis=1))


def _numbers(field: FieldSchema) -> list[FieldSchema]:
    if field.type != "vector":
        return [field]
    return [
        replace(field, name=f"{field.name}.{place}", type="float", length=UNSET) for place in range(length_of(field))
    ]
