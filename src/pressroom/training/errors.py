"""What can be wrong with training.

PressroomError
├── InvalidInput ── NoRows        nothing to learn from
└── Refused ─────── NoBaseline    a model without a baseline measured beside it
"""

from pressroom.values import InvalidInput, Refused


class NoRows(InvalidInput):
    """Nothing to learn from."""


class NoBaseline(Refused):
    """A model without a baseline measured beside it."""
