"""How many numbers a model gives a row, against what its signature says; and a framework's answers in our shape."""

from typing import Any, NoReturn

import numpy as np

from pressroom.models.errors import NotExplained, NotLowered, UnsupportedModel
from pressroom.models.model import Contributions
from pressroom.models.signature import Floats, Signature, width


def check_outputs(count: int, signature: Signature, *, what: str) -> None:
    """Refuse a model with `count` numbers a row whose signature says otherwise."""
    wanted = width(signature) or 1
    if count != wanted:
        raise UnsupportedModel(
            f"This {what} gives {count} numbers a row, and its signature's output {signature.output.name} {wanted}.",
            next_step=(
                f"Pack it with an output of type 'vector' and length {count}, or train it with one output."
                if count > 1
                else "Pack it with an output of type 'float'."
            ),
        )


def check_inputs(count: int, names: list[str] | None, signature: Signature, *, what: str) -> None:
    """Refuse a model that was fitted on another number of inputs, or on other names in another order. A vector counts
    as as many inputs as it has numbers, `NAME.0` and so on.
    """
    columns = signature.columns()
    if count != len(columns):
        raise UnsupportedModel(
            f"This {what} takes {count} inputs and its signature lists {len(columns)}.",
            next_step="Pack with the signature that the model was fitted with.",
        )
    if names is not None and tuple(names) != columns:
        raise UnsupportedModel(
            f"This {what}'s inputs are {', '.join(names)}, in another order or of other names than its signature's.",
            next_step="Pack with the signature that the model was fitted with.",
        )


def shaped(answers: Any, signature: Signature) -> Floats:
    """Answers (n,), (n, 1) or (n, length) as (n,) or (n, length). Of two chances, which add up to 1, the second."""
    found = np.asarray(answers, dtype=np.float64)
    wanted = width(signature)
    if wanted:
        return found.reshape(len(found), -1)
    if found.ndim == 2 and found.shape[1] == 2:
        return np.ascontiguousarray(found[:, 1])
    return found.reshape(len(found)) if found.ndim == 2 and found.shape[1] == 1 else found


def from_shap(found: Any, signature: Signature, *, method: str) -> Contributions:
    """Contributions from a framework's (n, inputs + 1) array, whose last column is the base. Exact, raw space."""
    if width(signature):
        not_explained("it gives a vector")
    values = np.asarray(found, dtype=np.float64)
    return Contributions(
        names=signature.columns(),
        values=values[:, :-1],
        base=values[:, -1],
        error=np.zeros_like(values[:, :-1]),
        space="raw",
        method=method,
    )


def not_lowered(why: str) -> NoReturn:
    """Raise NotLowered with the reason, which packages keep and show."""
    raise NotLowered(f"{why[0].upper()}{why[1:]}.", next_step="It serves by its framework's own runtime.")


def not_explained(why: str) -> NoReturn:
    """Raise NotExplained; whoever asked goes on with sampled Shapley values."""
    raise NotExplained(f"There is no exact explanation: {why}.", next_step="Contributions are sampled instead.")
