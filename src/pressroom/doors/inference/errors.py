"""What can stand against serving.

PressroomError
├── Conflict ── PortTaken        another process listens there already
└── Refused ─── UnreadableKey    a TLS file that is named can't be read
"""

from pressroom.values import Conflict, Refused


class PortTaken(Conflict):
    """Another process listens there already."""


class UnreadableKey(Refused):
    """A TLS file that is named can't be read."""
