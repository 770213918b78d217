"""How machines bring facts in: the control server.

Bytes in, bytes out: what a batch is and what becomes of it is the business of `facts`. Facts over HTTP, in the formats
that files have; the address is loopback unless the settings say otherwise.
"""

from pressroom.doors.control.server import control

__all__ = ["control"]
