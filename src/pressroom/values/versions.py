"""Semantic versions: what a consumer may expect. They are worked out, never typed."""

import re
from dataclasses import dataclass
from enum import Enum

from pressroom.values.errors import InvalidInput

_VERSION = re.compile(r"(\d+)\.(\d+)\.(\d+)\Z")


class Change(Enum):
    """How much a new artifact differs from the one before it, for those who use it."""

    MAJOR = "major"
    MINOR = "minor"
    PATCH = "patch"


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """`major.minor.patch`, ordered."""

    major: int
    minor: int
    patch: int

    @staticmethod
    def parse(text: str) -> "Version":
        """Read `1.2.3`; anything else is refused."""
        match = _VERSION.match(text)
        if match is None:
            raise InvalidInput(f"{text!r} is no version.", next_step="Write it as major.minor.patch, like 1.2.0.")
        return Version(int(match[1]), int(match[2]), int(match[3]))

    def after(self, change: Change) -> "Version":
        """The version that follows this one after `change`."""
        if change is Change.MAJOR:
            return Version(self.major + 1, 0, 0)
        if change is Change.MINOR:
            return Version(self.major, self.minor + 1, 0)
        return Version(self.major, self.minor, self.patch + 1)

    def __str__(self) -> str:
        """As people write it."""
        return f"{self.major}.{self.minor}.{self.patch}"


FIRST = Version(1, 0, 0)
