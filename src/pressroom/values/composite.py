"""Composite keys: several keys taken together, and how their names and values are written as one.

The names are joined with "+", which no name has. The values are written with their lengths in front, so that two
different rows of values never read the same, whatever characters they hold.
"""

from collections.abc import Iterable, Sequence

_PLUS = "+"
_COLON = ":"


def compose_names(names: Iterable[str]) -> str:
    """`origin`, `carrier` -> `origin+carrier`; a name alone stays as it is."""
    return _PLUS.join(names)


def parts_of(name: str) -> tuple[str, ...]:
    """`origin+carrier` -> `origin`, `carrier`: the names that stand in a key's or an entity's name."""
    return tuple(name.split(_PLUS))


def compose_key(values: Sequence[str | None]) -> str | None:
    """`JFK`, `AA` -> `3:JFK2:AA`, lengths in code points; a value alone stays as it is. None where a value is None."""
    present = [value for value in values if value is not None]
    if len(present) < len(values):
        return None
    return present[0] if len(present) == 1 else "".join(f"{len(value)}{_COLON}{value}" for value in present)


def values_in(key: str, count: int) -> tuple[str, ...]:
    """The `count` values of which a key was made by `compose_key`."""
    if count == 1:
        return (key,)
    values: list[str] = []
    at = 0
    for _ in range(count):
        colon = key.index(_COLON, at)
        at = colon + 1 + int(key[at:colon])
        values.append(key[colon + 1 : at])
    return tuple(values)


def readable_key(key: str, count: int) -> str:
    """A key as people read it: `JFK + AA`. Not to be read back."""
    return f" {_PLUS} ".join(values_in(key, count))
