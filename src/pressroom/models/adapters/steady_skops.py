"""A skops file without what changes from one writing to the next: the time of day, and addresses in memory as names."""

import io
import json
import zipfile
from typing import Any

_SCHEMA = "schema.json"
_EPOCH = (1980, 1, 1, 0, 0, 0)


def steady(content: bytes) -> bytes:
    """The same objects under numbers in the order of their appearance: equal models give equal bytes."""
    with zipfile.ZipFile(io.BytesIO(content)) as given:
        files = {name: given.read(name) for name in given.namelist()}
    schema = json.loads(files.pop(_SCHEMA))
    numbers: dict[int, int] = {}
    names: dict[str, str] = {}
    _renumber(schema, numbers, names)
    sink = io.BytesIO()
    with zipfile.ZipFile(sink, "w") as made:
        contents = {names.get(name, name): data for name, data in files.items()}
        contents[_SCHEMA] = json.dumps(schema, sort_keys=True).encode()
        for name in sorted(contents):
            made.writestr(zipfile.ZipInfo(name, date_time=_EPOCH), contents[name])
    return sink.getvalue()


def _renumber(part: Any, numbers: dict[int, int], names: dict[str, str]) -> None:
    if isinstance(part, list):
        for inner in part:
            _renumber(inner, numbers, names)
    if not isinstance(part, dict):
        return
    if isinstance(part.get("__id__"), int):
        part["__id__"] = numbers.setdefault(part["__id__"], len(numbers) + 1)
    if isinstance(part.get("file"), str):
        _, dot, ending = part["file"].rpartition(".")
        part["file"] = names.setdefault(part["file"], f"{len(names) + 1}{dot}{ending}")
    for inner in part.values():
        _renumber(inner, numbers, names)
