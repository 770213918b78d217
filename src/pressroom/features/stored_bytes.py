"""How much the online store keeps of a view."""

from pressroom.features.stream import streams_of
from pressroom.features.view import View
from pressroom.ports import Keys


def stored_bytes(view: View, keys: Keys) -> int:
    """The bytes of all packed rows of a view, with their keys. Reads all of them."""
    return sum(len(key) + len(value) for stream in streams_of(view) for key, value in keys.scan(stream.prefix))
