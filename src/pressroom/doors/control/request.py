"""Requests: the query and the headers as what has to be said about a batch."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TypeVar
from urllib.parse import parse_qsl

from pressroom.doors.control.errors import MalformedRequest, UnknownForm
from pressroom.facts import Change, KnownRule, did_you_mean
from pressroom.values import InvalidInput

FORMS = {
    "application/json": "rows",
    "application/x-ndjson": "json",
    "application/jsonl": "json",
    "text/csv": "csv",
    "application/vnd.apache.arrow.stream": "arrow",
    "application/vnd.apache.arrow.file": "arrow",
    "application/vnd.apache.parquet": "parquet",
}
"""What a content type says a body holds."""

_FIELDS = ("source", "batch", "known", "zone", "change", "on_bad", "repeats", "mends")
_CHANGES: dict[str, Change] = {"says": "says", "corrects": "corrects", "retracts": "retracts"}
_ON_BAD = {"refuse": True, "set-aside": False}
_TRUTHS = {"true": True, "false": False}
_LONGEST = 256
_NO_PLUS = re.compile(r"event\s+(?=\d)")
Value = TypeVar("Value")


@dataclass(frozen=True, slots=True, kw_only=True)
class Request:
    """A request as it came, its body read."""

    method: str
    path: str
    query: str = ""
    headers: Mapping[str, str] = field(default_factory=dict)
    body: bytes = b""


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """What the query says about a batch; `known` None: nothing was said."""

    source: str
    batch: str
    known: KnownRule | None
    zone: str | None
    change: Change
    refuse_bad_rows: bool
    repeats: bool
    mends: str


def read_query(query: str) -> Said:
    """Read a query. Raises MalformedRequest, naming the field and what was expected."""
    told = _fields(query)
    return Said(
        source=_text(told, "source", default="http"),
        batch=_text(told, "batch"),
        known=_known(told.get("known")),
        zone=told.get("zone"),
        change=_one_of(told, "change", _CHANGES, default="says"),
        refuse_bad_rows=_one_of(told, "on_bad", _ON_BAD, default="refuse"),
        repeats=_one_of(told, "repeats", _TRUTHS, default="false"),
        mends=_text(told, "mends"),
    )


def read_form(headers: Mapping[str, str]) -> str:
    """What the body holds, by its content type. Raises UnknownForm."""
    told, _, more = headers.get("content-type", "").partition(";")
    form = FORMS.get(told.strip().lower())
    charset = more.strip().lower().removeprefix("charset=").strip('"') or "utf-8"
    if form is None or charset not in ("utf-8", "utf8", "us-ascii"):
        raise UnknownForm(
            f"The content type is {headers.get('content-type', '')!r}.",
            field="content-type",
            next_step=f"Send one of {', '.join(FORMS)}, text in UTF-8.",
        )
    return form


def _fields(query: str) -> dict[str, str]:
    try:
        pairs = parse_qsl(query, keep_blank_values=True, strict_parsing=bool(query), errors="strict", max_num_fields=20)
    except (ValueError, UnicodeDecodeError) as error:
        raise MalformedRequest(
            f"The query can't be read: {error}.", field="query", next_step="Write field=value&field=value."
        ) from error
    told = dict(pairs)
    for name in told:
        if name not in _FIELDS:
            raise MalformedRequest(f"There is no field {name!r}.", field=name, next_step=did_you_mean(name, _FIELDS))
    if len(told) < len(pairs):
        raise MalformedRequest("A field is said twice.", field="query", next_step="Say every field once.")
    return told


def _text(told: Mapping[str, str], name: str, *, default: str = "") -> str:
    text = told.get(name, default)
    if len(text) > _LONGEST or not text.isprintable() or (name in told and not text.strip()):
        raise MalformedRequest(
            f"{name} is {text[:_LONGEST]!r}.", field=name, next_step=f"Give 1 to {_LONGEST} signs that can be printed."
        )
    return text


def _one_of(told: Mapping[str, str], name: str, values: Mapping[str, Value], *, default: str) -> Value:
    text = told.get(name, default)
    if text not in values:
        raise MalformedRequest(f"{name} is {text!r}.", field=name, next_step=f"It is one of {', '.join(values)}.")
    return values[text]


def _known(text: str | None) -> KnownRule | None:
    if text is None:
        return None
    try:
        # In a query a plus is a space, unless somebody wrote it as %2B.
        return KnownRule.parse(_NO_PLUS.sub("event + ", text.strip()))
    except InvalidInput as error:
        raise MalformedRequest(error.message, field="known", next_step=error.next_step) from error
