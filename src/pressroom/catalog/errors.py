"""What can be wrong with catalog entries.

PressroomError
└── NotFound ── UnknownEntry   nothing in the catalog answers to this name or digest
"""

from pressroom.values import NotFound


class UnknownEntry(NotFound):
    """Nothing in the catalog answers to this name or digest."""
