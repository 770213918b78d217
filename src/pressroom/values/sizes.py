"""Sizes of memory and storage, as people write them."""

import re

from pressroom.values.errors import InvalidInput

_UNITS = {"B": 1, "kB": 10**3, "MB": 10**6, "GB": 10**9, "TB": 10**12, "KiB": 1 << 10, "MiB": 1 << 20, "GiB": 1 << 30}
_SIZE = re.compile(r"(\d+)\s*(B|kB|MB|GB|TB|KiB|MiB|GiB)\Z")


def parse_size(text: str) -> int:
    """`4GB`, `512MiB`, `100kB` in bytes; 0 and unknown units are refused."""
    match = _SIZE.match(text.strip())
    size = 0 if match is None else int(match[1]) * _UNITS[match[2]]
    if not size:
        raise InvalidInput(f"{text!r} is no size.", next_step="Write a whole number and kB, MB, GB, MiB or GiB: 4GB.")
    return size


def format_size(size_bytes: int) -> str:
    """To three figures, in the largest unit that leaves at least one: 1.23 GB."""
    for unit in ("TB", "GB", "MB", "kB"):
        if size_bytes >= _UNITS[unit]:
            return f"{size_bytes / _UNITS[unit]:.3g} {unit}"
    return f"{size_bytes} B"
