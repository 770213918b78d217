"""What can be wrong with experiments.

PressroomError
└── Refused ── NoExposures   nothing to read out
"""

from pressroom.values import Refused


class NoExposures(Refused):
    """Nothing to read out."""
