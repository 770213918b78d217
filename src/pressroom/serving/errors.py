"""What can be wrong with serving.

PressroomError
├── NotFound ── UnknownEndpoint   nothing answers under this name
└── Refused ─── PushRefused       a check of the push failed; what served before serves on
"""

from pressroom.values import NotFound, Refused


class UnknownEndpoint(NotFound):
    """Nothing answers under this name."""


class PushRefused(Refused):
    """A check of the push failed; what served before serves on."""
