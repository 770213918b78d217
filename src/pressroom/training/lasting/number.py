"""Losses and metrics as numbers, whatever they came as."""

from typing import Any

from pressroom.training.errors import BadTraining


def number_of(value: Any) -> float:
    """A number, also of a tensor that gradients hang on."""
    plain = value.detach() if hasattr(value, "detach") else value
    try:
        return float(plain)
    except (TypeError, ValueError) as error:
        raise BadTraining(
            f"A metric is a {type(value).__name__}, no number.", next_step="Give one number: .mean() of it, perhaps."
        ) from error
