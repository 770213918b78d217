"""What can stand against a server's start.

PressroomError
├── Conflict ── PortTaken        another process listens there already
├── NotFound ── ExtraMissing     what is asked for needs a library that is not installed
└── Refused ─── UnreadableKey    a TLS file that is named can't be read
"""

from pressroom.values import Conflict, NotFound, Refused


class PortTaken(Conflict):
    """Another process listens there already."""


class UnreadableKey(Refused):
    """A TLS file that is named can't be read."""


class ExtraMissing(NotFound):
    """What is asked for needs a library that is not installed."""
