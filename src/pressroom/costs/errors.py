"""What costs may answer instead of a number.

PressroomError
├── InvalidInput ── InvalidPriceBook   a price book lacks a field, has one too many, or holds what is no price
├── NotFound ────── NoSuchProcess      the process to be measured is gone
└── Refused ─────── NotMeasuring       a meter was read before it ran
"""

from pressroom.values import InvalidInput, NotFound, Refused


class InvalidPriceBook(InvalidInput):
    """A price book lacks a field, has one too many, or holds what is no price."""


class NoSuchProcess(NotFound):
    """The process to be measured is gone."""


class NotMeasuring(Refused):
    """A meter was read before it ran."""
