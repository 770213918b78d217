"""What is wanted by a name: `ctr` (in use), `ctr@^2` (a range), `ctr@production` (an alias), `ctr@4f1c9a02` (a digest).

Pure: which of the entries there are is meant. A range means the highest version in it that is not withdrawn.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from pressroom.catalog.entry import Entry
from pressroom.values import InvalidInput, Version, VersionRange, check_name

_DIGEST = re.compile(r"(?:sha256:)?([0-9a-f]{8,64})\Z")


@dataclass(frozen=True, slots=True, kw_only=True)
class Wanted:
    """A name and what stands after its `@`; empty: whatever is in use."""

    name: str
    pin: str = ""

    def __str__(self) -> str:
        """As people write it."""
        return f"{self.name}@{self.pin}" if self.pin else self.name

    def is_range(self) -> bool:
        """Whether a range is pinned."""
        return VersionRange.matches(self.pin)

    def digest_prefix(self) -> str:
        """The beginning of a digest that is pinned; empty where none is."""
        match = _DIGEST.match(self.pin)
        return "" if match is None else match[1]

    def allows(self, version: str) -> bool:
        """Whether a consumer with this pin may be given a version; one without a pin may be given any."""
        return not self.pin or (self.is_range() and Version.parse(version) in VersionRange.parse(self.pin))


def parse_wanted(text: str) -> Wanted:
    """Read `name` or `name@pin`. Refuses names that can't be, and a pin that is neither range, alias nor digest."""
    name, at, pin = text.partition("@")
    check_name(name, what="a model")
    if at and not pin:
        raise InvalidInput(f"{text!r} pins nothing.", next_step="Write a range, an alias or a digest after the @.")
    wanted = Wanted(name=name, pin=pin)
    if pin and not wanted.is_range() and not wanted.digest_prefix():
        check_name(pin, what="an alias")
    return wanted


def highest(entries: Sequence[Entry], wanted: Wanted) -> Entry | None:
    """The entry with the highest version in the pinned range."""
    fitting = [entry for entry in entries if wanted.allows(entry.version)]
    return max(fitting, key=lambda entry: (Version.parse(entry.version), entry.created), default=None)
