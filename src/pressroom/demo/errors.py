"""What can go wrong with the demo.

PressroomError
└── Refused ┬─ NotOurFolder    a folder that holds something else
            └─ ServerDown      the prediction server did not come up, or answered with an error
"""

from pressroom.values import Refused


class NotOurFolder(Refused):
    """A folder that holds something else."""


class ServerDown(Refused):
    """The prediction server did not come up, or answered with an error."""
