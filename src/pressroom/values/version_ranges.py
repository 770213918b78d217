"""Ranges of versions, as consumers pin them: `^2` (2.anything), `^2.1` (2.1 or later 2.x), `~2.1` (2.1.x), `2.1.3`."""

import re
from dataclasses import dataclass

from pressroom.values.errors import InvalidInput
from pressroom.values.versions import Version

_RANGE = re.compile(r"([\^~]?)(\d+)(?:\.(\d+))?(?:\.(\d+))?\Z")
_END = 1 << 62


@dataclass(frozen=True, slots=True)
class VersionRange:
    """Versions from `low` up to `high`, which is not in it."""

    low: Version
    high: Version

    @staticmethod
    def parse(text: str) -> "VersionRange":
        """Read a range; refuses anything else. Without a sign, the numbers that are given must be met."""
        match = _RANGE.match(text)
        if match is None:
            raise InvalidInput(f"{text!r} is no range of versions.", next_step="Write ^2, ^2.1, ~2.1 or 2.1.0.")
        sign, major, minor, patch = match[1], int(match[2]), match[3], match[4]
        low = Version(major, int(minor or 0), int(patch or 0))
        if sign == "^" or minor is None:
            return VersionRange(low, Version(major + 1, 0, 0))
        if sign == "~" or patch is None:
            return VersionRange(low, Version(major, int(minor) + 1, 0))
        return VersionRange(low, Version(major, int(minor), int(patch) + 1))

    @staticmethod
    def matches(text: str) -> bool:
        """Whether `text` is written as a range."""
        return _RANGE.match(text) is not None

    def __contains__(self, version: Version) -> bool:
        """Whether a version is in the range."""
        return self.low <= version < self.high
