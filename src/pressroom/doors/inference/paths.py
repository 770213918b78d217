"""Paths: what each means. A table by hand, for there are few."""

from dataclasses import dataclass
from typing import Literal

Kind = Literal[
    "predict", "infer", "live", "ready", "endpoints", "endpoint", "server", "model", "model_ready", "metrics",
    "openapi", "nothing",
]  # fmt: skip

_FIXED: dict[str, Kind] = {
    "/health/live": "live",
    "/health/ready": "ready",
    "/v1/endpoints": "endpoints",
    "/metrics": "metrics",
    "/openapi.json": "openapi",
    "/v2": "server",
    "/v2/": "server",
    "/v2/health/live": "live",
    "/v2/health/ready": "ready",
}
_OWN, _PREDICT = "/v1/endpoints/", ":predict"
_MODELS = "/v2/models/"
_LONGEST_VERSION = 9


@dataclass(frozen=True, slots=True)
class Place:
    """What a path means, of which endpoint, in which version (None: the one in use)."""

    kind: Kind
    name: str = ""
    version: int | None = None
    is_oip: bool = False


def place_of(path: str) -> Place:
    """What a path means."""
    if path.startswith(_OWN):
        name = path[len(_OWN) :]
        if name.endswith(_PREDICT):
            name = name[: -len(_PREDICT)]
            return Place("predict", name) if _is_name(name) else Place("nothing")
        return Place("endpoint", name) if _is_name(name) else Place("nothing")
    if path.startswith(_MODELS):
        return _model(path[len(_MODELS) :].split("/"))
    return Place(_FIXED.get(path, "nothing"), is_oip=path.startswith("/v2"))


def _is_name(text: str) -> bool:
    return bool(text) and "/" not in text and ":" not in text


def _model(parts: list[str]) -> Place:
    name, rest, version = parts[0], parts[1:], None
    if rest[:1] == ["versions"] and len(rest) > 1:
        told = rest[1]
        if not (told.isascii() and told.isdigit() and len(told) <= _LONGEST_VERSION):
            return Place("nothing", is_oip=True)
        version, rest = int(told), rest[2:]
    kinds: dict[tuple[str, ...], Kind] = {(): "model", ("infer",): "infer", ("ready",): "model_ready"}
    kind = kinds.get(tuple(rest))
    if kind is None or not _is_name(name):
        return Place("nothing", is_oip=True)
    return Place(kind, name, version, is_oip=True)
