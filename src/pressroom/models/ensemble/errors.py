"""What can be wrong with an ensemble.

PressroomError
└── InvalidInput ── BadEnsemble   parts that do not fit together: which, and why
"""

from pressroom.values import InvalidInput


class BadEnsemble(InvalidInput):
    """Parts of an ensemble do not fit together."""
