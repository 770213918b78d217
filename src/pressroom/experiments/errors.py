"""What can be wrong with experiments.

PressroomError
└── Refused ─┬─ NoExposures   nobody was shown anything
             └─ NoOutcomes    too little is known of what happened afterwards
"""

from pressroom.values import Refused


class NoExposures(Refused):
    """Nobody was shown anything."""


class NoOutcomes(Refused):
    """Too little is known of what happened afterwards."""
