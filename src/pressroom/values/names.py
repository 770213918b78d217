"""Names: what may be called what."""

import re

from pressroom.values.errors import InvalidInput

_NAME = re.compile(r"[a-z][a-z0-9_]*(?:\.[a-z][a-z0-9_]*)*\Z")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])")
_LONGEST = 128


def snake_case(class_name: str) -> str:
    """`WeatherObserved` -> `weather_observed`: how a class's name is spelled in tables, files and URLs."""
    return _HUMP.sub("_", class_name).lower()


def check_name(name: str, *, what: str) -> str:
    """Return `name` if it may name a `what`; names go into paths, URLs and SQL, so only `a_b.c_d` is let through."""
    if len(name) > _LONGEST or not _NAME.match(name):
        raise InvalidInput(
            f"{name!r} can't name {what}.",
            next_step="Use lower-case letters, digits and _, starting with a letter, parts joined by a dot.",
        )
    return name
