"""Forgetting online: a subject's own packed rows go, and those of others that its facts were in are made anew."""

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

import pyarrow as pa
import pyarrow.compute as pc

from pressroom.facts import Facts, key_column
from pressroom.features.arrivals import columns_of
from pressroom.features.errors import OfflineOnly
from pressroom.features.rebuild import rebuilt
from pressroom.features.stream import Stream, position_key, streams_of
from pressroom.features.view import View
from pressroom.ports import Keys
from pressroom.values import parts_of, values_in

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
        removed = made = 0
        for stream in streams:
            concerned = _concerned(stream, entity, subject, neighbours, keys)
            own = [_key(stream, name) for name in concerned.own]
            removed += sum(value is not None for value in keys.get_many(own))
            keys.delete_many(own)
            made += _make_anew(stream, concerned.others, facts, keys)
        keys.scrub()
    return ForgottenOnline(removed=removed, rebuilt=made)


def is_online(views: Sequence[View], *, entity: str, subject: str, keys: Keys) -> bool:
    """Whether any packed row is the subject's own, alone or together with others."""
    own = [
        _key(stream, name)
        for view in views
        if entity in parts_of(view.entity)
        for stream in _streams(view)
        for name in _concerned(stream, entity, subject, {}, keys).own
    ]
    return any(value is not None for value in keys.get_many(own))


def _streams(view: View) -> tuple[Stream, ...]:
    with suppress(OfflineOnly):
        return streams_of(view)
    return ()


def _key(stream: Stream, name: str) -> bytes:
    return stream.prefix + name.encode()


@dataclass(frozen=True, slots=True, kw_only=True)
class _Concerned:
    """The names whose packed rows are the subject's own, and those of others that its facts may be in."""

    own: list[str]
    others: list[str]


def _concerned(stream: Stream, entity: str, subject: str, neighbours: Neighbours, keys: Keys) -> _Concerned:
    entities, names = parts_of(stream.view.entity), parts_of(stream.by)
    near = [set(neighbours.get((stream.fact.name, name), ())) for name in names]
    if len(names) == 1:
        own = entities == (entity,)
        return _Concerned(own=[subject] if own else [], others=sorted(near[0] - {subject} if own else near[0]))
    found = _Concerned(own=[], others=[])
    for key, _ in keys.scan(stream.prefix):
        name = key[len(stream.prefix) :].decode()
        values = values_in(name, len(names))
        if (entity, subject) in zip(entities, values, strict=True):
            found.own.append(name)
        # Who was in a fact together is not noted: whoever may have been is made anew, which changes nothing for others.
        elif all(value in others for value, others in zip(values, near, strict=True)):
            found.others.append(name)
    return found


def _make_anew(stream: Stream, names: Sequence[str], facts: Facts, keys: Keys) -> int:
    if not names:
        return 0
    history, _ = facts.history(stream.fact, [column.name for column in columns_of(stream)])
    theirs = history.filter(pc.is_in(key_column(history, stream.by), value_set=pa.array(names, pa.string())))
    rows = rebuilt(stream, theirs, facts.now())
    keys.put_many(rows)
    keys.delete_many([key for name in names if (key := _key(stream, name)) not in rows])
    return len(names)
