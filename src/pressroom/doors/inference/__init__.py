"""How machines come in: the prediction server.

Bytes in, bytes out: what is asked and answered is `serving`'s business. Our own protocol over HTTP, JSON bodies; the
address is loopback unless the settings say otherwise.
"""

from pressroom.doors.inference.server import serve

__all__ = ["serve"]
