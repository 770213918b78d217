"""What can be wrong with catalog entries.

PressroomError
├── NotFound ── UnknownEntry   nothing in the catalog answers to this name or digest
└── Refused ─── NotTheOwner    only its owner may do this with an entry
"""

from pressroom.values import NotFound, Refused


class UnknownEntry(NotFound):
    """Nothing in the catalog answers to this name or digest."""


class NotTheOwner(Refused):
    """Only its owner may do this with an entry."""
