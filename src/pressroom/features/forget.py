"""Forgetting online: a subject's own packed rows go, and those of others that its facts were in are made anew."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from pressroom.facts import Facts
from pressroom.features.arrivals import columns_of
from pressroom.features.errors import OfflineOnly
from pressroom.features.rebuild import rebuilt
from pressroom.features.stream import Stream, position_key, streams_of
from pressroom.features.view import View
from pressroom.ports import Keys

Neighbours = Mapping[tuple[str, str], Sequence[str]]
"""Who else a subject's facts were about: the names under a key of a fact type, by (fact, key)."""


@dataclass(frozen=True, slots=True, kw_only=True)
class ForgottenOnline:
    """How many packed rows were the subject's own and are gone, and how many of others were made anew."""

    removed: int
    rebuilt: int


def forget(
    views: Sequence[View], *, entity: str, subject: str, neighbours: Neighbours, facts: Facts, keys: Keys
) -> ForgottenOnline:
    """Forget a subject whose facts are gone from the tables and the log already. `views`: all that there ever were.

    Others are asked meanwhile and get their old answer or the new one. Doing it again changes nothing.
    """
    with keys.exclusive():
        there = keys.get_many([position_key(view) for view in views])
        streams = [stream for view, at in zip(views, there, strict=True) if at is not None for stream in _streams(view)]
        own = [_key(stream, subject) for stream in streams if stream.view.entity == entity]
        removed = sum(value is not None for value in keys.get_many(own))
        keys.delete_many(own)
        made = sum(_make_anew(stream, _others(stream, entity, subject, neighbours), facts, keys) for stream in streams)
        keys.scrub()
    return ForgottenOnline(removed=removed, rebuilt=made)


def is_online(views: Sequence[View], *, entity: str, subject: str, keys: Keys) -> bool:
    """Whether any packed row is the subject's own."""
    own = [_key(stream, subject) for view in views if view.entity == entity for stream in _streams(view)]
    return any(value is not None for value in keys.get_many(own))


def _streams(view: View) -> tuple[Stream, ...]:
    with suppress(OfflineOnly):
        return streams_of(view)
    return ()


def _key(stream: Stream, name: str) -> bytes:
    return stream.prefix + name.encode()


def _others(stream: Stream, entity: str, subject: str, neighbours: Neighbours) -> list[str]:
    names = neighbours.get((stream.fact.name, stream.by), ())
    return [name for name in names if stream.view.entity != entity or name != subject]


def _make_anew(stream: Stream, names: Sequence[str], facts: Facts, keys: Keys) -> int:
    if not names:
        return 0
    history, _ = facts.history(stream.fact, [column.name for column in columns_of(stream)])
    theirs = history.filter(pc.is_in(history.column(stream.by), value_set=pa.array(names, pa.string())))
    rows = rebuilt(stream, theirs, facts.now())
    keys.put_many(rows)
    keys.delete_many([key for name in names if (key := _key(stream, name)) not in rows])
    return len(names)
